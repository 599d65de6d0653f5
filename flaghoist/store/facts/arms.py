"""From one value per unit to the sufficient statistics of each variation."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flaghoist.statistics.cuped import CovariateMoments
from flaghoist.statistics.moments import Moments
from flaghoist.statistics.proportions import Proportion
from flaghoist.statistics.quantiles import Quantile, ranks, value_rank
from flaghoist.statistics.ratios import RatioMoments
from flaghoist.store.facts.answer import Arm, Slice
from flaghoist.store.facts.engines.port import Session
from flaghoist.store.facts.moments import Group, Joint, joint_moments
from flaghoist.store.facts.question import Question

SLICES_MAX = 100


@dataclass(frozen=True, slots=True)
class _Count:
    traffic: int
    eventing: int
    events: int


def arms(session: Session, question: Question) -> tuple[Arm, ...]:
    """Every variation with units, from ``valued``."""
    found = _arms(session, question, "valued", ["variation"])
    return tuple(found[group] for group in sorted(found))


def slices(session: Session, question: Question) -> tuple[tuple[Slice, ...], int]:
    """The same by value of the attribute, those with the most units first; and how many values were omitted."""
    ordered = session.rows("SELECT slice FROM valued GROUP BY slice ORDER BY count(*) DESC, slice IS NULL, slice")
    values = [value for (value,) in ordered]
    shown = values[:SLICES_MAX]
    session.keep_rows("shown_slices", {"value": "VARCHAR"}, [(value,) for value in shown])
    session.keep(
        "sliced",
        """
        SELECT valued.* FROM valued JOIN shown_slices ON valued.slice IS NOT DISTINCT FROM shown_slices.value
        """,
    )
    found = _arms(session, question, "sliced", ["slice", "variation"])
    by_value: dict[str | None, list[Arm]] = {value: [] for value in shown}
    for (value, _), arm in sorted(found.items(), key=lambda item: item[1].variation):
        by_value[value].append(arm)
    return tuple(Slice(value, tuple(by_value[value])) for value in shown), len(values) - len(shown)


def _arms(session: Session, question: Question, table: str, by: Sequence[str]) -> dict[Group, Arm]:
    measure = question.measure
    groups = ", ".join(by)
    counted = session.rows(
        f"""
        SELECT {groups}, count(*), count(*) FILTER (WHERE events > 0), sum(events)::BIGINT
        FROM {table} GROUP BY {groups}
        """
    )
    counts = {row[: len(by)]: _Count(*row[len(by) :]) for row in counted}
    has_second = question.denominator is not None or question.covariate_ms is not None
    columns = ["y", "z"] if has_second else ["y"]
    joints = joint_moments(session, f"(SELECT * FROM {table} WHERE y IS NOT NULL)", columns, by)
    quantiles = {} if measure.percentile is None else _quantiles(session, table, by, joints, measure.percentile / 100)
    return {
        group: _arm(question, group[-1], count, joints.get(group, _NOBODY), quantiles.get(group))
        for group, count in counts.items()
    }


_NOBODY = Joint(0, (0.0, 0.0), (0.0, 0.0), ((0.0,), (0.0, 0.0)))


def _arm(question: Question, variation: int, count: _Count, joint: Joint, quantile: Quantile | None) -> Arm:
    measure = question.measure
    moments = Moments(joint.n, joint.means[0], joint.products[0][0])
    proportion = None
    if not measure.numeric and measure.aggregation == "average":
        proportion = Proportion(joint.n, count.eventing)
    if measure.percentile is not None and quantile is None:
        quantile = Quantile(0, measure.percentile / 100, 0.0, 0.0, 0.0, complete=False)
    return Arm(
        variation=variation,
        traffic=count.traffic,
        eventing=count.eventing,
        events=count.events,
        moments=moments,
        total=joint.totals[0],
        proportion=proportion,
        quantile=quantile,
        ratio=_ratio(question, count, moments, joint),
        covariate=_covariate(question, joint),
    )


def _ratio(question: Question, count: _Count, moments: Moments, joint: Joint) -> RatioMoments | None:
    if question.denominator is not None:
        (m2_n,), (c_nd, m2_d) = joint.products
        return RatioMoments(joint.n, joint.means[0], joint.means[1], m2_n, m2_d, c_nd)
    if not question.measure.default_zero and question.measure.percentile is None:
        return RatioMoments.over_event_having(count.traffic, moments)
    return None


def _covariate(question: Question, joint: Joint) -> CovariateMoments | None:
    if question.covariate_ms is None:
        return None
    (m2,), (c_yx, m2_x) = joint.products
    return CovariateMoments(joint.n, joint.means[0], m2, joint.means[1], m2_x, c_yx)


def _quantiles(
    session: Session, table: str, by: Sequence[str], joints: dict[Group, Joint], level: float
) -> dict[Group, Quantile]:
    """Values at the ranks that inference needs, by group; ranks are within the group, ties being equal anyway."""
    wanted = {group: _places(joint.n, level) for group, joint in joints.items()}
    listed = sorted({place for places in wanted.values() for place in places})
    groups = ", ".join(by)
    if not listed:
        return {}
    rows = session.rows(
        f"""
        SELECT {groups}, place, y FROM (
          SELECT {groups}, y, row_number() OVER (PARTITION BY {groups} ORDER BY y) AS place
          FROM {table} WHERE y IS NOT NULL
        ) AS ranked WHERE place IN ({", ".join(map(str, listed))})
        """
    )
    found: dict[tuple[Any, ...], float] = {tuple(row[:-1]): row[-1] for row in rows}
    quantiles = {}
    for group, places in wanted.items():
        lower, value, upper = (found[*group, place] for place in places)
        n = joints[group].n
        quantiles[group] = Quantile(n, level, value, lower, upper, complete=ranks(n, level) is not None)
    return quantiles


def _places(n: int, level: float) -> tuple[int, int, int]:
    places = ranks(n, level)
    if places is None:
        return (value_rank(n, level),) * 3
    return places.lower, places.value, places.upper
