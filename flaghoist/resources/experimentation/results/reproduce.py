"""Works every figure of results.json out anew from sums.csv and design.json; ends with 1 if any differs.

It stands alone and shares no code with the server. Run it where the files are: python reproduce.py [folder]
"""

import csv
import json
import math
import sys
from pathlib import Path
from typing import Any

from flaghoist.resources.experimentation.results.arithmetic.beliefs import belief, chances_best, odds
from flaghoist.resources.experimentation.results.arithmetic.corrections import corrections
from flaghoist.resources.experimentation.results.arithmetic.effects import (
    confidence_interval,
    effects,
    relative_difference,
)
from flaghoist.resources.experimentation.results.arithmetic.samples import metric_of, number
from flaghoist.resources.experimentation.results.arithmetic.shapes import Arm, Metric, Near, OneOf, Tree, ends, near
from flaghoist.resources.experimentation.results.arithmetic.shares import sample_ratio

GIVEN = ("notes",)  # words that repeat the reasons of missing numbers
NUDGES = (0.0, -1e-9, 1e-9)  # where a number meets a threshold to the last bit, its rounding decides


def main() -> int:
    """Compare all figures and print them."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    served = json.loads((folder / "results.json").read_text("utf-8"))
    design = json.loads((folder / "design.json").read_text("utf-8"))
    with (folder / "sums.csv").open(encoding="utf-8", newline="") as file:
        rows = [{name: number(name, text) for name, text in row.items()} for row in csv.DictReader(file)]
    metrics = [metric_of(plan, design, rows) for plan in design["metrics"]]
    compared: list[tuple[str, Any, Any, bool]] = []
    results, shares = figures(metrics), sample_ratio(metrics[0], design)
    for treatment, own in zip(served["results"][0]["treatmentResults"], results["treatments"], strict=True):
        compare(treatment, own, treatment["treatmentName"], compared)
    compare(served["sampleRatio"], shares, "sample ratio", compared)
    compare(served["probabilityOfMismatch"], shares["probabilityOfMismatch"], "probability of mismatch", compared)
    told = served["verdict"].get("winningTreatmentId")
    compare(told, None if shares["status"] == "error" else results["winner"], "winning treatment", compared)
    return _print(served, compared)


def figures(metrics: list[Metric]) -> Tree:
    """The first metric's treatments and winner; the others only bear on its corrections."""
    corrected = corrections(metrics)
    metric = metrics[0]
    beliefs = {arm.id: belief(metric, arm) for arm in metric.arms}
    known = all(found is not None for found in beliefs.values())
    chances = chances_best(metric, [found["dist"] for found in beliefs.values() if found]) if known else []
    trees = [
        _treatment(metric, arm, beliefs, chances[at] if chances else None, corrected.get((0, arm.id)))
        for at, arm in enumerate(metric.arms)
    ]
    winners = tuple(_winner(metric, trees, nudge) for nudge in range(len(NUDGES)))
    return {"treatments": trees, "winner": OneOf(winners)}


def _treatment(metric: Metric, arm: Arm, beliefs: Tree, chance: float | None, corrected: Tree | None) -> Tree:
    mine, base, all_seen = arm.estimate, metric.base, all(each.estimate.n for each in metric.arms)
    alpha = corrected["alpha"] if corrected else metric.alpha
    believed, error = beliefs[arm.id], mine.error
    counted = mine.n > 0 and mine.reason != "denominator_zero"
    mean = believed["dist"].mean() if believed and metric.bayesian else mine.mean if counted else None
    versus = [relative_difference(metric, other, arm, beliefs, alpha) for other in metric.arms if other.id != arm.id]
    tree: Tree = {
        "treatmentId": arm.id,
        "treatmentName": arm.name,
        "baseline": arm.baseline,
        "units": mine.n,
        "traffic": arm.row["exposed"],
        "events": arm.row["events"],
        "eventValuesSum": near(_total(arm), error * mine.n),
        "mean": near(mean if mine.n else None, error),
        "dataMean": near(mine.mean if counted else None, error),
        "dataStdDev": near(None if mine.reason else math.sqrt(mine.n) * error),
        "standardError": near(None if mine.reason else error),
        "credibleInterval": ends(*believed["interval"]) if believed and mine.n else None,
        "confidenceInterval": confidence_interval(metric, arm),
        "pBest": near(chance, 1.0) if all_seen else None,
        "relativeDifferences": versus,
        "sample": {
            name: value
            for name, value in arm.row.items()
            if name not in ("metric", "group", "treatmentId", "treatment", "exposed", "events", "sum")
        },
        **(believed["told"] if believed and mine.n else {}),
    }
    if not arm.baseline:
        tree |= _against_baseline(metric, base, arm, beliefs, corrected, seen=all_seen)
    return tree


def _against_baseline(
    metric: Metric, base: Arm, arm: Arm, beliefs: Tree, corrected: Tree | None, *, seen: bool
) -> Tree:
    alpha = corrected["alpha"] if corrected else metric.alpha
    absolute, relative, log_ratio = effects(metric, base, arm, alpha)
    deciding = absolute if relative.get("pValue") is None else relative
    better, loss, loss_share = odds(metric, base, arm, beliefs)
    tree = {
        "against": base.id,
        "verdict": OneOf(tuple(_verdict(metric, deciding, better, alpha, nudge) for nudge in NUDGES)),
        "alpha": near(alpha),
        "pValue": near(deciding.get("pValue")),
        "adjustedPValue": near(corrected["pValue"]) if corrected else None,
        "relativeDifference": _sized(relative),
        "absoluteDifference": _sized(absolute),
        "logRatio": _sized(log_ratio),
    }
    if not seen or better is None:
        return {"frequentist": tree}
    spread = math.hypot(beliefs[base.id]["dist"].std(), beliefs[arm.id]["dist"].std())
    return {
        "pBeatBaseline": near(better, 1.0),
        "expectedLoss": near(loss, spread),
        "expectedLossRelative": near(loss_share, spread / abs(beliefs[base.id]["dist"].mean() or 1.0)),
        "frequentist": tree,
    }


def _total(arm: Arm) -> float:
    """The sum of the units' values; a percentile's sums do not hold it, so there it is as counted."""
    row = arm.row
    if row["kind"] == "share":
        return float(row["withEvent"])
    return float(row["sum"] if row["kind"] == "percentile" else row["n"] * row["mean"])


def _winner(metric: Metric, trees: list[Tree], nudge: int) -> str | None:
    if not all(tree["units"] for tree in trees):
        return None
    if metric.bayesian:
        least = metric.credibility - NUDGES[nudge]
        sure = (tree for tree in trees if tree["pBest"] and tree["pBest"].value >= least)
        return next((tree["treatmentId"] for tree in sure), None)
    compared = [tree for tree in trees if not tree["baseline"]]
    better = [tree for tree in compared if tree["frequentist"]["verdict"].options[nudge] == "better"]
    sign = 1 if metric.higher else -1
    return max(better, key=lambda tree: sign * tree["mean"].value)["treatmentId"] if better else None


def _verdict(metric: Metric, deciding: Tree, better: float | None, alpha: float, nudge: float) -> str:
    if metric.bayesian:
        return _believed_verdict(None if better is None else better + nudge, metric.credibility)
    if deciding.get("pValue") is None or deciding.get("estimate") is None:
        return "collecting" if deciding.get("reason") == "collecting" else "undefined"
    if deciding["pValue"] * (1 + nudge) >= alpha:
        return "undecided"
    return "better" if (deciding["estimate"] > 0) == metric.higher else "worse"


def _believed_verdict(better: float | None, credibility: float) -> str:
    if better is None:
        return "undefined"
    if better >= credibility:
        return "better"
    return "worse" if better <= 1 - credibility else "undecided"


def _sized(effect: Tree) -> Tree:
    """An effect with its numbers ready to be compared."""
    size = effect.get("standardError")
    own = {name: near(value) if isinstance(value, float) else value for name, value in effect.items()}
    own |= {name: near(effect.get(name), size) for name in ("estimate",)}
    own |= {name: near(effect.get(name), 1.0) for name in ("statistic", "logEValue")}
    if effect.get("ci"):
        own["ci"] = {name: near(end, size) for name, end in effect["ci"].items()}
    return own


def compare(served: Any, own: Any, path: str, compared: list[tuple[str, Any, Any, bool]]) -> None:
    """Every leaf of both trees, by its path; what only one of them has differs."""
    if isinstance(own, dict) and isinstance(served, dict):
        for name in dict.fromkeys([*served, *own]):
            if name not in GIVEN:
                compare(served.get(name), own.get(name), f"{path} · {name}", compared)
    elif isinstance(own, list) and isinstance(served, list) and len(own) == len(served):
        for place, (theirs, ours) in enumerate(zip(served, own, strict=True)):
            compare(theirs, ours, f"{path} · {place}", compared)
    elif served is not None or _shown(own) is not None:
        compared.append((path, served, _shown(own), _equal(served, own)))


def _shown(own: Any) -> Any:
    if isinstance(own, OneOf):
        return own.options[0]
    return own.value if isinstance(own, Near) else own


def _equal(served: Any, own: Any) -> bool:
    if isinstance(own, OneOf):
        return served in own.options
    if isinstance(served, bool) or not isinstance(served, int | float):
        return bool(served == own)
    if isinstance(own, Near):
        return abs(served - own.value) <= 1e-8 * own.size + 1e-7 * min(abs(own.value), own.size)
    return own is not None and not isinstance(own, str) and served == own


def _print(served: Tree, compared: list[tuple[str, Any, Any, bool]]) -> int:
    wide = max(len(path) for path, *_ in compared)
    print(f"{served['metric']['name']}, {served['methodology']}: {served['verdict']['sentence']}\n")
    print(f"{'figure':<{wide}}  {'served':>24}  {'recomputed':>24}  equal")
    for path, theirs, ours, equal in compared:
        print(f"{path:<{wide}}  {_written(theirs):>24}  {_written(ours):>24}  {'yes' if equal else 'NO'}")
    wrong = sum(not equal for *_, equal in compared)
    print(f"\n{len(compared)} figures, {wrong} of them different.")
    return 1 if wrong else 0


def _written(value: Any) -> str:
    return f"{value:.12g}" if isinstance(value, float) else "absent" if value is None else str(value)[:24]


if __name__ == "__main__":
    sys.exit(main())
