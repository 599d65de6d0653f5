"""Every experiment of an environment in brief, for whoever looks for one."""

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from flaghoist.core.resource import Body
from flaghoist.core.work import Document, Work
from flaghoist.resources.experimentation.experiments import fields
from flaghoist.resources.experimentation.experiments.schema import ExperimentType, Methodology, Status


class BriefRep(msgspec.Struct, rename="camel", kw_only=True):
    """An experiment in a list. The iteration told of is the one running, or else the draft, or else the last.

    ``startedAt`` is when anything of it started last; ``winner`` is the treatment that the last stop left.
    """

    key: str
    name: str
    type: ExperimentType
    status: Status
    archived: bool
    methodology: Methodology
    tags: list[str]
    created_at: int
    flag_key: str
    metric_keys: list[str]
    iterations: int
    flag_name: str | UnsetType = UNSET
    metric_key: str | UnsetType = UNSET
    metric_name: str | UnsetType = UNSET
    started_at: int | UnsetType = UNSET
    ended_at: int | UnsetType = UNSET
    winner: str | UnsetType = UNSET


class BriefsRep(msgspec.Struct):
    """All experiments of an environment, the newest first."""

    items: list[BriefRep]


def brief(work: Work, project: str, experiment: Document) -> Body:
    """``BriefRep``."""
    body = experiment.body
    status = fields.status_of(body)
    current = body.get("currentIteration") or {}
    told = current if status == "running" else body.get("draftIteration") or current
    flag_key = next(iter(told["flags"]), "")
    flag = work.find(f"{project}:env/*:flag/{flag_key}")
    shown: Body = {
        "key": body["key"],
        "name": body["name"],
        "type": body["type"],
        "status": status,
        "archived": "archivedDate" in body,
        "methodology": body["methodology"],
        "tags": body["tags"],
        "createdAt": experiment.created_at,
        "flagKey": flag_key,
        "metricKeys": [metric["key"] for metric in told["metrics"]],
        "iterations": len(body["previousIterations"]) + ("startedAt" in current),
        **_primary(told),
        **{name: current[name] for name in ("startedAt", "endedAt") if name in current},
    }
    if flag is not None:
        shown["flagName"] = flag.body["name"]
    for treatment in current.get("treatments", ()):
        if status == "stopped" and treatment["_id"] == current.get("winningTreatmentId"):
            shown["winner"] = treatment["name"]
    return shown


def _primary(iteration: Mapping[str, Any]) -> Body:
    key = iteration.get("primarySingleMetricKey") or iteration.get("primaryFunnelKey")
    for metric in iteration["metrics"]:
        if metric["key"] == key:
            return {"metricKey": key, "metricName": metric.get("name", key)}
    return {}
