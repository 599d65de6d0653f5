"""The flags and segments of one environment, ready to answer for any context."""

from collections.abc import Mapping, Sequence
from typing import Literal

from flaghoist.evaluation import reasons, wire
from flaghoist.evaluation.big_segments import Memberships
from flaghoist.evaluation.compiled import Flag, Kinds, Matcher, Survey, Trail
from flaghoist.evaluation.context import Context
from flaghoist.evaluation.evaluated import EvaluatedFlag, evaluated
from flaghoist.evaluation.flags import compile_flag
from flaghoist.evaluation.panel import SPOILT, Panel
from flaghoist.evaluation.reasons import Result
from flaghoist.evaluation.segments import compile_segment
from flaghoist.evaluation.unseen import UNSEEN, Seen

Audience = Literal["environment_id", "mobile"]
Answer = tuple[Result, tuple[str, ...]]
"""What a flag serves, and the prerequisites that were evaluated for that."""


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

    def shown(self, client: Audience | None) -> list[Flag]:
        """The flags that a kind of client may see (None: all), in order of their keys."""
        return [flag for flag in self._flags.values() if _is_available(flag, client)]

    def evaluate(self, flag_key: str, context: Context | None, *, memberships: Memberships | None = None) -> Result:
        """What a context gets, and why; None stands for a context that could not be read.

        Nothing a customer can store makes this raise: malformed flags have results too.
        """
        if context is None:
            return reasons.USER_NOT_SPECIFIED
        flag = self._flags.get(flag_key)
        if flag is None:
            return reasons.FLAG_NOT_FOUND
        return _decide(flag, context.kinds, Trail(self._flags, self._segments, memberships))

    def evaluate_all(
        self, context: Context, *, for_client: Audience | None = None, memberships: Memberships | None = None
    ) -> dict[str, EvaluatedFlag]:
        """Every flag for one context, by key; for a kind of client, only the flags made available to it."""
        asking = self.asking(context, memberships=memberships)
        return {flag.key: evaluated(flag, *asking.flag(flag)) for flag in self.shown(for_client)}

    def asking(self, context: Context, *, memberships: Memberships | None = None) -> "Asking":
        """Ready to be asked about many flags for one context."""
        return Asking(context.kinds, Trail(self._flags, self._segments, memberships))

    def answer_to_all(self, flag: Flag) -> Answer | None:
        """What a flag answers whoever asks, or None where that depends on the context.

        It is what the flag serves without anything having looked at the context.
        """
        trail = Trail(self._flags, self._segments, None)
        trail.survey = Survey()
        try:
            return _decide(flag, UNSEEN, trail), trail.survey.prerequisites
        except Seen:
            return None


class Asking:
    """One context, and what is remembered of it from flag to flag."""

    __slots__ = ("_kinds", "_survey", "_trail")

    def __init__(self, kinds: Kinds, trail: Trail) -> None:
        self._kinds = kinds
        self._trail = trail
        self._survey = trail.survey = Survey()

    def flag(self, flag: Flag) -> Answer:
        """What one flag answers."""
        self._trail.begin()
        self._survey.prerequisites = ()
        result = _decide(flag, self._kinds, self._trail)
        return result, self._survey.prerequisites

    def panel(self, panel: Panel) -> tuple[list[Result | None], Sequence[int]]:
        """What many serve, and which of them are to be asked one by one."""
        return panel.results(self._kinds, self._trail)


def _decide(flag: Flag, kinds: Kinds, trail: Trail) -> Result:
    try:
        result = flag.decide(kinds, trail)
    except SPOILT:
        return reasons.MALFORMED_FLAG
    if trail.big_segments_status is not None:
        return reasons.with_big_segments_status(result, trail.big_segments_status)
    return result


def _is_available(flag: Flag, client: Audience | None) -> bool:
    if client is None:
        return True
    return flag.using_environment_id if client == "environment_id" else flag.using_mobile_key
