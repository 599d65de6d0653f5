"""Many questions asked at once: the p-values and levels that a correction leaves."""

from collections import defaultdict
from typing import Any

from flaghoist.resources.experimentation.results.arithmetic.effects import effects
from flaghoist.resources.experimentation.results.arithmetic.shapes import Metric, Tree


def corrections(metrics: list[Metric]) -> dict[tuple[int, str], Tree]:
    """By (metric, treatment): the p-value and the level after correction, where one was asked for."""
    settings = metrics[0].settings
    method, scope = (settings.get(f"multipleComparisonCorrection{name}") for name in ("Method", "Scope"))
    if not method:
        return {}
    families: dict[Any, list[tuple[int, str, float | None]]] = defaultdict(list)
    for place, metric in enumerate(metrics):
        for arm in metric.arms:
            if not arm.baseline:
                absolute, relative, _ = effects(metric, metric.base, arm, metric.alpha)
                p = absolute.get("pValue") if relative.get("pValue") is None else relative["pValue"]
                key = {"variations": place, "metrics": arm.id}.get(str(scope))
                families[key].append((place, arm.id, p))
    return {
        (place, arm): {"pValue": None if p is None else adjusted, "alpha": level}
        for members in families.values()
        for (place, arm, p), (adjusted, level) in zip(
            members, _corrected([1.0 if p is None else p for *_, p in members], method, metrics[0].alpha), strict=True
        )
    }


def _corrected(p_values: list[float], method: str, alpha: float) -> list[tuple[float, float]]:
    """Adjusted p-value and level of each hypothesis of a family."""
    m = len(p_values)
    if method == "bonferroni":
        return [(min(1.0, m * p), alpha / m) for p in p_values]
    order = sorted(range(m), key=p_values.__getitem__)
    ranked = [p_values[at] for at in order]
    if method == "holm":
        adjusted = [max(min(1.0, (m - i) * ranked[i]) for i in range(place + 1)) for place in range(m)]
        fallen = next((place for place in range(m) if ranked[place] >= alpha / (m - place)), m - 1)
        levels = [alpha / (m - min(place, fallen)) for place in range(m)]
    else:
        adjusted = [min(1.0, *(m / (i + 1) * ranked[i] for i in range(place, m))) for place in range(m)]
        passing = max((i + 1 for i in range(m) if ranked[i] < (i + 1) * alpha / m), default=1)
        levels = [passing * alpha / m] * m
    found = dict(zip(order, zip(adjusted, levels, strict=True), strict=True))
    return [found[at] for at in range(m)]
