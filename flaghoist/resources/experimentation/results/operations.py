"""Results: what an experiment has shown so far, per metric, per metric group and over time."""

from collections.abc import Sequence

from flaghoist.base.clock import DAY_MS, HOUR_MS
from flaghoist.base.errors import Invalid, NotFound
from flaghoist.core import addresses
from flaghoist.core.resource import Body
from flaghoist.core.work import Work
from flaghoist.resources.experimentation.iteration import IterationPlan, MetricPlan
from flaghoist.resources.experimentation.results import answers, bundle
from flaghoist.resources.experimentation.results.findings import Finding, family_of, find, read_together
from flaghoist.resources.experimentation.results.schema import (
    EveryMetricRep,
    MetricGroupResultsRep,
    ResultsRep,
    SeriesRep,
)
from flaghoist.resources.experimentation.results.subject import BELOW, EXPERIMENT, Subject, facts_of, subject
from flaghoist.rest.operations import Call, Family, Reply
from flaghoist.rest.render import link
from flaghoist.store.facts.answer import Answer

FAMILY = Family("Experiment results")
_BUCKETS = {"minute": HOUR_MS // 60, "hour": HOUR_MS, "day": DAY_MS, "week": 7 * DAY_MS}
_POINTS_MAX = 400
_QUERY = (("iterationId", "string"), ("expand", "string"), ("attribute", "string"))


@FAMILY.view(
    f"{EXPERIMENT}/metrics/{{metricKey}}/results", "getExperimentResults", returns=ResultsRep, query=_QUERY, ours=True
)
def read_results(work: Work, call: Call) -> Body:
    """Get the results of a metric in an experiment"""
    asked = subject(work, call)
    ((_, results),) = _results(work, call, asked, asked.metrics(call.params["metricKey"]))
    return results


@FAMILY.view(
    f"{EXPERIMENT}/metric-groups/{{metricGroupKey}}/results",
    "getExperimentResultsForMetricGroup",
    returns=MetricGroupResultsRep,
    query=_QUERY,
    ours=True,
)
def read_group_results(work: Work, call: Call) -> Body:
    """Get the results of a metric group in an experiment"""
    asked = subject(work, call)
    metrics = asked.metrics("", call.params["metricGroupKey"])
    return {
        "_links": {"self": link(call.path), "parent": link(asked.path)},
        "metrics": [
            {"metric": results["metric"], "results": results} for _, results in _results(work, call, asked, metrics)
        ],
    }


@FAMILY.view(
    f"/internal/{BELOW}/results",
    "getExperimentResultsOfEveryMetric",
    returns=EveryMetricRep,
    query=(("iterationId", "string"), ("expand", "string")),
    ours=True,
)
def read_every_metric(work: Work, call: Call) -> Body:
    """Get the results of every metric in an experiment, as of one moment"""
    asked = subject(work, call)
    found = {finding.metric: shown for finding, shown in _results(work, call, asked, asked.counted_here(work))}
    return {
        "_links": {"self": link(call.path), "parent": link(asked.path)},
        "iterationId": asked.plan.id,
        "metrics": [
            {
                "key": metric.key,
                "primary": metric.primary,
                **({"group": metric.group} if metric.group else {}),
                **({"results": found[metric]} if metric in found else {}),
            }
            for metric in asked.plan.metrics
        ],
    }


@FAMILY.view(
    f"{EXPERIMENT}/metrics/{{metricKey}}/results/series",
    "getExperimentResultsSeries",
    returns=SeriesRep,
    query=(("iterationId", "string"), ("bucket", "string"), ("cumulative", "boolean"), ("expand", "string")),
    ours=True,
)
def read_series(work: Work, call: Call) -> Body:
    """Get the results of a metric as they came to be"""
    if not call.query.flag("cumulative", default=True):
        raise Invalid("the query parameter 'cumulative' must be true: each point holds everything up to its end")
    asked, facts = subject(work, call), facts_of(work)
    family = family_of(work, asked, asked.metrics(call.params["metricKey"]))
    questions = [asked.question(work, measure) for _, measure in family]
    facts.flush()
    (present,) = facts.answers(questions[:1])
    bucket = call.query.text("bucket", "day")
    bounds = _bounds(asked.plan, present, bucket)
    through = [until - 1 for _, until in bounds]
    points = zip(*(facts.series(question, through) for question in questions), strict=True)
    return {
        "_links": {"self": link(call.path), "parent": link(asked.path)},
        "iterationId": asked.plan.id,
        "bucket": bucket,
        "cumulative": True,
        "series": [
            {
                "since": since,
                "until": until,
                "treatmentResults": answers.treatments(
                    asked.plan,
                    family[0][1],
                    read_together(asked, family, counted)[0],
                    counted[0],
                    traffic=_traffic(call),
                ),
            }
            for (since, until), counted in zip(bounds, points, strict=True)
        ],
    }


@FAMILY.view(
    f"/internal/{BELOW}/metrics/{{metricKey}}/results/bundle",
    "getExperimentResultsBundle",
    returns=bytes,
    query=(("iterationId", "string"),),
    ours=True,
)
def read_bundle(work: Work, call: Call) -> Reply:
    """Download the results of a metric with all that it takes to work every figure out anew"""
    asked = subject(work, call)
    key = call.params["metricKey"]
    findings = find(work, asked, asked.metrics(key))
    results = answers.shown(work, asked, findings[0], path=f"{asked.path}/metrics/{key}/results", traffic=True)
    name = f"{asked.plan.experiment_key}-{key}-results.zip"
    headers = (("content-type", "application/zip"), ("content-disposition", f'attachment; filename="{name}"'))
    return Reply(bundle.pack(asked, findings, results), headers=headers)


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
    asked = subject(work, Call(path=call.path, params=names, query=call.query, version=call.version))
    results = _results(work, call, asked, asked.counted_here(work))
    return {
        "experimentId": wanted,
        "iterationId": asked.plan.id,
        "metrics": [{"key": finding.metric.key, "inputsHash": shown["inputsHash"]} for finding, shown in results],
    }


def _results(work: Work, call: Call, asked: Subject, metrics: Sequence[MetricPlan]) -> list[tuple[Finding, Body]]:
    """The results of some metrics, in their order."""
    findings = find(work, asked, metrics, slice_by=call.query.text("attribute") or None)
    return [
        (finding, answers.shown(work, asked, finding, path=call.path, traffic=_traffic(call)))
        for finding in findings[: len(metrics)]
    ]


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


def _traffic(call: Call) -> bool:
    return "traffic" in call.query.expand
