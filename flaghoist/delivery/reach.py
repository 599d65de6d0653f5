"""Which flags and segments an answer rests on: a flag, its prerequisites, the segments they ask about, and so on."""

from collections.abc import Callable, Iterable, Iterator

from flaghoist.delivery.source import Document, ItemKind
from flaghoist.evaluation.ruleset import Audience

Name = tuple[ItemKind, str]

# One set for all flags that are seen by the same: a million flags are a few hundred megabytes of sets otherwise.
_AUDIENCES: dict[frozenset[Audience], frozenset[Audience]] = {
    seen: seen
    for seen in (
        frozenset[Audience](),
        frozenset[Audience](("environment_id",)),
        frozenset[Audience](("mobile",)),
        frozenset[Audience](("environment_id", "mobile")),
    )
}


def references(document: Document) -> frozenset[Name]:
    """What a flag or segment names: prerequisites, and segments in its clauses."""
    try:
        return frozenset((*_prerequisites(document), *_segments(document)))
    except (AttributeError, KeyError, TypeError):
        return frozenset()  # malformed: it answers the same to everybody, whatever else changes


def audiences(document: Document) -> frozenset[Audience]:
    """The kinds of client that may see a flag; older flags only say so of browsers."""
    availability = document.get("clientSideAvailability")
    if not isinstance(availability, dict):
        availability = {"usingEnvironmentId": document.get("clientSide"), "usingMobileKey": True}
    seen: list[Audience] = []
    if availability.get("usingEnvironmentId"):
        seen.append("environment_id")
    if availability.get("usingMobileKey"):
        seen.append("mobile")
    return _AUDIENCES[frozenset(seen)]


def reach(start: Iterable[Name], referred: Callable[[Name], frozenset[Name]]) -> frozenset[Name]:
    """Everything that ``start`` names, directly or by way of others, ``start`` included, whether it exists or not."""
    found: set[Name] = set()
    ahead = list(start)
    while ahead:
        name = ahead.pop()
        if name not in found:
            found.add(name)
            ahead.extend(referred(name))
    return frozenset(found)


def _prerequisites(document: Document) -> Iterator[Name]:
    for prerequisite in document.get("prerequisites") or ():
        yield "flags", prerequisite["key"]


def _segments(document: Document) -> Iterator[Name]:
    for rule in document.get("rules") or ():
        for clause in rule.get("clauses") or ():
            if clause.get("op") == "segmentMatch":
                for key in clause.get("values") or ():
                    yield "segments", key
