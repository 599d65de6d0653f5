"""What an evaluation answers: a value, its place among the variations, and why."""

from dataclasses import dataclass
from typing import Any

Reason = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Result:
    """One answer, built once per flag and shared by all evaluations that reach it: never alter value or reason.

    ``variation`` is None where the flag serves nothing (then ``value`` is None too). ``reason`` is the JSON that SDKs
    expect. ``is_experiment`` asks for a full event with its reason: the context is in an experiment, or the rule or
    the fallthrough that served it is tracked.
    """

    value: Any
    variation: int | None
    reason: Reason
    is_experiment: bool = False


def off() -> Reason:
    """Targeting is off."""
    return {"kind": "OFF"}


def fallthrough() -> Reason:
    """No target and no rule matched."""
    return {"kind": "FALLTHROUGH"}


def target_match() -> Reason:
    """The context is targeted by its key."""
    return {"kind": "TARGET_MATCH"}


def rule_match(index: int, rule_id: str | None) -> Reason:
    """The first rule that matched."""
    return {"kind": "RULE_MATCH", "ruleIndex": index, "ruleId": rule_id}


def prerequisite_failed(key: str) -> Reason:
    """Another flag does not serve this context what this one asks for."""
    return {"kind": "PREREQUISITE_FAILED", "prerequisiteKey": key}


def in_experiment(reason: Reason) -> Reason:
    """The same reason for a context that takes part in the rollout's experiment."""
    return {**reason, "inExperiment": True}


def error(kind: str) -> Result:
    """No answer, because of ``kind``: ``MALFORMED_FLAG``, ``FLAG_NOT_FOUND``, ``USER_NOT_SPECIFIED``."""
    return Result(None, None, {"kind": "ERROR", "errorKind": kind})


def with_big_segments_status(result: Result, status: str) -> Result:
    """The same answer, telling how sound the big-segment lookups behind it were."""
    reason = {**result.reason, "bigSegmentsStatus": status}
    return Result(result.value, result.variation, reason, result.is_experiment)


MALFORMED_FLAG = error("MALFORMED_FLAG")
FLAG_NOT_FOUND = error("FLAG_NOT_FOUND")
USER_NOT_SPECIFIED = error("USER_NOT_SPECIFIED")
