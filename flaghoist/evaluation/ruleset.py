"""The flags and segments of one environment, ready to answer for any context."""

from collections.abc import Mapping
from typing import Literal, TypeVar

from flaghoist.evaluation import reasons, wire
from flaghoist.evaluation.big_segments import Memberships
from flaghoist.evaluation.compiled import Flag, Matcher, Survey, Trail
from flaghoist.evaluation.context import Context
from flaghoist.evaluation.evaluated import EvaluatedFlag
from flaghoist.evaluation.flags import compile_flag
from flaghoist.evaluation.reasons import Result
from flaghoist.evaluation.segments import compile_segment

Audience = Literal["environment_id", "mobile"]
_Compiled = TypeVar("_Compiled")


class Ruleset:
    """Compiled flags and segments; never altered, so that any number of threads may ask."""

    __slots__ = ("_flags", "_segments")

    def __init__(self, flags: Mapping[str, Flag], segments: Mapping[str, Matcher]) -> None:
        # In order of their keys, however they came here: equal rulesets must render alike.
        self._flags = dict(sorted(flags.items()))
        self._segments = segments

    @classmethod
    def build(cls, flags: Mapping[str, wire.Item], segments: Mapping[str, wire.Item]) -> "Ruleset":
        """Compile everything an SDK would receive, by key; tombstones count as absent."""
        return cls(
            {key: compile_flag(key, flag) for key, flag in flags.items() if not flag.get("deleted")},
            {key: compile_segment(segment) for key, segment in segments.items() if not segment.get("deleted")},
        )

    def with_flag(self, key: str, flag: wire.Item | None) -> "Ruleset":
        """The same ruleset with one flag added, replaced or (given None or a tombstone) removed."""
        if flag is None or flag.get("deleted"):
            return Ruleset(_without(self._flags, key), self._segments)
        return Ruleset({**self._flags, key: compile_flag(key, flag)}, self._segments)

    def with_segment(self, key: str, segment: wire.Item | None) -> "Ruleset":
        """The same ruleset with one segment added, replaced or (given None or a tombstone) removed."""
        if segment is None or segment.get("deleted"):
            return Ruleset(self._flags, _without(self._segments, key))
        return Ruleset(self._flags, {**self._segments, key: compile_segment(segment)})

    def evaluate(self, flag_key: str, context: Context | None, *, memberships: Memberships | None = None) -> Result:
        """What a context gets, and why; None stands for a context that could not be read.

        Nothing a customer can store makes this raise: malformed flags have results too.
        """
        if context is None:
            return reasons.USER_NOT_SPECIFIED
        flag = self._flags.get(flag_key)
        if flag is None:
            return reasons.FLAG_NOT_FOUND
        return _decide(flag, context, Trail(self._flags, self._segments, memberships))

    def evaluate_all(
        self, context: Context, *, for_client: Audience | None = None, memberships: Memberships | None = None
    ) -> dict[str, EvaluatedFlag]:
        """Every flag for one context, by key; for a kind of client, only the flags made available to it."""
        trail = Trail(self._flags, self._segments, memberships)
        survey = trail.survey = Survey()
        evaluated = {}
        for key, flag in self._flags.items():
            if not _is_available(flag, for_client):
                continue
            trail.begin()
            survey.prerequisites = ()
            result = _decide(flag, context, trail)
            evaluated[key] = EvaluatedFlag(
                result,
                flag.version,
                flag.track_events or result.is_experiment,
                flag.debug_events_until_date,
                survey.prerequisites,
            )
        return evaluated


def _decide(flag: Flag, context: Context, trail: Trail) -> Result:
    try:
        result = flag.decide(context.kinds, trail)
    except (wire.Malformed, RecursionError):  # hundreds of flags or segments, each leaning on the next
        return reasons.MALFORMED_FLAG
    if trail.big_segments_status is not None:
        return reasons.with_big_segments_status(result, trail.big_segments_status)
    return result


def _without(compiled: Mapping[str, _Compiled], key: str) -> dict[str, _Compiled]:
    return {other: kept for other, kept in compiled.items() if other != key}


def _is_available(flag: Flag, client: Audience | None) -> bool:
    if client is None:
        return True
    return flag.using_environment_id if client == "environment_id" else flag.using_mobile_key
