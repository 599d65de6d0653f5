"""Metric groups: create, read, change, delete."""

import re
from collections.abc import Mapping

import msgspec

from flaghoist.base import ids
from flaghoist.base.errors import Conflict, Invalid
from flaghoist.core import addresses
from flaghoist.core.resource import Body, Resource
from flaghoist.core.work import Work
from flaghoist.resources.experimentation.dependants import Dependants, named
from flaghoist.resources.experimentation.grouping import check_members
from flaghoist.resources.experimentation.maintainers import MEMBER, TEAM, check_maintainer, settle_maintainer
from flaghoist.resources.experimentation.metric_groups.listing import LISTING, listing
from flaghoist.resources.experimentation.metric_groups.rendering import render
from flaghoist.resources.experimentation.metric_groups.schema import (
    MetricGroup,
    MetricGroupPost,
    MetricGroupRep,
    MetricGroupsRep,
)
from flaghoist.rest.operations import Call, Family
from flaghoist.rest.verbs import Verbs, checked_key, listed, visible

FAMILY = Family("Metrics (beta)", beta=True)
_OPTIONAL = ("description", MEMBER, TEAM)


def _new(_work: Work, _params: Mapping[str, str], post: MetricGroupPost) -> tuple[Mapping[str, str], Body]:
    body = msgspec.to_builtins(post)
    key = body.get("key") or re.sub(r"[^a-z0-9_.]+", "-", post.name.lower()).strip("-_.")
    body["key"] = checked_key(key, "metric group")
    return {"metricGroupKey": key}, {**body, "_id": ids.random_uuid()}


def _settle(_work: Work, _address: str, before: Body | None, after: Body) -> None:
    for name in _OPTIONAL:
        if name in after and not after[name]:
            del after[name]
    settle_maintainer(before, after)
    after["tags"] = after["tags"] or []
    for member in after["metrics"]:
        # Only the steps of a funnel have names of their own, yet clients must always send one.
        member["nameInGroup"] = (member["nameInGroup"] or "") if after["kind"] == "funnel" else ""


def _check(work: Work, address: str, before: Body | None, after: Body | None) -> None:
    if after is None:
        _check_unused(work, address)
        return
    if not after["name"]:
        raise Invalid("'name' is empty: give the metric group a name")
    if not after.get(MEMBER) and not after.get(TEAM):
        raise Invalid(f"maintainer ID is required: set '{MEMBER}' to the id of the member who looks after the group")
    check_maintainer(work, before, after)
    _check_metrics(work, address, after)
    if before is None and after["kind"] == "guardrail":
        _check_only_guardrail(work, address)


def _check_unused(work: Work, address: str) -> None:
    uses = Dependants.of(work, addresses.project_of(address)).experiments_with_group(addresses.name(address))
    if uses:
        raise Conflict(f"metric group '{addresses.name(address)}' is used by {named(uses)}, so it cannot be deleted")


def _check_metrics(work: Work, address: str, group: Body) -> None:
    keys = [member["key"] for member in group["metrics"]]
    repeated = sorted({key for key in keys if keys.count(key) > 1})
    if repeated:
        raise Invalid(f"metrics: '{repeated[0]}' appears twice; name each metric once")
    for index, member in enumerate(group["metrics"]):
        if group["kind"] == "funnel" and not member["nameInGroup"]:
            raise Invalid(f"metrics[{index}].nameInGroup is required in a funnel: name the step '{member['key']}'")
    project = addresses.project_of(address)
    found = [(key, work.find(f"{project}:metric/{key}")) for key in keys]
    for key, metric in found:
        if metric is None:
            raise Invalid(f"metrics: there is no metric '{key}' in project '{addresses.name(project)}'")
    check_members(group["kind"], [metric.body for _, metric in found if metric])


def _check_only_guardrail(work: Work, address: str) -> None:
    present = work.collection("metric-group", addresses.project_of(address))
    for group in present:
        if group.body["kind"] == "guardrail":
            raise Conflict(f"metric group '{group.body['key']}' already guards this project; add your metrics to it")


METRIC_GROUP = FAMILY.resource(
    Resource(
        kind="metric-group",
        audit_kind="metric group",
        address="proj/{projectKey}:metric-group/{metricGroupKey}",
        parent="proj/{projectKey}",
        schema=MetricGroup,
        create_action="createMetricGroup",
        delete_action="deleteMetricGroup",
        post=MetricGroupPost,
        make=_new,
        render=render,
        settle=_settle,
        check=_check,
        immutable=frozenset({"key", "_id", "kind"}),
    )
)


class _Groups(Verbs):
    """Groups may be ordered by who uses them."""

    def list(self, work: Work, call: Call) -> Body:
        """A page of a project's groups."""
        project = METRIC_GROUP.parent_of(call.params)
        work.read(project)
        found = visible(work, METRIC_GROUP, work.collection(METRIC_GROUP.kind, project), project)
        return listed(work, call, listing(work), found, render)


_Groups(
    family=FAMILY,
    resource=METRIC_GROUP,
    collection="/api/v2/projects/{projectKey}/metric-groups",
    item="/api/v2/projects/{projectKey}/metric-groups/{metricGroupKey}",
    rep=MetricGroupRep,
    collection_rep=MetricGroupsRep,
    listing=LISTING,
    expands=("experiments", "experimentCount"),
).declare(
    list_="getMetricGroups",
    create="createMetricGroup",
    get="getMetricGroup",
    patch="patchMetricGroup",
    delete="deleteMetricGroup",
)
