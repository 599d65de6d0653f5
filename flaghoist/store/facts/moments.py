"""Exact means and sums of co-deviations of the values of units, by arm."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flaghoist.store.facts.engines.port import Session, one_row
from flaghoist.store.facts.exact import Scale

Group = tuple[Any, ...]
_GROUP_KINDS = {"variation": "SMALLINT", "slice": "VARCHAR"}


@dataclass(frozen=True, slots=True)
class Joint:
    """Of ``n`` units: totals and means by column, and sums of co-deviations by pair of columns (row ≥ column)."""

    n: int
    totals: tuple[float, ...]
    means: tuple[float, ...]
    products: tuple[tuple[float, ...], ...]


def joint_moments(session: Session, table: str, columns: Sequence[str], by: Sequence[str]) -> dict[Group, Joint]:
    """Moments by group over a table or query, none of whose columns may be null.

    Means are rounded once, from exact sums; deviations are taken from them in a second pass and corrected for that
    rounding (Chan, Golub and LeVeque, The American Statistician 37, 1983).
    """
    firsts = _first_pass(session, table, columns, by)
    if not firsts:
        return {}
    deviations = [max(first.deviations[at] for first in firsts.values()) for at in range(len(columns))]
    pairs = [(i, j) for i in range(len(columns)) for j in range(i + 1)]
    scales = [Scale.for_largest(deviations[i] * deviations[j]) for i, j in pairs]
    sums = ", ".join(
        f"sum({scale.integer(f'((valued.{columns[i]} - means.mean_{i}) * (valued.{columns[j]} - means.mean_{j}))')})"
        for scale, (i, j) in zip(scales, pairs, strict=True)
    )
    _write_means(session, firsts, columns, by)
    same_group = " AND ".join(f"valued.{name} IS NOT DISTINCT FROM means.{name}" for name in by)
    groups = ", ".join(f"valued.{name}" for name in by)
    rows = session.rows(f"SELECT {groups}, {sums} FROM {table} AS valued JOIN means ON {same_group} GROUP BY {groups}")
    joints = {}
    for row in rows:
        group, integers = row[: len(by)], row[len(by) :]
        exact = [scale.exactly(integer) for scale, integer in zip(scales, integers, strict=True)]
        joints[group] = firsts[group].joined(dict(zip(pairs, exact, strict=True)))
    return joints


@dataclass(frozen=True, slots=True)
class _First:
    n: int
    totals: tuple[Fraction, ...]
    means: tuple[float, ...]
    deviations: tuple[float, ...]
    """The largest distance of any value from the mean, by column."""

    def joined(self, products: dict[tuple[int, int], Fraction]) -> Joint:
        errors = [total / self.n - Fraction(mean) for total, mean in zip(self.totals, self.means, strict=True)]
        corrected = tuple(
            tuple(float(products[i, j] - self.n * errors[i] * errors[j]) for j in range(i + 1))
            for i in range(len(self.means))
        )
        return Joint(self.n, tuple(map(float, self.totals)), self.means, corrected)


def _first_pass(session: Session, table: str, columns: Sequence[str], by: Sequence[str]) -> dict[Group, _First]:
    largest = one_row(
        session, f"SELECT {', '.join(f'max(abs({column}))' for column in columns)} FROM {table} AS valued"
    )
    scales = [Scale.for_largest(magnitude) for magnitude in largest]
    measured = ", ".join(
        f"sum({scale.integer(column)}), min({column}), max({column})"
        for scale, column in zip(scales, columns, strict=True)
    )
    groups = ", ".join(by)
    rows = session.rows(f"SELECT {groups}, count(*), {measured} FROM {table} AS valued GROUP BY {groups}")
    firsts = {}
    for row in rows:
        n, of_columns = row[len(by)], row[len(by) + 1 :]
        totals = tuple(scale.exactly(integer) for scale, integer in zip(scales, of_columns[::3], strict=True))
        means = tuple(float(total / n) for total in totals)
        deviations = tuple(
            max(highest - mean, mean - lowest)
            for mean, lowest, highest in zip(means, of_columns[1::3], of_columns[2::3], strict=True)
        )
        firsts[row[: len(by)]] = _First(n, totals, means, deviations)
    return firsts


def _write_means(session: Session, firsts: dict[Group, _First], columns: Sequence[str], by: Sequence[str]) -> None:
    """Make the table ``means``: one row for each group, with the mean of each column."""
    kinds = {name: _GROUP_KINDS[name] for name in by} | {f"mean_{at}": "DOUBLE" for at in range(len(columns))}
    session.keep_rows("means", kinds, [(*group, *first.means) for group, first in firsts.items()])
