"""When an event may have happened, as its sender says."""

from dataclasses import dataclass

from flaghoist.base.clock import MINUTE_MS
from flaghoist.store.facts.tally import Drop

TIME_MAX_MS = 4_102_444_800_000  # the year 2100
FUTURE_MS = 5 * MINUTE_MS
"""How far ahead of ours a clock may be when its sender vouches for it."""


@dataclass(frozen=True, slots=True)
class Timely:
    """Times in milliseconds; where its sender vouches for it, each event has to say when it happened."""

    earliest: int
    latest: int
    vouched_for: bool

    @classmethod
    def received(cls, at: int, *, vouched_for: bool, max_lateness_ms: int) -> "Timely":
        """Of events that came at a time: those vouched for may be so late, all others at any."""
        if not vouched_for:
            return cls(0, TIME_MAX_MS, False)
        return cls(max(at - max_lateness_ms, 0), at + FUTURE_MS, True)

    def objection(self, created_at: float | None) -> Drop | None:
        """Why an event of that time cannot be used."""
        if created_at is None:
            return "bad_time" if self.vouched_for else None
        if self.earliest <= created_at <= self.latest:
            return None
        if not 0 <= created_at <= TIME_MAX_MS:
            return "bad_time"
        return "too_old" if created_at < self.earliest else "future"
