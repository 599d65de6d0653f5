"""Normal and Student tests for one look at the end."""

import math

from scipy import stats

from flaghoist.resources.experimentation.results.arithmetic.shapes import Estimate, Tree, asked, floored, no_baseline


def absolute_of(a: Estimate, b: Estimate, alpha: float, side: str, *, welch: bool) -> Tree:
    method = "welch-t" if welch else "z"
    if a.reason or b.reason:
        return {"method": method, "reason": a.reason or b.reason}
    total = a.variance + b.variance
    freedom = None
    if welch and total > 0:
        freedom = total**2 / (a.variance**2 / (a.n - 1) + b.variance**2 / (b.n - 1))
    return judged(method, b.mean - a.mean, math.sqrt(total), alpha, side, freedom)


def relative_of(a: Estimate, b: Estimate, alpha: float, side: str) -> Tree:
    reason = a.reason or b.reason or no_baseline(a.mean, a.error)
    if reason:
        return {"method": "delta-z", "reason": reason}
    error = math.sqrt(b.variance / a.mean**2 + a.variance * b.mean**2 / a.mean**4)
    return judged("delta-z", b.mean / a.mean - 1, error, alpha, side)


def log_ratio_of(a: Estimate, b: Estimate, alpha: float, side: str) -> Tree:
    reason = a.reason or b.reason
    reason = reason or ("mean_not_positive" if min(a.mean, b.mean) <= 0 else None)
    reason = reason or ("mean_near_zero" if a.mean < a.error or b.mean < b.error else None)
    if reason:
        return {"method": "log-ratio-z", "reason": reason}
    error = math.sqrt(a.variance / a.mean**2 + b.variance / b.mean**2)
    return judged("log-ratio-z", math.log(b.mean / a.mean), error, alpha, side)


def judged(method: str, value: float, error: float, alpha: float, side: str, freedom: float | None = None) -> Tree:
    if error <= 0:
        return {"method": method, "estimate": value, "reason": "zero_variance"}
    dist = stats.norm if freedom is None else stats.t(freedom)
    reach = dist.isf(alpha / 2 if side == "two-sided" else alpha) * error
    z = value / error
    p = 2 * dist.sf(abs(z)) if side == "two-sided" else dist.sf(z if side == "greater" else -z)
    return {
        "method": method,
        "estimate": value,
        "standardError": error,
        "ci": asked(value - reach, value + reach, side),
        "statistic": z,
        "pValue": floored(p),
        "degreesOfFreedom": freedom,
    }
