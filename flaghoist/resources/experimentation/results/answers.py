"""A metric's finding as it is answered: figures, verdict, health, what was left out, and the formulas behind."""

import hashlib
from collections.abc import Sequence

from flaghoist import __version__
from flaghoist.core.resource import Body
from flaghoist.core.work import Work
from flaghoist.resources.experimentation import reading
from flaghoist.resources.experimentation.iteration import IterationPlan
from flaghoist.resources.experimentation.measure import Measure
from flaghoist.resources.experimentation.results import formulas, health, left_out, questions, report, sums, verdict
from flaghoist.resources.experimentation.results.findings import Finding
from flaghoist.resources.experimentation.results.published import Formula
from flaghoist.resources.experimentation.results.subject import Subject
from flaghoist.rest.render import link
from flaghoist.statistics.analysis import Analysis
from flaghoist.store.facts.answer import Answer, Arm
from flaghoist.store.facts.question import Question


def shown(work: Work, subject: Subject, finding: Finding, *, path: str, traffic: bool) -> Body:
    """The results of one metric; ``path`` is where they were asked for."""
    plan, answer, analysis = subject.plan, finding.answer, finding.analysis
    settings = reading.described(analysis.settings, subject.correction)
    whole = {"treatmentResults": treatments(plan, finding.measure, analysis, answer.arms, traffic=traffic)}
    metric = work.read(subject.address(finding.metric)).body
    unit = {"unit": metric["unit"]} if metric.get("unit") and finding.measure.is_numeric else {}
    return {
        "_links": {"self": link(path), "parent": link(subject.path)},
        "iterationId": plan.id,
        "iterationStatus": subject.iteration["status"],
        "metric": {"key": finding.metric.key, "name": metric["name"], "_versionId": finding.metric.version_id, **unit},
        "methodology": plan.methodology,
        "settings": {**settings, **({"comparisons": finding.comparisons} if subject.correction else {})},
        "metricSeen": _seen(answer),
        "probabilityOfMismatch": finding.ratio.probability_of_mismatch,
        "results": _slices(plan, finding, traffic=traffic) if finding.question.slice_by else [whole],
        **({} if finding.question.slice_by else whole),
        "slicesOmitted": answer.slices_omitted,
        "sampleRatio": report.sample_ratio(finding.ratio, [treatment.id for treatment in plan.treatments]),
        "contaminated": {"units": answer.traffic.contaminated, "share": answer.traffic.contaminated_share},
        "leftOut": left_out.counts(answer),
        "leftOutInWords": left_out.in_words(answer, unit=plan.unit),
        "health": _health(plan, finding),
        "verdict": _verdict(finding),
        "formulas": [formulas.told(each) for each in _formulas(subject, finding)],
        **_winsorized(answer),
        **_until(plan, finding),
        "inputsHash": _fingerprint(finding.question, answer, settings),
    }


def treatments(
    plan: IterationPlan, measure: Measure, analysis: Analysis, found: Sequence[Arm], *, traffic: bool
) -> list[Body]:
    """Every treatment's figures."""
    by_variation = {arm.variation: arm for arm in found}
    counted = {treatment.id: by_variation.get(treatment.variation) for treatment in plan.treatments}
    samples = {arm.id: arm.sample for arm in questions.arms(plan, measure, found)}
    return report.treatments(analysis, counted, samples, traffic=traffic)


def _slices(plan: IterationPlan, finding: Finding, *, traffic: bool) -> list[Body]:
    return [
        {
            "attribute": finding.question.slice_by,
            **({} if value is None else {"attributeValue": value}),
            "treatmentResults": treatments(plan, finding.measure, analysis, arms, traffic=traffic),
        }
        for value, arms, analysis in finding.slices
    ]


def _health(plan: IterationPlan, finding: Finding) -> list[Body]:
    return health.checks(
        finding.answer,
        finding.ratio,
        unit=plan.unit,
        event_key=finding.measure.event_key,
        numeric=finding.measure.is_numeric,
        running=plan.ended_at_ms is None,
        started_at=plan.started_at_ms,
    )


def _verdict(finding: Finding) -> Body:
    best = verdict.winner(finding.analysis, finding.ratio)
    return {
        "sentence": verdict.sentence(finding.analysis, finding.ratio),
        **({"winningTreatmentId": best.id} if best else {}),
    }


def _formulas(subject: Subject, finding: Finding) -> list[Formula]:
    return formulas.behind(
        finding.analysis,
        sample_kind=sums.kind_of(subject.plan, finding.measure),
        correction=subject.correction.method if subject.correction else None,
        ended=subject.plan.ended_at_ms is not None,
    )


def _seen(answer: Answer) -> Body:
    at = answer.last_event_at
    return {"ever": False} if at is None else {"ever": True, "timestamp": at}


def _winsorized(answer: Answer) -> Body:
    capped = answer.winsorized
    if capped is None:
        return {}
    ends = {name: end for name, end in (("lower", capped.lower), ("upper", capped.upper)) if end is not None}
    return {"winsorized": {**ends, "raised": capped.raised, "lowered": capped.lowered}}


def _until(plan: IterationPlan, finding: Finding) -> Body:
    answer = finding.answer
    latest = [at for at in (answer.traffic.last_exposure_at, answer.last_event_at) if at is not None]
    through = {"dataThrough": max(latest, default=plan.started_at_ms)}
    if plan.ended_at_ms is None:
        return through
    return {**through, "finalAt": plan.ended_at_ms + (finding.question.iteration.max_lateness_ms or 0)}


def _fingerprint(question: Question, answer: Answer, settings: Body) -> str:
    """Everything the numbers were made from, in one hash: equal hashes mean equal numbers."""
    counted = (answer.arms, answer.traffic, answer.left_out, answer.winsorized, answer.slices)
    text = repr((__version__, question, counted, sorted(settings.items())))
    return hashlib.sha256(text.encode()).hexdigest()
