"""Where an event stands in the order of arrival: one number that holds the time, the payload and the place in it.

From the highest bit: 41 bits of milliseconds since 2020, 8 bits for one of the payloads of that millisecond, 14 bits
for the place inside the payload. A payload too large for 14 bits has a millisecond to itself, and all 22 bits.
"""

from dataclasses import dataclass

EPOCH_MS = 1_577_836_800_000  # 2020-01-01T00:00:00Z, so that 41 bits last until 2089
TIME_SHIFT = 22
PLACE_SHIFT = 14
PLACES = 1 << PLACE_SHIFT
ALONE = 1 << (TIME_SHIFT - 1)  # marks the payload that has its millisecond to itself
SLOTS = ALONE >> PLACE_SHIFT
FIRST_SLOTS = SLOTS - 16
"""Of so many slots an inbox begins each millisecond with one; at least 16 payloads fit into it then."""

EVENTS_MAX = ALONE
"""The most events that one payload can hold."""


def received_at(position: int) -> int:
    """When an event arrived, in milliseconds since the Unix epoch."""
    return (position >> TIME_SHIFT) + EPOCH_MS


def first_at(at_ms: int) -> int:
    """The lowest position of a millisecond; times before 2020 give the lowest of all."""
    return max(at_ms - EPOCH_MS, 0) << TIME_SHIFT


def payload_start(position: int) -> int:
    """The position of the first event in the same payload."""
    if position & ALONE:
        return position >> TIME_SHIFT << TIME_SHIFT | ALONE
    return position >> PLACE_SHIFT << PLACE_SHIFT


@dataclass(slots=True)
class Positions:
    """Hands out positions that only ever rise, whatever the clock does.

    ``first_slot`` is where each millisecond begins: with different ones, inboxes that feed one lake hardly ever give
    out the same position.
    """

    at_ms: int = EPOCH_MS
    slot: int = SLOTS
    first_slot: int = 0

    @classmethod
    def following(cls, position: int, *, first_slot: int = 0) -> "Positions":
        """Continue after a position handed out before a restart."""
        return cls(at_ms=received_at(position), first_slot=first_slot)

    @classmethod
    def resuming(cls, position: int, *, first_slot: int = 0) -> "Positions":
        """Continue exactly as whoever handed out a position would have."""
        slot = SLOTS if position & ALONE else (position >> PLACE_SHIFT) % SLOTS + 1
        return cls(at_ms=received_at(position), slot=slot, first_slot=first_slot)

    def next(self, now_ms: int, events: int) -> int:
        """The position of the first event of a payload that arrives now."""
        assert events <= EVENTS_MAX, "the door refuses larger payloads"
        alone = events > PLACES
        if now_ms > self.at_ms:
            self.at_ms, self.slot = now_ms, self.first_slot
        elif self.slot >= SLOTS or alone:
            self.at_ms, self.slot = self.at_ms + 1, self.first_slot
        if alone:
            self.slot = SLOTS
            return first_at(self.at_ms) | ALONE
        slot = self.slot
        self.slot += 1
        return first_at(self.at_ms) | slot << PLACE_SHIFT
