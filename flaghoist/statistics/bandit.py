"""How much traffic each arm of a bandit gets next."""

from collections.abc import Sequence

WEIGHT_TOTAL = 100_000
"""Weights are thousandths of a percent and add up to this."""


def shares(probability_best: Sequence[float], *, floor: float) -> list[float]:
    """Thompson sampling's shares, with `floor` of the traffic kept for every arm so that none is forgotten."""
    arms = len(probability_best)
    assert 0 <= floor * arms <= 1, "the floors of all arms fit into the traffic"
    return [floor + (1 - arms * floor) * chance for chance in probability_best]


def weights(allocation: Sequence[float]) -> list[int]:
    """Shares as whole weights that add up exactly, by largest remainder; ties go to the earlier arm."""
    total = sum(allocation)
    exact = [WEIGHT_TOTAL * share / total for share in allocation]
    whole = [int(weight) for weight in exact]
    by_remainder = sorted(range(len(exact)), key=lambda arm: (whole[arm] - exact[arm], arm))
    for arm in by_remainder[: WEIGHT_TOTAL - sum(whole)]:
        whole[arm] += 1
    return whole
