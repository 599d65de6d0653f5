"""What an actor may do with a resource, spelled out for the reader of the resource: ``_access``."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from flaghoist.policy.decide import Grant, Verdict
from flaghoist.policy.target import Target

Access = Mapping[str, Sequence[Mapping[str, Any]]]


def access(grant: Grant, target: Target, actions: tuple[str, ...]) -> Access:
    """``{"allowed": […], "denied": […]}``, each of ``{"action", "reason"}`` in the order given.

    The verdicts are the server's own. A reason is the statement that decided, with the name of its role; where none
    did, it is the effect alone, ``deny``. What is given may be shared: do not edit it.
    """
    if grant.looks_closer(target.types):
        return _spelled_out(grant, target, actions)
    return _of_any(grant, target.types, actions)


@lru_cache(maxsize=1024)
def _of_any(grant: Grant, types: tuple[str, ...], actions: tuple[str, ...]) -> Access:
    return _spelled_out(grant, Target.of(*[(type_, "*") for type_ in types]), actions)


def _spelled_out(grant: Grant, target: Target, actions: tuple[str, ...]) -> Access:
    rendered: dict[str, list[dict[str, Any]]] = {"allowed": [], "denied": []}
    reasons: dict[tuple[int, int | None], dict[str, Any]] = {}  # a few statements decide about dozens of actions
    for action in actions:
        verdict = grant.decide(action, target)
        decider = (id(verdict.policy), verdict.statement_index)
        reason = reasons.get(decider)
        if reason is None:
            reason = reasons[decider] = _reason(verdict)
        rendered["allowed" if verdict.allowed else "denied"].append({"action": action, "reason": reason})
    return rendered


def _reason(verdict: Verdict) -> dict[str, Any]:
    statement = verdict.statement
    if verdict.policy is None or statement is None:
        return {"effect": "deny"}
    return {**statement.to_json(), "role_name": verdict.policy.name}
