"""What was counted for each metric, and what it tells: read together where corrections span metrics."""

from collections.abc import Sequence
from dataclasses import dataclass

from flaghoist.core.work import Work
from flaghoist.resources.experimentation.iteration import MetricPlan
from flaghoist.resources.experimentation.measure import Measure
from flaghoist.resources.experimentation.results import questions
from flaghoist.resources.experimentation.results.subject import Subject, facts_of
from flaghoist.statistics import families
from flaghoist.statistics.analysis import Analysis, analyse
from flaghoist.statistics.sample_ratio import SampleRatio, sample_ratio
from flaghoist.store.facts.answer import Answer, Arm
from flaghoist.store.facts.question import Question

Metrics = Sequence[tuple[MetricPlan, Measure]]


@dataclass(frozen=True, slots=True)
class Finding:
    """One metric of an iteration: what was asked, what was counted, what it tells.

    ``slices`` are the same by value of an attribute, None being those of whom it is not known; ``comparisons`` are
    corrected together.
    """

    metric: MetricPlan
    measure: Measure
    question: Question
    answer: Answer
    analysis: Analysis
    ratio: SampleRatio
    slices: tuple[tuple[str | None, tuple[Arm, ...], Analysis], ...]
    comparisons: int


def find(work: Work, subject: Subject, metrics: Sequence[MetricPlan], *, slice_by: str | None = None) -> list[Finding]:
    """The findings of some metrics, and after them those of the metrics they are corrected together with."""
    family = family_of(work, subject, metrics)
    asked = [subject.question(work, measure, slice_by=slice_by) for _, measure in family]
    facts_of(work).flush()
    answers = facts_of(work).answers(asked)
    analyses = read_together(subject, family, [answer.arms for answer in answers])
    sliced = _slices(subject, family, answers)
    together = _comparisons(subject, len(family))
    return [
        Finding(metric, measure, question, answer, analysis, _ratio(subject, answer), slices, together)
        for (metric, measure), question, answer, analysis, slices in zip(
            family, asked, answers, analyses, sliced, strict=True
        )
    ]


def family_of(work: Work, subject: Subject, metrics: Sequence[MetricPlan]) -> list[tuple[MetricPlan, Measure]]:
    """The metrics asked for first, then all others whose p-values bear on theirs."""
    together = list(metrics)
    if subject.correction and subject.correction.scope != "variations":
        together += [each for each in subject.counted_here(work) if each not in together]
    return [(metric, subject.measure(work, metric)) for metric in together]


def read_together(subject: Subject, family: Metrics, counted: Sequence[Sequence[Arm]]) -> list[Analysis]:
    """What each metric's arms tell, after the iteration's correction."""
    read = [
        families.Question(
            f"{metric.group}/{metric.key}", questions.arms(subject.plan, measure, arms), subject.settings(measure)
        )
        for (metric, measure), arms in zip(family, counted, strict=True)
    ]
    if subject.correction is None:
        return [analyse(each.arms, each.settings) for each in read]
    together = families.analyse_together(read, method=subject.correction.method, scope=subject.correction.scope)
    return [together[each.metric] for each in read]


def _slices(
    subject: Subject, family: Metrics, answers: Sequence[Answer]
) -> list[tuple[tuple[str | None, tuple[Arm, ...], Analysis], ...]]:
    """Every metric's slices; those of one value are read together as the whole is."""
    found: list[list[tuple[str | None, tuple[Arm, ...], Analysis]]] = [[] for _ in answers]
    for value in [each.value for each in answers[0].slices]:
        counted = [next((each.arms for each in answer.slices if each.value == value), ()) for answer in answers]
        for place, analysis in enumerate(read_together(subject, family, counted)):
            found[place].append((value, counted[place], analysis))
    return [tuple(each) for each in found]


def _comparisons(subject: Subject, metrics: int) -> int:
    treatments = len(subject.plan.treatments) - 1
    scope = subject.correction.scope if subject.correction else ""
    return {"variations": treatments, "metrics": metrics, "variations-and-metrics": treatments * metrics}.get(scope, 1)


def _ratio(subject: Subject, answer: Answer) -> SampleRatio:
    treatments = subject.plan.treatments
    observed = [answer.traffic.units.get(treatment.variation, 0) for treatment in treatments]
    weights = [treatment.share for treatment in treatments]
    return sample_ratio(observed, weights, ended=subject.plan.ended_at_ms is not None)
