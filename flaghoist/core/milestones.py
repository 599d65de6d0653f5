"""The life of an experiment in words: an iteration drafted, started or stopped, the experiment put away or back."""

from collections.abc import Iterator, Mapping
from typing import Any

from flaghoist.core.journal import Change

Body = Mapping[str, Any]


def verb(change: Change) -> str:
    """``started the experiment``; nothing for a change that is no such step, or of another kind of document."""
    if change.kind != "experiment" or change.before is None or change.after is None:
        return ""
    was, now = _running(change.before), _running(change.after)
    if now and now != was:
        return "started the experiment"
    if was and not now:
        return "stopped the experiment"
    if change.before.get("archivedDate") == change.after.get("archivedDate"):
        return ""
    return "archived the experiment" if change.after.get("archivedDate") else "restored the experiment"


def lines(change: Change) -> list[str]:
    """One line for each iteration that was drafted, started or stopped."""
    if change.kind != "experiment" or change.before is None or change.after is None:
        return []
    return list(_lines(change.before, change.after))


def told(change: Change) -> frozenset[str]:
    """The members of the body of which ``lines`` has said all there is to say."""
    if not lines(change):
        return frozenset()
    return frozenset({"currentIteration", "draftIteration", "previousIterations"})


def _lines(before: Body, after: Body) -> Iterator[str]:
    was, now = _running(before), _running(after)
    if was and was != now:
        yield _stopped(_iteration(after, was))
    if now and now != was:
        yield _started(after["currentIteration"])
    draft = after.get("draftIteration")
    if draft and draft["_id"] != (before.get("draftIteration") or {}).get("_id"):
        yield f"Drafted the iteration {_quoted(draft['hypothesis'])}"


def _started(iteration: Body) -> str:
    treatments = [f"{_quoted(each['name'])} {each['allocationPercent']}%" for each in iteration["treatments"]]
    flags = " and ".join([_quoted(key) for key in iteration["flags"]])
    return f"Started the iteration {_quoted(iteration['hypothesis'])} on {flags}: {', '.join(treatments)}"


def _stopped(iteration: Body) -> str:
    stopped = f"Stopped the iteration {_quoted(iteration['hypothesis'])}"
    winner = next(
        (each for each in iteration["treatments"] if each["_id"] == iteration.get("winningTreatmentId")), None
    )
    if winner is None:
        return f"{stopped} without a winner"
    reason = iteration.get("winningReason")
    return f"{stopped}: the winner is {_quoted(winner['name'])}{f' ({_plain(reason)})' if reason else ''}"


def _running(body: Body) -> str:
    """The id of the iteration that runs."""
    current = body.get("currentIteration") or {}
    return str(current.get("_id", "")) if current.get("status") == "running" else ""


def _iteration(body: Body, iteration_id: str) -> Body:
    iterations: list[Body] = [body["currentIteration"], *body["previousIterations"]]
    return next(each for each in iterations if each["_id"] == iteration_id)


def _quoted(text: str) -> str:
    return f"`{_plain(text)}`"


def _plain(text: str) -> str:
    return " ".join(text.replace("`", "'").split())
