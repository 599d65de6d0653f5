"""Which experiments are asked for: by flag, metric, status and whether they are archived."""

from collections.abc import Iterator
from typing import Any

from flaghoist.base.errors import Invalid
from flaghoist.core.work import Document, Work
from flaghoist.resources.experimentation.experiments.rendering import EXPANDS
from flaghoist.rest.filters import Condition, Predicate
from flaghoist.rest.operations import Call, Listing

_STATES = ("active", "archived")


def _by_flag(_work: Work, condition: Condition) -> Predicate:
    wanted = set(condition.texts)
    return lambda found: any(wanted & set(each["flags"]) for each in _iterations(found))


def _by_metric(_work: Work, condition: Condition) -> Predicate:
    """A metric counts also where it is in a group."""
    wanted = set(condition.texts)

    def matches(found: Document) -> bool:
        named = [metric for each in _iterations(found) for metric in each["metrics"]]
        return any(metric["key"] in wanted for group in named for metric in (group, *(group.get("metrics") or ())))

    return matches


def _by_status(_work: Work, condition: Condition) -> Predicate:
    """The status of the draft or the current iteration."""
    wanted = set(condition.texts)
    return lambda found: any(
        found.body[name]["status"] in wanted for name in ("draftIteration", "currentIteration") if name in found.body
    )


def _iterations(found: Document) -> Iterator[dict[str, Any]]:
    yield from (found.body[name] for name in ("draftIteration", "currentIteration") if name in found.body)
    yield from found.body["previousIterations"]


def _in_states(_work: Work, call: Call, found: list[Document]) -> list[Document]:
    states = call.query.all("lifecycleState") or ["active"]
    for state in states:
        if state not in _STATES:
            raise Invalid(f"lifecycleState: unknown state '{state}'; possible: {', '.join(_STATES)}")
    return [each for each in found if ("archived" if "archivedDate" in each.body else "active") in states]


LISTING = Listing(
    filters={"flagKey": _by_flag, "metricKey": _by_metric, "status": _by_status},
    expands=EXPANDS,
    total="total_count",
    query=(("lifecycleState", "string"),),
    select=_in_states,
)
