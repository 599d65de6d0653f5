"""How metric groups are searched and ordered."""

import dataclasses
from collections.abc import Sequence

from flaghoist.base.errors import Invalid
from flaghoist.core.work import Document, Work
from flaghoist.resources.experimentation.dependants import found_for
from flaghoist.rest.filters import Condition, Predicate, by_member, by_query
from flaghoist.rest.operations import Call, Listing

_STATUSES = {
    "not_started": {"not_started"},
    "running": {"running"},
    "stopped": {"stopped"},
    "started": {"running", "stopped"},
}


def listing(work: Work) -> Listing:
    """How groups are listed, also by how many experiments use them, which only the work at hand can tell."""
    dependants = found_for(work)

    def connections(group: Document) -> int:
        return len(dependants(group).experiments_with_group(group.body["key"]))

    return dataclasses.replace(LISTING, sorts={**LISTING.sorts, "connectionCount": connections})


def _has_connections(work: Work, condition: Condition) -> Predicate:
    wanted, dependants = condition.truth, found_for(work)
    return lambda group: bool(dependants(group).experiments_with_group(group.body["key"])) is wanted


def _experiment_status(work: Work, condition: Condition) -> Predicate:
    wanted = _STATUSES.get(condition.text)
    if wanted is None:
        raise Invalid(f"filter: experimentStatus must be one of {', '.join(_STATUSES)}, not '{condition.text}'")
    dependants = found_for(work)
    return lambda group: any(
        wanted & use.statuses for use in dependants(group).experiments_with_group(group.body["key"])
    )


def _without_guardrails(_work: Work, call: Call, found: list[Document]) -> Sequence[Document]:
    """Guardrail groups are listed where ``kind`` is asked for: a client that does not know them reads no such list."""
    if "kind" in call.query.text("filter"):
        return found
    return [group for group in found if group.body["kind"] != "guardrail"]


LISTING = Listing(
    dialect="expressions",
    filters={
        "experimentStatus": _experiment_status,
        "hasConnections": _has_connections,
        "kind": by_member("kind"),
        "maintainerIds": by_member("maintainerId"),
        "maintainerTeamKey": by_member("maintainerTeamKey"),
        "query": by_query("key", "name"),
    },
    sorts={"name": lambda group: group.body["name"].lower(), "createdAt": lambda group: group.created_at},
    limit=20,
    limit_max=50,
    select=_without_guardrails,
)
