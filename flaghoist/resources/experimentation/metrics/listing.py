"""How metrics are searched and ordered."""

from collections.abc import Callable
from typing import Any

from flaghoist.base.errors import Invalid
from flaghoist.core.work import Document, Work
from flaghoist.resources.experimentation.dependants import found_for
from flaghoist.resources.experimentation.versions import version_ids
from flaghoist.rest.filters import Condition, FilterField, Predicate, by_member, by_query, by_tags
from flaghoist.rest.operations import Listing

_CONNECTIONS: dict[str, Callable[[bool], bool]] = {
    "experiments": lambda in_experiments: in_experiments,
    "guarded_rollouts": lambda _in_experiments: False,
    "any": lambda in_experiments: in_experiments,
    "none": lambda in_experiments: not in_experiments,
}


def _has_connections(work: Work, condition: Condition) -> Predicate:
    wanted, dependants = condition.truth, found_for(work)
    return lambda metric: bool(dependants(metric).experiments_with(metric.body["key"])) is wanted


def _used_in(work: Work, condition: Condition) -> Predicate:
    test = _CONNECTIONS.get(condition.text)
    if test is None:
        raise Invalid(f"filter: metricUsedIn must be one of {', '.join(_CONNECTIONS)}, not '{condition.text}'")
    dependants = found_for(work)
    return lambda metric: test(bool(dependants(metric).experiments_with(metric.body["key"])))


def _any_of(values: Callable[[Document], set[str]]) -> FilterField:
    """One of the values listed; with ``notEquals``, none of them."""

    def make(_work: Work, condition: Condition) -> Predicate:
        wanted = set(map(str, condition.value if isinstance(condition.value, list) else [condition.value]))
        negated = condition.operator == "notEquals"
        return lambda metric: bool(wanted & values(metric)) is not negated

    return make


def _name(metric: Document) -> Any:
    return metric.body["name"].lower()


LISTING = Listing(
    dialect="expressions",
    filters={
        "archived": by_member("archived"),
        "dataSourceKeys": _any_of(lambda metric: {metric.body["dataSource"]["key"]}),
        "eventKeys": by_member("eventKey"),
        "eventKind": by_member("kind"),
        "hasConnections": _has_connections,
        "isNumeric": by_member("isNumeric"),
        "maintainerIds": by_member("maintainerId"),
        "maintainerTeamKey": by_member("maintainerTeamKey"),
        "metricUsedIn": _used_in,
        "query": by_query("key", "name"),
        "tags": by_tags,
        "unitAggregationType": by_member("unitAggregationType"),
        "versionIds": _any_of(version_ids),
        "view": _any_of(lambda metric: set(metric.body.get("viewKeys", ()))),
    },
    sorts={"createdAt": lambda metric: metric.created_at, "name": _name},
    expands=("experimentCount", "metricGroupCount"),
    limit=20,
    limit_max=50,
)
