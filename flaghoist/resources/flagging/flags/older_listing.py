"""What flags could be filtered by until the API dropped it: their status, whom they target, what they export."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from flaghoist.base.errors import Invalid, NotFound
from flaghoist.core.resource import Body
from flaghoist.core.work import Document, Facet, Work
from flaghoist.resources.flagging.flags.statuses import NEVER, last_requests, status
from flaghoist.rest.filters import Condition

FIELDS = ("status", "contextKindTargeted", "segmentTargeted", "hasDataExport")
_STATUSES = ("new", "active", "inactive", "launched")
_OWN = frozenset({"salt"})  # differs between environments whatever they do

Test = Callable[[Document, Facet], bool]


def chosen(work: Work, asked: Mapping[str, Condition], found: list[Document]) -> list[Document]:
    """The flags that do what is asked in the environment that ``filterEnv`` names."""
    wanted = [name for name in FIELDS if name in asked]
    if not wanted or not found:
        return found
    if "filterEnv" not in asked:
        raise Invalid(f"filter: '{wanted[0]}' needs 'filterEnv' too, the environment to look at")
    key = asked["filterEnv"].text
    environment = work.find(f"{found[0].parent}:env/{key}")
    if environment is None:
        raise NotFound(f"there is no environment '{key}'")
    facets = work.facets_of(found, [key])
    tests = [_TESTS[name](work, environment, asked[name]) for name in wanted]
    return [flag for flag in found if all(test(flag, facets[flag.address][key]) for test in tests)]


def differing(work: Work, environments: Sequence[str], found: list[Document]) -> list[Document]:
    """The flags that do not do the same in all of some environments; all environments unless some are named."""
    facets = work.facets_of(found, environments or None)
    return [flag for flag in found if _differ([facet.body for facet in facets[flag.address].values()])]


def _differ(configs: Sequence[Body]) -> bool:
    told = [{name: value for name, value in config.items() if name not in _OWN} for config in configs]
    return any(config != told[0] for config in told[1:])


def _by_status(work: Work, environment: Document, condition: Condition) -> Test:
    unknown = [text for text in condition.texts if text not in _STATUSES]
    if unknown:
        raise Invalid(f"filter: 'status' is one of {', '.join(_STATUSES)}, not '{unknown[0]}'")
    requests = last_requests(work, environment)
    return lambda flag, config: (
        status(work, flag, config, requests.get(flag.body["key"], NEVER))["name"] in condition.texts
    )


def _by_kind(_work: Work, _environment: Document, condition: Condition) -> Test:
    return lambda _flag, config: condition.text in set(_kinds(config.body))


def _by_segment(_work: Work, _environment: Document, condition: Condition) -> Test:
    return lambda _flag, config: any(
        clause["op"] == "segmentMatch" and condition.text in clause["values"] for clause in _clauses(config.body)
    )


def _by_export(_work: Work, _environment: Document, condition: Condition) -> Test:
    wanted = condition.truth
    return lambda _flag, config: _exports(config.body) is wanted


_TESTS: Mapping[str, Callable[[Work, Document, Condition], Test]] = {
    "status": _by_status,
    "contextKindTargeted": _by_kind,
    "segmentTargeted": _by_segment,
    "hasDataExport": _by_export,
}


def _kinds(config: Body) -> Iterator[str]:
    yield from ("user" for target in config["targets"] if target["values"])
    yield from (target["contextKind"] for target in config["contextTargets"] if target["values"])
    yield from (clause.get("contextKind") or "user" for clause in _clauses(config) if clause["op"] != "segmentMatch")


def _clauses(config: Body) -> Iterator[Body]:
    for rule in config["rules"]:
        yield from rule["clauses"]


def _exports(config: Body) -> bool:
    """Whether every evaluation is recorded, of all, by a rule, or by the default."""
    return bool(
        config["trackEvents"]
        or config["trackEventsFallthrough"]
        or any(rule.get("trackEvents") for rule in config["rules"])
    )
