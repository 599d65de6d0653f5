"""All metrics of an experiment read together, so that many questions do not buy a lucky answer."""

from collections.abc import Sequence
from dataclasses import dataclass

from flaghoist.statistics.analysis import Analysis, analyse
from flaghoist.statistics.experiment import Arm, Settings
from flaghoist.statistics.multiplicity import Adjusted, Hypothesis, Method, Scope, correct


@dataclass(frozen=True)
class Question:
    """One metric of the experiment; guardrails and diagnostics stay outside the family (`in_family=False`)."""

    metric: str
    arms: tuple[Arm, ...]
    settings: Settings
    in_family: bool = True


def analyse_together(questions: Sequence[Question], *, method: Method, scope: Scope) -> dict[str, Analysis]:
    """Each metric's analysis by its key, with levels, intervals and verdicts corrected across the scope.

    All questions of the family share one alpha. The first pass finds the p-values, the second reads again at the
    levels that the correction leaves.
    """
    alone = {question.metric: analyse(question.arms, question.settings) for question in questions}
    family = [question for question in questions if question.in_family]
    if not family:
        return alone
    assert len({question.settings.alpha for question in family}) == 1, "a family has one alpha"
    p_values: dict[Hypothesis, float | None] = {
        (question.metric, arm.id): arm.versus_baseline.p_value
        for question in family
        for arm in alone[question.metric].arms
        if arm.versus_baseline
    }
    corrected = correct(p_values, method=method, scope=scope, alpha=family[0].settings.alpha)
    return {
        question.metric: analyse(question.arms, question.settings, corrections=_of_metric(question.metric, corrected))
        if question.in_family
        else alone[question.metric]
        for question in questions
    }


def _of_metric(metric: str, corrected: dict[Hypothesis, Adjusted]) -> dict[str, Adjusted]:
    return {treatment: level for (key, treatment), level in corrected.items() if key == metric}
