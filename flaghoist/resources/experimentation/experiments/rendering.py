"""Experiments as the API shows them; what can be expanded is there only where asked for."""

from collections.abc import Mapping
from typing import Any

from flaghoist.base.errors import Invalid
from flaghoist.core import addresses
from flaghoist.core.resource import Body
from flaghoist.core.work import Document
from flaghoist.resources.experimentation.experiments import fields, pins
from flaghoist.resources.experimentation.experiments.subject import Place
from flaghoist.rest.render import Look, link

EXPANDS = (
    "previousIterations", "draftIteration", "secondaryMetrics", "treatments", "analysisConfig", "mutableFieldsByStatus",
)  # fmt: skip
_PLAIN = ("_id", "key", "name", "description", "methodology", "dataSource", "archivedDate", "tags", "holdoutId", "type")
_ITERATION = (
    "_id", "hypothesis", "status", "createdAt", "startedAt", "endedAt", "winningTreatmentId", "winningReason",
    "canReshuffleTraffic", "reallocationFrequencyMillis", "version", "randomizationUnit", "attributes",
)  # fmt: skip
_TREATMENT = ("_id", "name", "allocationPercent", "baseline", "parameters")
_METRIC = (
    "key", "_versionId", "name", "kind", "isNumeric", "unitAggregationType", "analysisType", "eventKey", "analysisUnit",
)  # fmt: skip
_IN_GROUP = (*_METRIC, "nameInGroup", "analysisUnits")


def render(look: Look, experiment: Document) -> Body:
    """An experiment, in a list or alone."""
    body, place = experiment.body, Place.of(experiment.address)
    project = addresses.name(place.project)
    environment = link(f"/api/v2/projects/{project}/environments", place.environment_key)
    shown = {
        **_some(body, _PLAIN),
        "_maintainerId": body["maintainerId"],
        "_creationDate": experiment.created_at,
        "environmentKey": place.environment_key,
        "_links": {"parent": environment, "self": link(f"{environment['href']}/experiments", body["key"])},
        "_access": look.access(experiment),
    }
    if "currentIteration" in body:
        shown["currentIteration"] = iteration(look, place, body["currentIteration"], expands=look.query.expand)
    return {**shown, **_expanded(look, place, body)}


def iteration(look: Look, place: Place, body: Body, *, expands: frozenset[str]) -> Body:
    """One iteration, with its treatments and secondary metrics where expanded."""
    project = addresses.name(place.project)
    metrics = _metrics(look, place, body)
    shown = {
        **_some(body, _ITERATION),
        "flags": {key: _flag(project, key, flag) for key, flag in body["flags"].items()},
        "metrics": [_either(project, metric) for metric in metrics],
        **_primary(project, body, metrics),
    }
    if "treatments" in expands:
        shown["treatments"] = [_some(treatment, _TREATMENT) for treatment in body["treatments"]]
    if "secondaryMetrics" in expands:
        single = body.get("primarySingleMetricKey")
        others = [metric for metric in metrics if not metric["isGroup"] and metric["key"] != single]
        shown["secondaryMetrics"] = [_single(project, metric) for metric in others]
    return shown


def _expanded(look: Look, place: Place, body: Body) -> Body:
    """What was asked for and is not empty."""
    shown: Body = {}
    if look.expands("draftIteration") and "draftIteration" in body:
        shown["draftIteration"] = iteration(look, place, body["draftIteration"], expands=look.query.expand)
    if look.expands("previousIterations") and body["previousIterations"]:
        shown["previousIterations"] = [
            iteration(look, place, each, expands=look.query.expand) for each in body["previousIterations"]
        ]
    if look.expands("analysisConfig") and body.get("analysisConfig"):
        shown["analysisConfig"] = body["analysisConfig"]
    if look.expands("mutableFieldsByStatus"):
        shown["mutableFieldsByStatus"] = fields.mutable_by_status()
    return shown


def _metrics(look: Look, place: Place, body: Body) -> list[Body]:
    """As pinned; those of a draft as they are now, as long as they exist."""
    if body["status"] != "not_started":
        return list(body["metrics"])
    shown = []
    for metric in body["metrics"]:
        try:
            shown.append(pins.pinned(look.work, place, metric))
        except Invalid:
            shown.append(metric)
    return shown


def _primary(project: str, body: Body, metrics: list[Body]) -> Body:
    for metric in metrics:
        if not metric["isGroup"] and metric["key"] == body.get("primarySingleMetricKey"):
            return {"primarySingleMetric": _single(project, metric), "primaryMetric": _either(project, metric)}
        if metric["isGroup"] and metric["key"] == body.get("primaryFunnelKey"):
            return {"primaryFunnel": _group(project, metric), "primaryMetric": _either(project, metric)}
    return {}


def _flag(project: str, key: str, flag: Mapping[str, Any]) -> Body:
    shown = {"targetingRule": flag["ruleId"], **_some(flag, ("flagConfigVersion", "notInExperimentVariationId"))}
    if flag.get("targetingRuleDescription"):
        shown["targetingRuleDescription"] = flag["targetingRuleDescription"]
    if flag.get("targetingRuleClauses"):
        shown["targetingRuleClauses"] = flag["targetingRuleClauses"]
    return {**shown, "_links": {"self": link("/api/v2/flags", project, key)}}


def _either(project: str, metric: Mapping[str, Any]) -> Body:
    if not metric["isGroup"]:
        return {**_single(project, metric), "isGroup": False}
    return {**_group(project, metric), "_versionId": metric["_versionId"], "isGroup": True}


def _single(project: str, metric: Mapping[str, Any]) -> Body:
    return {**_some(metric, _METRIC), "_links": _metric_links(project, metric["key"])}


def _group(project: str, group: Mapping[str, Any]) -> Body:
    members = [
        {**_some(metric, _IN_GROUP), "_links": _metric_links(project, metric["key"])} for metric in group["metrics"]
    ]
    own = link(f"/api/v2/projects/{project}/metric-groups", group["key"])
    links = {"parent": link("/api/v2/projects", project), "self": own}
    return {**_some(group, ("key", "name", "kind", "analysisUnit")), "metrics": members, "_links": links}


def _metric_links(project: str, key: str) -> Body:
    return {"parent": link("/api/v2/metrics", project), "self": link("/api/v2/metrics", project, key)}


def _some(body: Mapping[str, Any], names: tuple[str, ...]) -> Body:
    return {name: body[name] for name in names if name in body}
