"""Who gets what in an experiment: weights that add up, and where on the line from 0 to 100 000 each treatment lies.

Every SDK hashes a unit to a point of that line and serves the slice it falls into, so a unit moves only if the slice
around its point changes hands.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import accumulate
from typing import NamedTuple

WHOLE = 100_000
"""All of the audience, in thousandths of a percent."""


class Slice(NamedTuple):
    """A stretch of the line: whose it is (a variation's index, or nobody's in the experiment), and how wide."""

    variation: int | None
    weight: int


def weights(percents: Sequence[Decimal]) -> list[int]:
    """Thousandths of a percent for each treatment and, last, for those outside; they sum to ``WHOLE``.

    ``percents`` sum to at most 100. Rounded by largest remainder (Hamilton's method), earlier treatments first.
    """
    outside = 100 - sum(percents, Decimal(0))
    assert outside >= 0, "treatments cannot have more than everybody"
    quotas = [percent * 1000 for percent in (*percents, outside)]
    floors = [int(quota) for quota in quotas]
    by_remainder = sorted(range(len(quotas)), key=lambda at: floors[at] - quotas[at])
    for at in by_remainder[: WHOLE - sum(floors)]:
        floors[at] += 1
    return floors


def side_by_side(shares: Mapping[int, int]) -> list[Slice]:
    """Treatments next to one another, all others behind them; for traffic that may be reshuffled."""
    slices = [Slice(variation, weight) for variation, weight in shares.items()]
    return _joined([*slices, Slice(None, WHOLE - sum(shares.values()))])


def in_bands(shares: Mapping[int, int]) -> list[Slice]:
    """Each treatment at the head of a band as wide as its part of the experiment, so that it can grow in place."""
    total = sum(shares.values())
    ends = [end * WHOLE // total if total else 0 for end in accumulate(shares.values(), initial=0)]
    slices: list[Slice] = []
    for (variation, weight), start, end in zip(shares.items(), ends[:-1], ends[1:], strict=True):
        slices += [Slice(variation, weight), Slice(None, end - start - weight)]
    return _joined([*slices, Slice(None, WHOLE - ends[-1])])


def regrown(slices: Sequence[Slice], shares: Mapping[int, int]) -> list[Slice]:
    """The same line with other shares: treatments that shrink give up first, and those that grow take what is free.

    Whoever is in a treatment whose share does not shrink stays in it.
    """
    line = list(slices)
    for variation in {owner for owner, _ in line if owner is not None}:
        _shrink(line, variation, _width(line, variation) - shares.get(variation, 0))
    for variation, weight in shares.items():
        _grow(line, variation, weight - _width(line, variation))
    return _joined(line)


def _width(line: Sequence[Slice], variation: int) -> int:
    return sum(weight for owner, weight in line if owner == variation)


def _shrink(line: list[Slice], variation: int, surplus: int) -> None:
    """Free what is too much, from the end of the line."""
    for at in range(len(line) - 1, -1, -1):
        owner, weight = line[at]
        if surplus <= 0:
            return
        if owner == variation:
            freed = min(surplus, weight)
            line[at : at + 1] = [Slice(variation, weight - freed), Slice(None, freed)]
            surplus -= freed


def _grow(line: list[Slice], variation: int, missing: int) -> None:
    """Take what is missing from free slices, from those right behind the treatment's own first."""
    while missing > 0:
        line[:] = _joined(line)
        free = [at for at, (owner, _) in enumerate(line) if owner is None]
        beside = [at for at in free if at > 0 and line[at - 1].variation == variation]
        at = (beside or free)[0]
        taken = min(missing, line[at].weight)
        line[at : at + 1] = [Slice(variation, taken), Slice(None, line[at].weight - taken)]
        missing -= taken


def _joined(line: Sequence[Slice]) -> list[Slice]:
    """Without empty slices, and neighbours of one owner as one."""
    joined: list[Slice] = []
    for variation, weight in line:
        if weight == 0:
            continue
        if joined and joined[-1].variation == variation:
            joined[-1] = Slice(variation, joined[-1].weight + weight)
        else:
            joined.append(Slice(variation, weight))
    return joined
