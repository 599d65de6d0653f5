"""Numbers that others published, and the band within which an honest simulation stays."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from scipy import stats


@pytest.fixture(scope="session")
def published() -> dict[str, Any]:
    """`published.json`, each group with its source."""
    numbers: dict[str, Any] = json.loads((Path(__file__).parent / "published.json").read_text())
    return numbers


@pytest.fixture(scope="session")
def band() -> Callable[[int, float], tuple[float, float]]:
    """The shares that 99.9 % of simulations with this many runs and this true rate stay within."""

    def within(runs: int, rate: float) -> tuple[float, float]:
        low, high = stats.binom.ppf([0.0005, 0.9995], runs, rate)
        return float(low) / runs, float(high) / runs

    return within
