"""The metrics of an iteration, each in the version that it is analysed by."""

from collections.abc import Mapping
from typing import Any

from flaghoist.base.errors import Invalid
from flaghoist.core.resource import Body
from flaghoist.core.work import Document, Work
from flaghoist.resources.experimentation.experiments.subject import Place
from flaghoist.resources.experimentation.versions import version_id

_SHOWN = ("name", "kind", "isNumeric", "unitAggregationType", "analysisType", "eventKey")


def pin(work: Work, place: Place, iteration: Body) -> None:
    """Bring an iteration's metrics up to their present versions, the primary one among them.

    Raises ``Invalid`` for a metric that does not exist, or if what is primary is not clear.
    """
    _include_primary(iteration)
    keys = [(metric["key"], metric["isGroup"]) for metric in iteration["metrics"]]
    if len(set(keys)) != len(keys):
        raise Invalid("metrics: a metric or metric group is named twice; name each once")
    iteration["metrics"] = [pinned(work, place, metric) for metric in iteration["metrics"]]
    funnel = iteration.get("primaryFunnelKey")
    for metric in iteration["metrics"]:
        if metric["isGroup"] and metric["key"] == funnel and metric["kind"] != "funnel":
            raise Invalid(f"primaryFunnelKey: the metric group '{funnel}' is not a funnel; name one that is")


def pin_added(work: Work, place: Place, iteration: Body) -> None:
    """Pin those metrics of a running iteration that were added since; the others stay as they are."""
    iteration["metrics"] = [
        metric if "_versionId" in metric else pinned(work, place, metric) for metric in iteration["metrics"]
    ]


def pinned(work: Work, place: Place, metric: Mapping[str, Any]) -> Body:
    """A metric or metric group in its present version; raises ``Invalid`` if it does not exist."""
    asked = {name: metric[name] for name in ("key", "isGroup", "analysisUnit") if name in metric}
    if not metric["isGroup"]:
        return {**asked, **_version(_metric(work, place, metric["key"]))}
    group = work.find(f"{place.project}:metric-group/{metric['key']}")
    if group is None:
        raise Invalid(f"metrics: there is no metric group '{metric['key']}'")
    return {
        **asked,
        "_versionId": version_id(group.address, group.version),
        "name": group.body["name"],
        "kind": group.body["kind"],
        "metrics": [_member(work, place, member) for member in group.body["metrics"]],
    }


def documents(work: Work, place: Place, iteration: Mapping[str, Any]) -> list[tuple[Body, Document]]:
    """Every single metric of an iteration, with the entry that brought it in (its own, or its group's)."""
    return [
        (metric, _metric(work, place, each["key"]))
        for metric in iteration["metrics"]
        for each in (metric["metrics"] if metric["isGroup"] else [metric])
    ]


def units_of(metric: Mapping[str, Any]) -> list[str]:
    """The context kinds that a metric (as stored) can be analysed by."""
    return list(metric["randomizationUnits"])


def _include_primary(iteration: Body) -> None:
    single, funnel = iteration.get("primarySingleMetricKey"), iteration.get("primaryFunnelKey")
    if single and funnel:
        raise Invalid("'primarySingleMetricKey' and 'primaryFunnelKey' exclude one another; give one of them")
    if not (single or funnel):
        return
    primary = (single or funnel, bool(funnel))
    if primary not in [(metric["key"], metric["isGroup"]) for metric in iteration["metrics"]]:
        iteration["metrics"] = [{"key": primary[0], "isGroup": primary[1]}, *iteration["metrics"]]


def _metric(work: Work, place: Place, key: str) -> Document:
    found = work.find(f"{place.project}:metric/{key}")
    if found is None:
        raise Invalid(f"metrics: there is no metric '{key}'")
    return found


def _member(work: Work, place: Place, member: Mapping[str, Any]) -> Body:
    shown = {"key": member["key"], **_version(_metric(work, place, member["key"]))}
    return {**shown, "nameInGroup": member["nameInGroup"]} if member.get("nameInGroup") else shown


def _version(metric: Document) -> Body:
    shown = {name: metric.body[name] for name in _SHOWN if name in metric.body}
    return {"_versionId": version_id(metric.address, metric.version), **shown, "analysisUnits": units_of(metric.body)}
