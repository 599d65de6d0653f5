"""What client-side SDKs receive instead of flags: the answers for their own context."""

from typing import Any, NamedTuple

from flaghoist.evaluation.compiled import Flag
from flaghoist.evaluation.reasons import Result


class EvaluatedFlag(NamedTuple):
    """What a client-side SDK is told about one flag.

    ``version`` is the flag's own. ``debug_events_until_date`` is in milliseconds since the epoch. ``prerequisites``
    are the direct ones that were evaluated, in order, up to the first that failed.
    """

    result: Result
    version: int
    track_events: bool
    debug_events_until_date: int | float | None
    prerequisites: tuple[str, ...]

    def document(self, *, version: int, with_reason: bool = False) -> dict[str, Any]:
        """The JSON of an evaluated flag; ``version`` is the environment's, by which SDKs order what they receive."""
        result = self.result
        document: dict[str, Any] = {"value": result.value, "version": version, "flagVersion": self.version}
        if result.variation is not None:
            document["variation"] = result.variation
        if self.track_events:
            document["trackEvents"] = True
        if result.is_experiment:
            document["trackReason"] = True
        if with_reason or result.is_experiment:
            document["reason"] = result.reason
        if self.debug_events_until_date is not None:
            document["debugEventsUntilDate"] = self.debug_events_until_date
        if self.prerequisites:
            document["prerequisites"] = list(self.prerequisites)
        return document


def evaluated(flag: Flag, result: Result, prerequisites: tuple[str, ...]) -> EvaluatedFlag:
    """What there is to tell of a flag that serves ``result``."""
    tracked = flag.track_events or result.is_experiment
    return EvaluatedFlag(result, flag.version, tracked, flag.debug_events_until_date, prerequisites)
