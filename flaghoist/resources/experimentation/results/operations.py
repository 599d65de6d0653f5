"""Results: what an experiment has shown so far, per metric, per metric group and over time."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from flaghoist import __version__
from flaghoist.base.errors import Invalid, NotFound
from flaghoist.core import addresses
from flaghoist.core.resource import Body
from flaghoist.core.work import Document, Work
from flaghoist.resources.experimentation import asking, reading
from flaghoist.resources.experimentation.iteration import IterationPlan, MetricPlan
from flaghoist.resources.experimentation.measure import Measure
from flaghoist.resources.experimentation.reading import Correction
from flaghoist.resources.experimentation.results import health, questions, report, verdict
from flaghoist.resources.experimentation.results.schema import MetricGroupResultsRep, ResultsRep, SeriesRep
from flaghoist.resources.experimentation.versions import read_version
from flaghoist.rest.operations import Call, Family
from flaghoist.rest.render import link
from flaghoist.statistics import families
from flaghoist.statistics.analysis import Analysis, analyse
from flaghoist.statistics.experiment import Settings
from flaghoist.statistics.sample_ratio import SampleRatio, sample_ratio
from flaghoist.store.facts.answer import Answer, Arm
from flaghoist.store.facts.question import DAY_MS, HOUR_MS, Question

FAMILY = Family("Experiment results")
_EXPERIMENT = "/api/v2/projects/{projectKey}/environments/{environmentKey}/experiments/{experimentKey}"
_BUCKETS = {"hour": HOUR_MS, "day": DAY_MS, "week": 7 * DAY_MS}
_POINTS_MAX = 400
_QUERY = (("iterationId", "string"), ("expand", "string"), ("attribute", "string"))


class Facts(Protocol):
    """Where the counted facts come from."""

    def flush(self) -> None:
        """Take in everything accepted so far."""
        ...

    def answers(self, questions: Sequence[Question]) -> list[Answer]:
        """The answers to some questions, in order."""
        ...

    def series(self, question: Question, through: Sequence[int]) -> list[tuple[Arm, ...]]:
        """The arms as they stood at several times."""
        ...


@dataclass(frozen=True, slots=True)
class _Subject:
    """Whose results are asked for: an iteration of an experiment, and how it is to be read."""

    experiment: Document
    environment_id: str
    iteration: Body
    plan: IterationPlan
    correction: Correction | None
    path: str

    def metrics(self, key: str, group: str = "") -> list[MetricPlan]:
        """The metrics of a key, or those of a group; raises ``NotFound`` naming those there are."""
        found = [each for each in self.plan.metrics if (each.group == group if group else each.key == key)]
        if not found:
            known = ", ".join(sorted({each.group or each.key for each in self.plan.metrics})) or "none"
            raise NotFound(f"this iteration does not measure '{group or key}'; it measures {known}")
        return found if group else found[:1]


@FAMILY.view(
    f"{_EXPERIMENT}/metrics/{{metricKey}}/results", "getExperimentResults", returns=ResultsRep, query=_QUERY, ours=True
)
def read_results(work: Work, call: Call) -> Body:
    """Get the results of a metric in an experiment"""
    subject = _subject(work, call)
    ((_, results),) = _results(work, call, subject, subject.metrics(call.params["metricKey"]))
    return results


@FAMILY.view(
    f"{_EXPERIMENT}/metric-groups/{{metricGroupKey}}/results",
    "getExperimentResultsForMetricGroup",
    returns=MetricGroupResultsRep,
    query=_QUERY,
    ours=True,
)
def read_group_results(work: Work, call: Call) -> Body:
    """Get the results of a metric group in an experiment"""
    subject = _subject(work, call)
    metrics = subject.metrics("", call.params["metricGroupKey"])
    return {
        "_links": {"self": link(call.path), "parent": link(subject.path)},
        "metrics": [
            {"metric": results["metric"], "results": results} for _, results in _results(work, call, subject, metrics)
        ],
    }


@FAMILY.view(
    f"{_EXPERIMENT}/metrics/{{metricKey}}/results/series",
    "getExperimentResultsSeries",
    returns=SeriesRep,
    query=(("iterationId", "string"), ("bucket", "string"), ("cumulative", "boolean"), ("expand", "string")),
    ours=True,
)
def read_series(work: Work, call: Call) -> Body:
    """Get the results of a metric as they came to be"""
    if not call.query.flag("cumulative", default=True):
        raise Invalid("the query parameter 'cumulative' must be true: each point holds everything up to its end")
    subject = _subject(work, call)
    (metric,) = subject.metrics(call.params["metricKey"])
    measure = _measure(work, subject, metric)
    asked = _question(work, subject, measure)
    facts = _facts(work)
    facts.flush()
    (present,) = facts.answers([asked])
    bucket = call.query.text("bucket", "day")
    bounds = _bounds(subject.plan, present, bucket)
    settings = _settings(subject, measure)
    through = [until - 1 for _, until in bounds]
    return {
        "_links": {"self": link(call.path), "parent": link(subject.path)},
        "iterationId": subject.plan.id,
        "bucket": bucket,
        "cumulative": True,
        "series": [
            {"since": since, "until": until, "treatmentResults": _treatments(call, subject, measure, settings, arms)}
            for (since, until), arms in zip(bounds, facts.series(asked, through), strict=True)
        ],
    }


@FAMILY.view("/internal/experiments/{experimentId}/recompute", "recomputeExperiment", method="POST", ours=True)
def recompute(work: Work, call: Call) -> Body:
    """Work out every result of an experiment anew from its raw events"""
    wanted = call.params["experimentId"]
    found = next((each for each in work.everywhere("experiment") if each.body["_id"] == wanted), None)
    if found is None:
        raise NotFound(f"there is no experiment with the id '{wanted}'")
    names = {
        "projectKey": addresses.step(found.address, "proj"),
        "environmentKey": addresses.step(found.address, "env"),
        "experimentKey": found.body["key"],
    }
    subject = _subject(work, Call(path=call.path, params=names, query=call.query, version=call.version))
    results = _results(work, call, subject, _counted_here(work, subject))
    return {
        "experimentId": wanted,
        "iterationId": subject.plan.id,
        "metrics": [{"key": metric.key, "inputsHash": shown["inputsHash"]} for metric, shown in results],
    }


def _subject(work: Work, call: Call) -> _Subject:
    params = call.params
    environment = work.read(f"proj/{params['projectKey']}:env/{params['environmentKey']}")
    work.require("viewProject", addresses.parent(environment.address))
    experiment = work.read(f"{environment.address}:experiment/{params['experimentKey']}")
    iteration = _iteration(experiment.body, call.query.text("iterationId"))
    plan = IterationPlan.of(experiment.body, iteration)
    path = _EXPERIMENT.format_map(params)
    return _Subject(
        experiment, environment.body["_id"], iteration, plan, reading.correction_of(plan.analysis_config), path
    )


def _iteration(body: Body, wanted: str) -> Body:
    """The iteration of an id, or else the current one; it must have been started."""
    current = body.get("currentIteration")
    started: list[Body] = [each for each in [current, *body["previousIterations"]] if each and "startedAt" in each]
    if not started:
        raise NotFound(f"the experiment '{body['key']}' has not been started: there are no results yet")
    if not wanted:
        return started[0]
    found = next((each for each in started if each["_id"] == wanted), None)
    if found is None:
        raise NotFound(f"the experiment '{body['key']}' has no started iteration '{wanted}'")
    return found


def _results(work: Work, call: Call, subject: _Subject, metrics: Sequence[MetricPlan]) -> list[tuple[MetricPlan, Body]]:
    """The results of some metrics; where corrections span metrics, all of the iteration are read."""
    _facts(work).flush()
    family = list(metrics)
    if subject.correction and subject.correction.scope != "variations":
        family += [each for each in _counted_here(work, subject) if each not in family]
    slice_by = call.query.text("attribute") or None
    measures = [_measure(work, subject, metric) for metric in family]
    asked = [_question(work, subject, measure, slice_by=slice_by) for measure in measures]
    answers = _facts(work).answers(asked)
    analyses = _analyses(subject, family, measures, answers)
    return [
        (metric, _shown(work, call, subject, metric, measure, question, answer, analysis))
        for metric, measure, question, answer, analysis in zip(
            metrics, measures, asked, answers, analyses, strict=False
        )
    ]


def _analyses(
    subject: _Subject, metrics: Sequence[MetricPlan], measures: Sequence[Measure], answers: Sequence[Answer]
) -> list[Analysis]:
    read = [
        families.Question(
            f"{metric.group}/{metric.key}",
            questions.arms(subject.plan, measure, answer.arms),
            _settings(subject, measure),
        )
        for metric, measure, answer in zip(metrics, measures, answers, strict=True)
    ]
    if subject.correction is None:
        return [analyse(each.arms, each.settings) for each in read]
    together = families.analyse_together(read, method=subject.correction.method, scope=subject.correction.scope)
    return [together[each.metric] for each in read]


def _shown(
    work: Work,
    call: Call,
    subject: _Subject,
    metric: MetricPlan,
    measure: Measure,
    question: Question,
    answer: Answer,
    analysis: Analysis,
) -> Body:
    plan = subject.plan
    ratio = _ratio(plan, answer)
    whole = {"treatmentResults": report.treatments(analysis, _counted(plan, answer.arms), traffic=_traffic(call))}
    slices = [
        {
            "attribute": question.slice_by,
            **({"attributeValue": each.value} if each.value is not None else {}),
            "treatmentResults": _treatments(call, subject, measure, analysis.settings, each.arms),
        }
        for each in answer.slices
    ]
    settings = reading.described(analysis.settings, subject.correction)
    latest = [at for at in (answer.traffic.last_exposure_at, answer.last_event_at) if at is not None]
    best = verdict.winner(analysis, ratio)
    told = {"sentence": verdict.sentence(analysis, ratio), "winningTreatmentId": best.id if best else None}
    document = work.read(f"{addresses.project_of(subject.experiment.address)}:metric/{metric.key}")
    shown: Body = {
        "_links": {"self": link(call.path), "parent": link(subject.path)},
        "iterationId": plan.id,
        "iterationStatus": subject.iteration["status"],
        "metric": {"key": metric.key, "name": document.body["name"], "_versionId": metric.version_id},
        "methodology": plan.methodology,
        "settings": settings,
        "metricSeen": {"ever": answer.last_event_at is not None, "timestamp": answer.last_event_at},
        "probabilityOfMismatch": ratio.probability_of_mismatch,
        "results": slices if question.slice_by else [whole],
        **({} if question.slice_by else whole),
        "sampleRatio": report.sample_ratio(ratio, [treatment.id for treatment in plan.treatments]),
        "contaminated": {"units": answer.traffic.contaminated, "share": answer.traffic.contaminated_share},
        "leftOut": _left_out(answer),
        "health": health.checks(
            answer,
            ratio,
            unit=plan.unit,
            event_key=measure.event_key,
            numeric=measure.is_numeric,
            running=plan.ended_at_ms is None,
        ),
        "verdict": {name: value for name, value in told.items() if value is not None},
        "dataThrough": max(latest, default=plan.started_at_ms),
        "inputsHash": _fingerprint(question, answer, settings),
    }
    if shown["metricSeen"]["timestamp"] is None:
        del shown["metricSeen"]["timestamp"]
    if plan.ended_at_ms is not None:
        shown["finalAt"] = plan.ended_at_ms + (question.iteration.max_lateness_ms or 0)
    return shown


def _treatments(
    call: Call, subject: _Subject, measure: Measure, settings: Settings, found: Sequence[Arm]
) -> list[Body]:
    analysis = analyse(questions.arms(subject.plan, measure, found), settings)
    return report.treatments(analysis, _counted(subject.plan, found), traffic=_traffic(call))


def _counted(plan: IterationPlan, found: Sequence[Arm]) -> dict[str, Arm | None]:
    by_variation = {arm.variation: arm for arm in found}
    return {treatment.id: by_variation.get(treatment.variation) for treatment in plan.treatments}


def _ratio(plan: IterationPlan, answer: Answer) -> SampleRatio:
    observed = [answer.traffic.units.get(treatment.variation, 0) for treatment in plan.treatments]
    weights = [treatment.share for treatment in plan.treatments]
    return sample_ratio(observed, weights, ended=plan.ended_at_ms is not None)


def _settings(subject: _Subject, measure: Measure) -> Settings:
    plan = subject.plan
    return reading.settings_of(plan.methodology, plan.analysis_config, higher_is_better=measure.higher_is_better)


def _counted_here(work: Work, subject: _Subject) -> list[MetricPlan]:
    """The iteration's metrics that have results here."""
    return [each for each in subject.plan.metrics if _measure(work, subject, each).is_counted_here]


def _measure(work: Work, subject: _Subject, metric: MetricPlan) -> Measure:
    """The metric in the version that the iteration pinned at its start: later edits do not change its results."""
    address = f"{addresses.project_of(subject.experiment.address)}:metric/{metric.key}"
    return Measure.of(read_version(work, address, metric.version_id).body)


def _question(work: Work, subject: _Subject, measure: Measure, *, slice_by: str | None = None) -> Question:
    return asking.ask(
        subject.plan,
        measure,
        environment_id=subject.environment_id,
        max_lateness_hours=work.services["settings"].max_lateness_hours,
        slice_by=slice_by,
    )


def _bounds(plan: IterationPlan, present: Answer, bucket: str) -> list[tuple[int, int]]:
    """The buckets from the start to the newest fact, in UTC."""
    size = _BUCKETS.get(bucket)
    if size is None:
        raise Invalid(f"the query parameter 'bucket' must be one of {', '.join(_BUCKETS)}, not '{bucket[:40]}'")
    latest = [at for at in (present.traffic.last_exposure_at, present.last_event_at) if at is not None]
    first = plan.started_at_ms - plan.started_at_ms % size
    if not latest:
        return []
    count = (max(latest) - first) // size + 1
    if count > _POINTS_MAX:
        raise Invalid(f"{count} buckets of a {bucket} are more than {_POINTS_MAX}; ask for longer ones")
    return [(first + size * place, first + size * (place + 1)) for place in range(count)]


def _left_out(answer: Answer) -> dict[str, int]:
    left, traffic = answer.left_out, answer.traffic
    return {
        "eventsWithoutUnit": left.events_without_unit,
        "notExposed": left.not_exposed,
        "multipleVariations": left.multiple_variations,
        "filtered": left.filtered,
        "late": left.late,
        "outsideIteration": left.outside_iteration,
        "beforeExposure": left.before_exposure,
        "beforeWindow": left.before_window,
        "afterWindow": left.after_window,
        "valueMissing": left.value_missing,
        "exposuresWithoutUnit": traffic.exposures_without_unit,
        "exposuresWithoutVariation": traffic.exposures_without_variation,
    }


def _fingerprint(question: Question, answer: Answer, settings: Body) -> str:
    """Everything the numbers were made from, in one hash: equal hashes mean equal numbers."""
    counted = (answer.arms, answer.traffic, answer.left_out, answer.winsorized, answer.slices)
    text = repr((__version__, question, counted, sorted(settings.items())))
    return hashlib.sha256(text.encode()).hexdigest()


def _traffic(call: Call) -> bool:
    return "traffic" in call.query.expand


def _facts(work: Work) -> Facts:
    facts: Facts = work.services["facts"]
    return facts
