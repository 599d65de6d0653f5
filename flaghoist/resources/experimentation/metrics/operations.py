"""Metrics: create, read in any version, change, archive, delete; and what browsers must watch for their sake."""

from collections.abc import Mapping

import msgspec

from flaghoist.base import ids
from flaghoist.base.errors import Conflict, Invalid
from flaghoist.core import addresses
from flaghoist.core.resource import Body, Projection, Resource
from flaghoist.core.work import Document, Facet, Work
from flaghoist.resources.experimentation.dependants import Dependants, named
from flaghoist.resources.experimentation.grouping import check_members
from flaghoist.resources.experimentation.maintainers import MEMBER, TEAM, check_maintainer, settle_maintainer
from flaghoist.resources.experimentation.metrics import rules
from flaghoist.resources.experimentation.metrics.listing import LISTING
from flaghoist.resources.experimentation.metrics.rendering import render
from flaghoist.resources.experimentation.metrics.schema import Metric, MetricPost, MetricRep, MetricsRep
from flaghoist.resources.experimentation.versions import read_version
from flaghoist.rest.operations import Call, Family
from flaghoist.rest.verbs import Verbs, checked_key, require_view

FAMILY = Family("Metrics")


def _new(work: Work, _params: Mapping[str, str], post: MetricPost) -> tuple[Mapping[str, str], Body]:
    body = msgspec.to_builtins(post)
    if not body.get(MEMBER) and not body.get(TEAM) and work.actor.member_id:
        body[MEMBER] = work.actor.member_id
    return {"metricKey": checked_key(post.key, "metric")}, {**body, "_id": ids.object_id()}


def _settle(_work: Work, _address: str, before: Body | None, after: Body) -> None:
    rules.settle(before, after)
    settle_maintainer(before, after)


def _check(work: Work, address: str, before: Body | None, after: Body | None) -> None:
    if after is not None:
        rules.check(after)
        check_maintainer(work, before, after)
    if before is not None:
        _check_dependants(work, address, before, after)


def _check_dependants(work: Work, address: str, before: Body, after: Body | None) -> None:
    """Refuse to delete what was ever used, to archive what is in use, and to change what would not fit its groups."""
    key = before["key"]
    dependants = Dependants.of(work, addresses.project_of(address))
    uses, groups = dependants.experiments_with(key), dependants.groups_with(key)
    if after is None:
        if uses or groups:
            raise Conflict(f"metric '{key}' is used by {named(uses, groups)}; archive it to keep it out of sight")
        return
    active = [use for use in uses if use.active]
    if after["archived"] and not before["archived"] and (active or groups):
        raise Conflict(f"metric '{key}' cannot be archived while it is used by {named(active, groups)}")
    for group in groups:
        _check_group(work, group, after)


def _check_group(work: Work, group: Document, changed: Body) -> None:
    project = addresses.project_of(group.address)
    keys = [member["key"] for member in group.body["metrics"]]
    members = [changed if key == changed["key"] else work.read(f"{project}:metric/{key}").body for key in keys]
    try:
        check_members(group.body["kind"], members)
    except Invalid as refusal:
        raise Invalid(f"metric group '{group.body['key']}' would no longer hold: {refusal.message}") from None


def _goal(metric: Document, _facet: Facet | None, _environment_key: str) -> Projection | None:
    """What browsers watch for: a click or a page view, reported under the metric's key."""
    body = metric.body
    if body["kind"] not in ("click", "pageview") or body["archived"]:
        return None
    shown: Body = {name: body[name] for name in ("key", "kind", "selector", "urls") if name in body}
    return Projection("goals", body["key"], shown)


METRIC = FAMILY.resource(
    Resource(
        kind="metric",
        address="proj/{projectKey}:metric/{metricKey}",
        parent="proj/{projectKey}",
        schema=Metric,
        create_action="createMetric",
        delete_action="deleteMetric",
        post=MetricPost,
        make=_new,
        render=render,
        check=_check,
        settle=_settle,
        immutable=frozenset({"key", "_id", "kind", "archivedAt"}),
        project=_goal,
        delivers="goals",
    )
)


class _Metrics(Verbs):
    """Every version of a metric stays readable."""

    def get(self, work: Work, call: Call) -> Body:
        """A metric, as it is or as it was in the version asked for."""
        metric = work.read(METRIC.address_of(call.params))
        require_view(work, METRIC, metric)
        wanted = call.query.text("versionId")
        shown = read_version(work, metric.address, wanted) if wanted else metric
        return render(call.look(work, detail=True), shown)


_Metrics(
    family=FAMILY,
    resource=METRIC,
    collection="/api/v2/metrics/{projectKey}",
    item="/api/v2/metrics/{projectKey}/{metricKey}",
    rep=MetricRep,
    collection_rep=MetricsRep,
    listing=LISTING,
    expands=(
        "experiments",
        "experimentCount",
        "metricGroups",
        "metricGroupCount",
        "eventSources",
        "lastUsedInExperiment",
    ),
).declare(list_="getMetrics", create="postMetric", get="getMetric", patch="patchMetric", delete="deleteMetric")
