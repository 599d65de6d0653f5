"""Metrics as the API shows them: with who uses them, who looks after them, and when their events last came."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from flaghoist.base import clock
from flaghoist.base.clock import HOUR_MS
from flaghoist.core import addresses
from flaghoist.core.resource import Body
from flaghoist.core.work import Document
from flaghoist.resources.experimentation.dependants import Dependants, Use
from flaghoist.resources.experimentation.maintainers import team_of, team_summary
from flaghoist.resources.experimentation.measure import Measure
from flaghoist.resources.experimentation.versions import version_id
from flaghoist.rest.render import Look, link, site


class Activity(Protocol):
    """What is known of events received; ``work.services["activity"]`` where there is such a service."""

    def event_key_seen(self, environment_ids: Sequence[str], kind: str, key: str) -> int | None:
        """When an event was last received in any of some environments, in milliseconds."""


def render(look: Look, metric: Document) -> Body:
    """A metric in a list, or, looked at in detail, alone."""
    project = addresses.step(metric.address, "proj")
    key = metric.body["key"]
    dependants = _dependants(look, metric)
    uses = dependants.experiments_with(key)
    shown = {
        **metric.body,
        "_version": metric.version,
        "_versionId": version_id(metric.address, metric.version),
        "_links": {"parent": link("/api/v2/metrics", project), "self": link("/api/v2/metrics", project, key)},
        "_site": site(project, "~", "metrics", key),
        "_access": look.access(metric),
        "_creationDate": metric.created_at,
        "lastModified": {"date": clock.rfc3339(metric.updated_at)},
        "_attachedFlagCount": len(_flags(uses)),
        "activeExperimentCount": sum(use.active for use in uses),
        "activeGuardedRolloutCount": 0,
        **_maintainer(look, metric.body),
    }
    seen = _last_seen(look, metric)
    if seen is not None:
        shown["lastSeen"] = seen
    if look.expands("experimentCount"):
        shown["experimentCount"] = len(uses)
    if look.expands("metricGroupCount"):
        shown["metricGroupCount"] = len(dependants.groups_with(key))
    return {**shown, **_detail(look, metric, dependants, uses)} if look.detail else shown


def _detail(look: Look, metric: Document, dependants: Dependants, uses: Sequence[Use]) -> Body:
    project = addresses.step(metric.address, "proj")
    detail: Body = {
        "isActive": not metric.body["archived"],
        "_isDeleteable": not uses and not dependants.groups_with(metric.body["key"]),
        "_attachedFeatures": [_flag(look, project, key) for key in sorted(_flags(uses))],
    }
    if look.expands("experiments"):
        detail["experiments"] = [use.json() for use in uses]
    if look.expands("metricGroups"):
        groups = dependants.groups_with(metric.body["key"])
        detail["metricGroups"] = [_group(project, group) for group in groups if group.body["kind"] != "guardrail"]
    if look.expands("eventSources"):
        detail["eventSources"] = _event_sources(look, metric)
    if look.expands("lastUsedInExperiment") and uses:
        detail["lastUsedInExperiment"] = max(uses, key=lambda use: use.last_used_at).json()
    return detail


def _dependants(look: Look, metric: Document) -> Dependants:
    project = addresses.project_of(metric.address)
    found: Dependants = look.once(f"dependants {project}", lambda: Dependants.of(look.work, project))
    return found


def _flags(uses: Sequence[Use]) -> set[str]:
    return {flag for use in uses for flag in use.flags}


def _flag(look: Look, project: str, key: str) -> Body:
    flag = look.work.find(f"proj/{project}:env/*:flag/{key}")
    return {
        "key": key,
        "name": flag.body.get("name", key) if flag else key,
        "_links": {"self": link("/api/v2/flags", project, key)},
        "_site": site(project, "~", "flags", key),
    }


def _group(project: str, group: Document) -> Body:
    key = group.body["key"]
    self_link = link(f"/api/v2/projects/{project}/metric-groups", key)
    return {"key": key, "name": group.body["name"], "kind": group.body["kind"], "_links": {"self": self_link}}


def _maintainer(look: Look, body: Mapping[str, Any]) -> Body:
    member = look.member(body.get("maintainerId", ""))
    if member is not None:
        return {"_maintainer": member}
    team = team_of(look, dict(body))
    return {"_maintainerTeam": team_summary(team)} if team else {}


def _event_sources(look: Look, metric: Document) -> list[Body]:
    """The environments from which a metric's events have come."""
    return [
        {"environmentId": environment.body["_id"], "environmentKey": environment.body["key"], "lastSeen": seen}
        for environment in _environments(look, metric)
        if (seen := _seen(look, metric, [environment])) is not None
    ]


def _last_seen(look: Look, metric: Document) -> int | None:
    return _seen(look, metric, _environments(look, metric))


def _environments(look: Look, metric: Document) -> list[Document]:
    project = addresses.project_of(metric.address)
    found: list[Document] = look.once(f"environments {project}", lambda: look.work.collection("env", project))
    return found


def _seen(look: Look, metric: Document, environments: Sequence[Document]) -> int | None:
    """When the metric's events last came, to the hour."""
    activity: Activity | None = look.work.services.get("activity")
    if activity is None or metric.body["kind"] == "trace":
        return None
    measure = Measure.of(metric.body)
    ids = [environment.body["_id"] for environment in environments]
    seen = activity.event_key_seen(ids, measure.event_kind, measure.event_key)
    return None if seen is None else seen - seen % HOUR_MS
