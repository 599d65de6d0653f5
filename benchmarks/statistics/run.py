"""Does the statistics engine keep its promises? Simulated experiments: the nominal rate beside the observed one.

    .venv/bin/python benchmarks/statistics/run.py

Every row calls the engine itself; only drawing the units is vectorised. A row fails when its rate leaves the band
that 99.9 % of honest simulations stay within (or, for an upper limit, exceeds it). Rows of methods known to be wrong
are marked, and must fail: they show that the simulation can tell.
"""

import math
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from flaghoist.statistics.bayesian import beta_posterior
from flaghoist.statistics.cuped import CovariateMoments, adjust
from flaghoist.statistics.effects import Alternative, Effect
from flaghoist.statistics.estimates import Estimate
from flaghoist.statistics.frequentist import absolute, absolute_z, fieller, log_ratio, relative
from flaghoist.statistics.guardrails import regression_probability
from flaghoist.statistics.moments import Moments
from flaghoist.statistics.multiplicity import benjamini_hochberg
from flaghoist.statistics.odds import probability_higher
from flaghoist.statistics.proportions import Proportion
from flaghoist.statistics.quantiles import Quantile, ranks
from flaghoist.statistics.ratios import RatioMoments
from flaghoist.statistics.sample_ratio import sample_ratio
from flaghoist.statistics.sequential import Seen, always_valid, ready, tuning

Floats = NDArray[np.float64]
Method = Callable[..., Effect]
Draw = Callable[[np.random.Generator, tuple[int, int]], Floats]

SEED = 20251123

# The relative z test, as LaunchDarkly documents it, leans when some twenty units per arm convert.
LEANS = {("A/A, 2 % convert", "relative")}


@dataclass(frozen=True)
class Row:
    """One promise and what became of it; `at_most` when the nominal rate is only a limit."""

    question: str
    method: str
    runs: int
    nominal: float
    observed: float
    at_most: bool = False
    known_wrong: bool = False

    @property
    def kept(self) -> bool:
        """Whether the observed rate is one that an honest method would show."""
        low, high = stats.binom.ppf([0.0005, 0.9995], self.runs, self.nominal) / self.runs
        return bool(self.observed <= high and (self.at_most or self.observed >= low))

    @property
    def as_expected(self) -> bool:
        """Kept by a right method, or broken by a wrong one."""
        return self.kept != self.known_wrong


def main() -> int:
    """Print the table; the exit status is 1 when any row is not as expected."""
    started = time.perf_counter()
    print("| question | method | runs | nominal | observed | |")
    print("|---|---|---:|---:|---:|---|")
    rows = []
    for section in (
        equal_arms,
        ratios,
        covariates,
        percentiles,
        coverage,
        repeated_looks,
        guardrails,
        splits,
        discoveries,
    ):
        for row in section(np.random.default_rng(SEED)):
            rows.append(row)
            limit = "≤ " if row.at_most else ""
            verdict = ("kept" if row.kept else "broken") + (" (known to be wrong)" if row.known_wrong else "")
            figures = f"{row.runs} | {limit}{row.nominal:g} | {row.observed:.4f}"
            print(f"| {row.question} | {row.method} | {figures} | {verdict} |", flush=True)
    sensitivity(np.random.default_rng(SEED))
    calibration(np.random.default_rng(SEED))
    surprises = [row for row in rows if not row.as_expected]
    print(f"\n{len(rows)} rates, {len(surprises)} not as expected; {time.perf_counter() - started:.0f} s")
    return 1 if surprises else 0


def equal_arms(generator: np.random.Generator) -> Iterator[Row]:
    """Two arms alike: how often a test at 5 % claims a difference."""
    runs, units = 10_000, 1000
    kinds: dict[str, Draw] = {
        "A/A, 50 % convert": lambda g, size: g.binomial(1, 0.5, size).astype(float),
        "A/A, 10 % convert": lambda g, size: g.binomial(1, 0.1, size).astype(float),
        "A/A, 2 % convert": lambda g, size: g.binomial(1, 0.02, size).astype(float),
        "A/A, counts": lambda g, size: g.poisson(1.5, size).astype(float),
        "A/A, lognormal": lambda g, size: g.lognormal(0, 1, size),
        "A/A, revenue, 70 % none": lambda g, size: g.binomial(1, 0.3, size) * g.exponential(20, size),
    }
    for question, draw in kinds.items():
        pairs = list(
            zip(_estimates(draw, generator, runs, units), _estimates(draw, generator, runs, units), strict=True)
        )
        for method in (absolute, relative, log_ratio, fieller):
            name = method.__name__
            leans = (question, name) in LEANS
            yield Row(f"{question}, n {units}", name, runs, 0.05, _alarms(pairs, method), known_wrong=leans)


def ratios(generator: np.random.Generator) -> Iterator[Row]:
    """Revenue per order, customers randomised."""
    runs, units = 6000, 1000
    arms = [[_ratio(generator, units) for _ in range(runs)] for _ in range(2)]
    honest = [(a.estimate(), b.estimate()) for a, b in zip(*arms, strict=True)]
    wrong = [(_per_order(a), _per_order(b)) for a, b in zip(*arms, strict=True)]
    yield Row("A/A, ratio", "delta method", runs, 0.05, _alarms(honest, relative))
    yield Row("A/A, ratio", "fieller", runs, 0.05, _alarms(honest, fieller))
    yield Row("A/A, ratio", "orders taken for units", runs, 0.05, _alarms(wrong, relative), known_wrong=True)


def covariates(generator: np.random.Generator) -> Iterator[Row]:
    """A value that follows its pre-experiment covariate."""
    runs, units = 6000, 1000
    pairs, reductions = [], []
    for _ in range(runs):
        adjusted = adjust([_covariate(generator, units) for _ in range(2)])
        assert isinstance(adjusted, list)
        pairs.append((adjusted[0].estimate, adjusted[1].estimate))
        reductions.append(adjusted[0].variance_reduction)
    saved = f"CUPED (variance −{100 * np.mean(reductions):.0f} %)"
    yield Row("A/A, covariate", saved, runs, 0.05, _alarms(pairs, absolute))


def percentiles(generator: np.random.Generator) -> Iterator[Row]:
    """How often the 95 % interval of a percentile holds the truth."""
    runs, units = 4000, 2000
    for level in (0.5, 0.9, 0.99):
        truth = math.exp(float(stats.norm.ppf(level)))
        places = ranks(units, level)
        assert places is not None
        covered = 0
        for _ in range(runs):
            values = np.sort(generator.lognormal(0, 1, units))
            lower, value, upper = (float(values[rank - 1]) for rank in (places.lower, places.value, places.upper))
            seen = Quantile(units, level, value, lower, upper).estimate()
            covered += abs(seen.mean - truth) <= 1.959964 * seen.standard_error
        yield Row(f"coverage, P{100 * level:.0f}, n {units}", "order statistics", runs, 0.95, covered / runs)


def coverage(generator: np.random.Generator) -> Iterator[Row]:
    """How often the 95 % interval holds a true lift of 20 %."""
    runs = 10_000
    for units in (500, 5000):
        successes = generator.binomial(units, [0.1, 0.12], (runs, 2))
        pairs = [(Proportion(units, int(a)).estimate(), Proportion(units, int(b)).estimate()) for a, b in successes]
        truths = {absolute_z: 0.02, relative: 0.2, log_ratio: math.log(1.2), fieller: 0.2}
        for method, truth in truths.items():
            effects = [method(a, b, alpha=0.05) for a, b in pairs]
            held = np.mean([effect.interval is not None and effect.interval.contains(truth) for effect in effects])
            yield Row(f"coverage, +20 % of 10 %, n {units}", method.__name__, runs, 0.95, float(held))


def repeated_looks(generator: np.random.Generator) -> Iterator[Row]:
    """Sixty looks from 200 to 20 000 units: how often an equal pair of arms is ever called different."""
    runs, looks = 1500, np.unique(np.geomspace(100, 10_000, 60).astype(int))
    mixture = tuning(0.05, 5000)
    for question, draw in {
        "10 % convert": lambda g, size: g.binomial(1, 0.1, size).astype(float),
        "80 % zeros, else exponential": lambda g, size: g.binomial(1, 0.2, size) * g.exponential(1, size),
    }.items():
        ever = {"z at each look": 0, "always valid": 0}
        for _ in range(runs):
            alarmed = dict.fromkeys(ever, False)
            for units, control, treatment in _paths(draw, generator, looks):
                fixed = log_ratio(control, treatment, alpha=0.05)
                lasting = always_valid(fixed, 2 * units, alpha=0.05, mixture_variance=mixture)
                alarmed["z at each look"] |= _below(fixed, 0.05)
                alarmed["always valid"] |= _below(lasting, 0.05)
            for method, alarm in alarmed.items():
                ever[method] += alarm
        title = f"A/A, {len(looks)} looks, {question}"
        yield Row(title, "z at each look", runs, 0.05, ever["z at each look"] / runs, known_wrong=True)
        yield Row(title, "always valid, log ratio", runs, 0.05, ever["always valid"] / runs, at_most=True)


def guardrails(generator: np.random.Generator) -> Iterator[Row]:
    """A guardrail on a share of 2 %, checked two hundred times up to 40 000 units, at 1 % one-sided."""
    runs, checks, alpha = 1000, 200, 0.01
    for treated in (0.5, 0.1):
        ever = {"log ratio, falls": 0, "log ratio, rises": 0, "relative difference, falls": 0}
        for _ in range(runs):
            alarmed = dict.fromkeys(ever, False)
            for control, treatment in _share_paths(generator, checks, 200, treated, rate=0.02):
                for method in alarmed:
                    alarmed[method] |= _guardrail_alarm(method, control, treatment, alpha)
            for method, alarm in alarmed.items():
                ever[method] += alarm
        title = f"A/A guardrail, {checks} checks, {treated:.0%} treated"
        for method, alarms in ever.items():
            yield Row(
                title, method, runs, alpha, alarms / runs, at_most=True, known_wrong=method.startswith("relative")
            )
    yield from _believing_guardrail(generator)


def _believing_guardrail(generator: np.random.Generator) -> Iterator[Row]:
    """The same by posterior probability 0.99 at each check, which is not made for repeated looks."""
    runs, checks = 300, 50
    alarms = 0
    for _ in range(runs):
        alarms += any(
            _regressed(control, treatment)
            for control, treatment in _share_paths(generator, checks, 800, 0.5, rate=0.02)
            if min(control.successes, treatment.successes) >= 5
        )
    title = f"A/A guardrail, {checks} checks, 50% treated"
    yield Row(title, "posterior above 0.99", runs, 0.01, alarms / runs, at_most=True, known_wrong=True)


def splits(generator: np.random.Generator) -> Iterator[Row]:
    """A hundred checks of a sound split on the way to 50 000 units."""
    runs = 2000
    chi, bayes, _ = _split_alarms(generator, runs, 0.5)
    title = "sound split, 100 checks"
    yield Row(title, "chi-square .01 at each", runs, 0.01, chi / runs, known_wrong=True)
    yield Row(title, "Bayes factor 99", runs, 1 / 99, bayes / runs, at_most=True)


def discoveries(generator: np.random.Generator) -> Iterator[Row]:
    """Twenty metrics, five truly moved: the share of false among those called significant."""
    runs = 5000
    z = generator.normal(0, 1, (runs, 20)) + np.array([3.0] * 5 + [0.0] * 15)
    p_values = 2 * stats.norm.sf(np.abs(z))
    corrected: list[float] = []
    plain: list[float] = []
    for row in p_values:
        for shares, called in (
            (corrected, np.array(benjamini_hochberg(row.tolist())) <= 0.1),
            (plain, row <= 0.1),
        ):
            shares.append(called[5:].sum() / max(1, called.sum()))
    title = "false discoveries, 20 metrics"
    yield Row(title, "Benjamini–Hochberg", runs, 0.1, float(np.mean(corrected)), at_most=True)
    yield Row(title, "no correction", runs, 0.1, float(np.mean(plain)), at_most=True, known_wrong=True)


def sensitivity(generator: np.random.Generator) -> None:
    """What the careful methods still see."""
    runs = 1000
    _, bayes, reached = _split_alarms(generator, runs, 0.51)
    share = f"{bayes / runs:.1%}"
    print(f"\nA 51/49 split is found by 50 000 units in {share} of experiments, half of these by {reached:,.0f}.")


def calibration(generator: np.random.Generator) -> None:
    """Lifts drawn from the prior: how many of those believed better are."""
    runs, units, spread = 20_000, 20_000, 0.05
    lifts = generator.normal(0, spread, runs)
    controls = generator.binomial(20 * units, 0.1, runs)  # known well, as the prior's centre supposes
    treatments = generator.binomial(units, 0.1 * (1 + lifts))
    chances = np.array(
        [
            _probability_better(Proportion(20 * units, int(a)), Proportion(units, int(b)), spread * spread)
            for a, b in zip(controls, treatments, strict=True)
        ]
    )
    print("\n| believed better with | experiments | truly better |\n|---|---:|---:|")
    for low, high in [(0, 0.1), (0.1, 0.3), (0.3, 0.5), (0.5, 0.7), (0.7, 0.9), (0.9, 1.01)]:
        inside = (chances >= low) & (chances < high)
        print(f"| {chances[inside].mean():.3f} | {inside.sum()} | {np.mean(lifts[inside] > 0):.3f} |")


def _estimates(draw: Draw, generator: np.random.Generator, runs: int, units: int) -> list[Estimate]:
    values = draw(generator, (runs, units))
    means = values.mean(axis=1)
    m2 = ((values - means[:, None]) ** 2).sum(axis=1)
    return [Moments(units, float(mean), float(spread)).estimate() for mean, spread in zip(means, m2, strict=True)]


def _alarms(pairs: Iterable[tuple[Estimate, Estimate]], method: Method) -> float:
    return float(np.mean([_below(method(a, b, alpha=0.05), 0.05) for a, b in pairs]))


def _below(effect: Effect, alpha: float) -> bool:
    return effect.p_value is not None and effect.p_value < alpha


def _ratio(generator: np.random.Generator, units: int) -> RatioMoments:
    """Customers whose orders resemble each other."""
    orders = 1.0 + generator.poisson(2, units)
    revenue = orders * generator.lognormal(0, 0.5, units)
    top, bottom = revenue - revenue.mean(), orders - orders.mean()
    return RatioMoments(
        units,
        float(revenue.mean()),
        float(orders.mean()),
        float(top @ top),
        float(bottom @ bottom),
        float(top @ bottom),
    )


def _per_order(sample: RatioMoments) -> Estimate:
    """The mistake of counting orders as if each had been randomised by itself."""
    orders = round(sample.n * sample.mean_d)
    return Estimate(orders, sample.mean_n / sample.mean_d, sample.m2_n / sample.n / sample.mean_d**2 / orders)


def _covariate(generator: np.random.Generator, units: int) -> CovariateMoments:
    x = generator.exponential(3, units)
    y = x + generator.normal(0, 1.5, units)
    dx, dy = x - x.mean(), y - y.mean()
    return CovariateMoments(units, float(y.mean()), float(dy @ dy), float(x.mean()), float(dx @ dx), float(dy @ dx))


def _paths(
    draw: Draw, generator: np.random.Generator, looks: NDArray[np.int64]
) -> Iterator[tuple[int, Estimate, Estimate]]:
    """One experiment seen at each look: units per arm, control, treatment."""
    values = draw(generator, (2, int(looks[-1])))
    sums, squares = values.cumsum(axis=1)[:, looks - 1], (values * values).cumsum(axis=1)[:, looks - 1]
    means = sums / looks
    variances = (squares - sums * means) / (looks - 1) / looks  # small whole-ish values: no digits at stake
    for place, units in enumerate(looks):
        control, treatment = (
            Estimate(int(units), float(means[arm, place]), float(variances[arm, place])) for arm in (0, 1)
        )
        yield int(units), control, treatment


def _share_paths(
    generator: np.random.Generator, checks: int, step: int, treated: float, *, rate: float
) -> Iterator[tuple[Proportion, Proportion]]:
    """One rollout seen at each check, every `step` units."""
    sizes = np.array([round(step * (1 - treated)), round(step * treated)])
    successes = generator.binomial(sizes, rate, (checks, 2)).cumsum(axis=0)
    for check, (control, treatment) in enumerate(successes, start=1):
        yield Proportion(int(sizes[0] * check), int(control)), Proportion(int(sizes[1] * check), int(treatment))


def _guardrail_alarm(method: str, control: Proportion, treatment: Proportion, alpha: float) -> bool:
    alternative: Alternative = "less" if method.endswith("falls") else "greater"
    if method.startswith("log"):
        if not ready(Seen(control.n, control.successes), Seen(treatment.n, treatment.successes)):
            return False
        fixed = log_ratio(control.estimate(), treatment.estimate(), alpha=alpha, alternative=alternative)
    else:  # with the five events per arm that are often thought enough
        if min(control.successes, treatment.successes) < 5:
            return False
        fixed = relative(control.estimate(), treatment.estimate(), alpha=alpha, alternative=alternative)
    mixture = tuning(alpha, 5000, alternative)
    units = control.n + treatment.n
    return _below(always_valid(fixed, units, alpha=alpha, mixture_variance=mixture, alternative=alternative), alpha)


def _regressed(control: Proportion, treatment: Proportion) -> bool:
    a, b = beta_posterior(control).belief, beta_posterior(treatment).belief
    return regression_probability(a, b, threshold=0.0, higher_is_better=True) > 0.99


def _split_alarms(generator: np.random.Generator, runs: int, truth: float) -> tuple[int, int, float]:
    """Experiments alarmed by chi-square and by the Bayes factor, and the units at which the latter's median came."""
    totals = 500 * np.arange(1, 101)
    chi, reached = 0, []
    for row in generator.binomial(500, truth, (runs, 100)).cumsum(axis=1):
        found = [sample_ratio([int(x), int(n - x)], [1, 1], ended=False) for x, n in zip(row, totals, strict=True)]
        chi += any(each.p_value is not None and each.p_value < 0.01 for each in found)
        reached += [int(n) for each, n in zip(found, totals, strict=True) if each.status == "error"][:1]
    return chi, len(reached), float(np.median(reached)) if reached else math.inf


def _probability_better(control: Proportion, treatment: Proportion, prior_variance: float) -> float:
    belief = beta_posterior(treatment, control, prior_variance=prior_variance).belief
    return probability_higher(beta_posterior(control).belief, belief)


if __name__ == "__main__":
    sys.exit(main())
