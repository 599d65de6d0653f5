"""An experiment's arms, what was measured of them, and how it shall be read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from flaghoist.statistics.cuped import CovariateMoments
from flaghoist.statistics.effects import Alternative
from flaghoist.statistics.moments import Moments
from flaghoist.statistics.proportions import Proportion
from flaghoist.statistics.quantiles import Quantile
from flaghoist.statistics.ratios import RatioMoments

Sample = Moments | Proportion | RatioMoments | Quantile | CovariateMoments
Success = Literal["HigherThanBaseline", "LowerThanBaseline"]


@dataclass(frozen=True)
class Arm:
    """One variation's units: `exposed` counts those who saw it, `sample` holds those who are measured.

    `events` is the number of events behind the sample, where known: always-valid verdicts wait for enough of them.
    """

    id: str
    name: str
    baseline: bool
    sample: Sample
    exposed: int
    events: int | None = None


@dataclass(frozen=True)
class Settings:
    """How the samples are read.

    `alpha` is the significance level and the width of confidence intervals, `credibility` the Bayesian threshold
    and the width of credible intervals. `prior_variance` is that of relative differences: by default the usual one
    for the kind of sample; with `flat_prior` the samples alone speak. `decision_units`, of both arms together, is
    where always-valid intervals are tightest. `margin`, a relative difference, asks for non-inferiority too.
    """

    methodology: Literal["bayesian", "frequentist"] = "frequentist"
    alpha: float = 0.05
    credibility: float = 0.9
    test_direction: Literal["one-sided", "two-sided"] = "two-sided"
    success: Success = "HigherThanBaseline"
    flat_prior: bool = False
    prior_variance: float | None = None
    sequential: bool = False
    decision_units: int = 5000
    margin: float | None = None

    def __post_init__(self) -> None:
        assert 0 < self.alpha < 0.5, f"alpha lies between 0 and 0.5, not at {self.alpha}"
        assert 0 < self.credibility < 1, f"credibility lies between 0 and 1, not at {self.credibility}"

    @property
    def higher_is_better(self) -> bool:
        """Whether success means more than the baseline."""
        return self.success == "HigherThanBaseline"

    @property
    def alternative(self) -> Alternative:
        """Which departures from no effect the tests look for."""
        if self.test_direction == "two-sided":
            return "two-sided"
        return "greater" if self.higher_is_better else "less"


def baseline_of(arms: Sequence[Arm]) -> int | None:
    """Which arm the others are measured against; None unless there is exactly one."""
    marked = [index for index, arm in enumerate(arms) if arm.baseline]
    return marked[0] if len(marked) == 1 else None
