"""The relative differences of a metric as a drawing: each treatment's estimate and interval on one scale."""

import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

Body = Mapping[str, Any]
_WIDTH, _LABELS, _ROW, _TOP, _BOTTOM, _RIGHT = 720, 180, 44, 46, 34, 24
_TICKS_MAX = 7


def draw(results: Body) -> str:
    """An SVG that stands alone; an interval without an end reaches the edge."""
    treatments = results["results"][0]["treatmentResults"]
    base = next((each for each in treatments if each["baseline"]), None)
    rows = [(each["treatmentName"], _difference(each, base)) for each in treatments if not each["baseline"]]
    ticks = _ticks([value for _, difference in rows for value in difference.values()])
    height = _TOP + _ROW * len(rows) + _BOTTOM
    title = f"{results['metric']['name']}: difference from {base['treatmentName'] if base else 'the baseline'}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}" '
        'role="img" font-family="system-ui, sans-serif" font-size="13">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{_WIDTH}" height="{height}" fill="#fff"/>',
        f'<text x="16" y="24" font-weight="600" fill="#1a1b1e">{escape(title)}</text>',
        *(_tick(tick, ticks, height) for tick in ticks),
        *(_row(name, difference, ticks, _TOP + _ROW * at) for at, (name, difference) in enumerate(rows)),
        "</svg>\n",
    ]
    return "\n".join(parts)


def _difference(treatment: Body, base: Body | None) -> dict[str, float]:
    """Estimate and ends against the baseline, those that there are."""
    wanted = base["treatmentId"] if base else ""
    found = (each for each in treatment["relativeDifferences"] if each["fromTreatmentId"] == wanted)
    relative: Body = next(found, {})
    return {name: relative[name] for name in ("value", "lower", "upper") if name in relative}


def _ticks(values: Sequence[float]) -> list[float]:
    """Round numbers around the values and zero, from below the least to above the greatest."""
    low, high = min([0.0, *values]), max([0.0, *values])
    if low == high:
        low, high = -0.1, 0.1
    rough = (high - low) / (_TICKS_MAX - 1)
    power = 10 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough * (1 - 1e-9))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [place * step for place in range(first, last + 1)]


def _across(value: float, ticks: Sequence[float]) -> float:
    return _LABELS + (value - ticks[0]) / (ticks[-1] - ticks[0]) * (_WIDTH - _LABELS - _RIGHT)


def _tick(tick: float, ticks: Sequence[float], height: int) -> str:
    x = _across(tick, ticks)
    stroke = "#495057" if abs(tick) < 1e-12 else "#dee2e6"
    return (
        f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP - 8}" y2="{height - _BOTTOM + 6}" stroke="{stroke}"/>'
        f'<text x="{x:.1f}" y="{height - 10}" text-anchor="middle" fill="#495057">{_percent(tick)}</text>'
    )


def _row(name: str, difference: Mapping[str, float], ticks: Sequence[float], top: int) -> str:
    y = top + _ROW / 2
    label = f'<text x="16" y="{y + 4:.1f}" fill="#1a1b1e">{escape(name[:22])}</text>'
    if "value" not in difference:
        return f'{label}<text x="{_LABELS}" y="{y + 4:.1f}" fill="#495057">not known</text>'
    low, high = (_across(difference.get(end, edge), ticks) for end, edge in (("lower", ticks[0]), ("upper", ticks[-1])))
    told = f"{name}: {_percent(difference['value'])}"
    if "lower" in difference and "upper" in difference:
        told += f", between {_percent(difference['lower'])} and {_percent(difference['upper'])}"
    return (
        f"<g><title>{escape(told)}</title>{label}"
        f'<line x1="{low:.1f}" x2="{high:.1f}" y1="{y}" y2="{y}" stroke="#1864ab" stroke-width="3"/>'
        f'<circle cx="{_across(difference["value"], ticks):.1f}" cy="{y}" r="6" fill="#1864ab"/></g>'
    )


def _percent(value: float) -> str:
    return "0%" if abs(value) < 1e-12 else f"{100 * value:+.3g}%"
