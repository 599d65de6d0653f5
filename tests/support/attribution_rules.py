"""Attribution written down a second time, slowly and plainly, straight from the rules: the oracle for the facts."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

NINETY_DAYS_MS = 90 * 24 * 3_600_000
FIVE_MINUTES_MS = 300_000


@dataclass(frozen=True)
class Sent:
    """One event of a payload; ``contexts`` maps kinds to keys."""

    contexts: dict[str, str]
    variation: int | None = None
    """Set for an exposure; otherwise it is an outcome."""
    value: Fraction | None = None
    created_at: int = 0
    colour: str | None = None


@dataclass(frozen=True)
class Payload:
    """Events that arrived together."""

    received_at: int
    events: tuple[Sent, ...]
    by_creation: bool = False


@dataclass
class Told:
    """What the rules say of one iteration and metric."""

    traffic: dict[int, int] = field(default_factory=dict)
    contaminated: int = 0
    values: dict[int, list[Fraction]] = field(default_factory=dict)
    """Of the units that have one, by variation, before winsorization."""
    eventing: Counter[int] = field(default_factory=Counter)
    events: Counter[int] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)


def attribute(payloads: Sequence[Payload], iteration: Any, measure: Any) -> Told:
    """Apply the rules to what was sent."""
    exposures, outcomes = _timed(payloads, iteration)
    told = Told()
    by_unit: dict[str, list[tuple[int, int, int, int]]] = {}
    for at, payload, place, sent in exposures:
        unit = sent.contexts.get(iteration.unit_kind)
        in_iteration = at >= iteration.started_at and (iteration.ended_at is None or at <= iteration.ended_at)
        if unit is not None and in_iteration:
            by_unit.setdefault(unit, []).append((at, payload, place, sent.variation or 0))
    first = {unit: min(seen) for unit, seen in by_unit.items()}
    contaminated = {unit for unit, seen in by_unit.items() if len({variation for *_, variation in seen}) > 1}
    excluded = contaminated if iteration.multiple_exposures == "exclude" else set()
    told.contaminated = len(contaminated)
    told.traffic = dict(Counter(variation for *_, variation in first.values()))
    counted: dict[str, list[Fraction | None]] = {}
    for at, payload, place, sent in outcomes:
        unit = sent.contexts.get(iteration.unit_kind)
        if unit is None:
            told.left_out["events_without_unit"] += 1
        elif unit not in first:
            told.left_out["not_exposed"] += 1
        elif unit in excluded:
            told.left_out["multiple_variations"] += 1
        else:
            reason = _reason(at, payload, place, sent, first[unit], iteration, measure)
            if reason is None:
                counted.setdefault(unit, []).append(sent.value)
            else:
                told.left_out[reason] += 1
    for unit, (*_, variation) in first.items():
        if unit in excluded:
            continue
        mine = counted.get(unit, [])
        told.events[variation] += len(mine)
        told.eventing[variation] += bool(mine)
        value = _value(mine, measure)
        if value is not None:
            told.values.setdefault(variation, []).append(value)
    return told


def _timed(
    payloads: Sequence[Payload], iteration: Any
) -> tuple[list[tuple[int, int, int, Sent]], list[tuple[int, int, int, Sent]]]:
    exposures, outcomes = [], []
    receipt_only = iteration.attribution == "receipt"
    latest = None
    if iteration.ended_at is not None and iteration.max_lateness_ms is not None:
        latest = iteration.ended_at + iteration.max_lateness_ms
    for number, payload in enumerate(payloads):
        received = payload.received_at
        if received < iteration.started_at - (0 if receipt_only else FIVE_MINUTES_MS):
            continue
        if latest is not None and received > latest:
            continue
        for place, sent in enumerate(payload.events):
            at = received
            if iteration.attribution == "creation" or (iteration.attribution == "as_sent" and payload.by_creation):
                at = min(sent.created_at, received + FIVE_MINUTES_MS)
                if iteration.max_lateness_ms is not None:
                    at = max(at, received - iteration.max_lateness_ms)
            (outcomes if sent.variation is None else exposures).append((at, number, place, sent))
    return exposures, outcomes


def _reason(
    at: int, payload: int, place: int, sent: Sent, first: tuple[int, int, int, int], iteration: Any, measure: Any
) -> str | None:
    first_at, first_payload, first_place, _ = first
    ended = iteration.ended_at
    if measure.filters and sent.colour not in measure.filters[0].values:
        return "filtered"
    if ended is not None and at > ended and sent.created_at <= ended:
        return "late"
    if at < iteration.started_at or (ended is not None and at > ended):
        return "outside_iteration"
    if at < first_at or (at == first_at and payload == first_payload and place < first_place):
        return "before_exposure"
    if at < first_at + measure.window_start_ms:
        return "before_window"
    if at > first_at + (NINETY_DAYS_MS if measure.window_end_ms is None else measure.window_end_ms):
        return "after_window"
    return "value_missing" if measure.numeric and sent.value is None else None


def _value(mine: list[Fraction | None], measure: Any) -> Fraction | None:
    if not mine:
        return Fraction(0) if measure.default_zero else None
    if not measure.numeric:
        return Fraction(1 if measure.aggregation == "average" else len(mine))
    total = sum((value or Fraction(0) for value in mine), Fraction(0))
    return total / len(mine) if measure.aggregation == "average" else total
