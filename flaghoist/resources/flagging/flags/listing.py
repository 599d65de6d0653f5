"""How flags are listed: what they may be filtered and ordered by."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flaghoist.base.errors import Invalid, NotFound
from flaghoist.core.work import Document, Work
from flaghoist.resources.flagging.flags import older_listing
from flaghoist.resources.flagging.flags.render import PAGED_SINCE, asked_environments
from flaghoist.resources.flagging.flags.statuses import NEVER, last_requests
from flaghoist.rest import filters
from flaghoist.rest.filters import Condition, FilterField, Predicate, by_member, by_query, by_tags
from flaghoist.rest.operations import Call, Listing


def _reach(flag: Document, member: str) -> bool:
    return bool(flag.body["clientSideAvailability"][member])


_REACHES: dict[str, Predicate] = {
    "client": lambda flag: _reach(flag, "usingEnvironmentId"),
    "mobile": lambda flag: _reach(flag, "usingMobileKey"),
    "anyClient": lambda flag: _reach(flag, "usingEnvironmentId") or _reach(flag, "usingMobileKey"),
    "server": lambda flag: not _reach(flag, "usingEnvironmentId") and not _reach(flag, "usingMobileKey"),
}
_STATES: dict[str, Predicate] = {
    "live": lambda flag: not flag.body["archived"] and not flag.body["deprecated"],
    "deprecated": lambda flag: flag.body["deprecated"] and not flag.body["archived"],
    "archived": lambda flag: bool(flag.body["archived"]),
}
_TYPES: dict[str, Predicate] = {
    "temporary": lambda flag: bool(flag.body["temporary"]),
    "permanent": lambda flag: not flag.body["temporary"],
}


def listing(version: int) -> Listing:
    """How flags are listed in a version of the API."""
    return Listing(
        filters={
            "query": by_query("key", "name"),
            "tags": by_tags,
            "state": _one_of(_STATES),
            "archived": _archived,
            "type": _one_of(_TYPES),
            "sdkAvailability": _one_of(_REACHES),
            "maintainerId": by_member("maintainerId"),
            "maintainerTeamKey": by_member("maintainerTeamKey"),
            "creationDate": _created,
            "hasExperiment": _has_experiment,
            "purpose": _purpose,
            "evaluated": _elsewhere,
            "filterEnv": _elsewhere,
            **(dict.fromkeys(older_listing.FIELDS, _elsewhere) if version < PAGED_SINCE else {}),
        },
        sorts={
            "creationDate": lambda flag: flag.created_at,
            "key": lambda flag: flag.body["key"],
            "maintainerId": lambda flag: flag.body.get("maintainerId", ""),
            "name": lambda flag: flag.body["name"].lower(),
            "tags": lambda flag: [tag.lower() for tag in flag.body["tags"]],
            "targetingModifiedDate": lambda _flag: 0,  # _select has ordered them already, and sorting is stable
            "type": lambda flag: "temporary" if flag.body["temporary"] else "permanent",
        },
        expands=("migrationSettings",),
        paged_since=PAGED_SINCE,
        query=(
            ("env", "string"),
            ("tag", "string"),
            ("summary", "boolean"),
            ("archived", "boolean"),
            ("compare", "boolean"),
        ),
        select=_select,
    )


def _select(work: Work, call: Call, found: list[Document]) -> Sequence[Document]:
    """What is asked for outside the filter, or by several of its fields together."""
    asked = {condition.field: condition for condition in filters.pairs(call.query.text("filter"))}
    tag = call.query.text("tag").lower()
    if tag:
        found = [flag for flag in found if tag in {each.lower() for each in flag.body["tags"]}]
    if "state" not in asked and "archived" not in asked:
        archived = call.query.flag("archived")
        found = [flag for flag in found if flag.body["archived"] is archived]
    if "evaluated" in asked:
        found = _evaluated(work, call, asked, found)
    if call.version.number < PAGED_SINCE:
        found = older_listing.chosen(work, asked, found)
        if call.query.flag("compare"):
            found = older_listing.differing(work, asked_environments(call.query), found)
    return _by_last_targeting(work, call, found)


def _evaluated(work: Work, call: Call, asked: Mapping[str, Condition], found: list[Document]) -> list[Document]:
    """Those requested since a time, in the environment that ``filterEnv`` names."""
    after = _bounds(asked["evaluated"], ("after",)).get("after", 0)
    if "filterEnv" not in asked:
        raise Invalid("filter: 'evaluated' needs 'filterEnv' too, the environment to look at")
    key = asked["filterEnv"].text
    environment = work.find(f"proj/{call.params['projectKey']}:env/{key}")
    if environment is None:
        raise NotFound(f"there is no environment '{key}'")
    requests = last_requests(work, environment)
    return [flag for flag in found if (requests.get(flag.body["key"], NEVER)[0] or 0) > after]


def _by_last_targeting(work: Work, call: Call, found: list[Document]) -> Sequence[Document]:
    order = call.query.sort()
    if all(name != "targetingModifiedDate" for name, _ in order):
        return found
    environments = asked_environments(call.query)[:1]
    if len(order) > 1 or not environments:
        raise Invalid("sort: 'targetingModifiedDate' stands alone, and needs 'env'")
    facets = work.facets_of(found, environments)
    if found and not facets[found[0].address]:
        raise NotFound(f"there is no environment '{environments[0]}'")
    changed_at = {address: parts[environments[0]].updated_at for address, parts in facets.items()}
    return sorted(found, key=lambda flag: changed_at[flag.address], reverse=order[0][1])


def _one_of(possible: Mapping[str, Predicate]) -> FilterField:
    """A filter whose value is one of a few words, or some of them joined."""

    def make(_work: Work, condition: Condition) -> Predicate:
        unknown = [text for text in condition.texts if text not in possible]
        if unknown:
            raise Invalid(f"filter: '{condition.field}' is one of {', '.join(possible)}, not '{unknown[0]}'")
        chosen = [possible[text] for text in condition.texts]
        return lambda flag: any(is_so(flag) for is_so in chosen)

    return make


def _archived(_work: Work, condition: Condition) -> Predicate:
    wanted = condition.truth
    return lambda flag: flag.body["archived"] is wanted


def _created(_work: Work, condition: Condition) -> Predicate:
    bounds = _bounds(condition, ("before", "after"))
    return lambda flag: bounds.get("after", 0) < flag.created_at < bounds.get("before", flag.created_at + 1)


def _bounds(condition: Condition, names: Sequence[str]) -> dict[str, int]:
    value: Any = condition.value
    if isinstance(value, dict) and set(value) <= set(names) and all(isinstance(each, int) for each in value.values()):
        return value
    shape = ", ".join(f'"{name}": <milliseconds>' for name in names)
    raise Invalid(f"filter: '{condition.field}' must be of the form {{{shape}}}")


def _purpose(_work: Work, condition: Condition) -> Predicate:
    """``all``, a purpose, or ``!(purpose)`` for all but one; joined by ``+``."""
    wanted = {text for text in condition.texts if text != "all" and not text.startswith("!")}
    unwanted = {text.removeprefix("!").strip("()") for text in condition.texts if text.startswith("!")}

    def matches(flag: Document) -> bool:
        purpose = flag.body.get("purpose", "")
        return purpose not in unwanted and (not wanted or purpose in wanted)

    return matches


def _has_experiment(work: Work, condition: Condition) -> Predicate:
    wanted = condition.truth
    known: dict[str, Callable[[str], bool]] = {}

    def matches(flag: Document) -> bool:
        if flag.parent not in known:
            known[flag.parent] = _experimented(work, flag.parent).__contains__
        return known[flag.parent](flag.body["key"]) is wanted

    return matches


def _experimented(work: Work, project: str) -> set[str]:
    """The keys of the flags that a project's experiments are about."""
    iterations = [
        experiment.body.get(name) or {}
        for environment in work.collection("env", project)
        for experiment in work.collection("experiment", environment.address)
        for name in ("currentIteration", "draftIteration")
    ]
    return {key for iteration in iterations for key in iteration.get("flags") or {}}


def _elsewhere(_work: Work, _condition: Condition) -> Predicate:
    """A field that leaves nothing out by itself."""
    return lambda _flag: True
