"""Where a context falls between 0 and 1: the same place for the same seed, today and in every SDK."""

import hashlib
from bisect import bisect_left
from collections.abc import Callable
from functools import lru_cache
from operator import itemgetter
from typing import Any, NamedTuple

from flaghoist.evaluation import references, wire
from flaghoist.evaluation.context import USER

WHOLE = 100_000  # weights are thousandths of a percent
ABSENT = -1.0  # where a context falls that lacks the kind asked for: before everyone else

Place = bytes
"""A SHA-1 digest: of two contexts, the one with the lesser digest is in the lower bucket, or both are in the same."""

_BITS = 60  # of a place, those that count
_SCALE = float(0xFFFFFFFFFFFFFFF)
_LOWEST = bytes(20)
_INTEGER_BITS_MAX = 4_096  # Python refuses to write out much longer ones


def seed_of(key: str, salt: str, *, seed: int | None = None) -> str:
    """What the hashed text begins with: the rollout's own seed, or the key and salt of its flag or segment."""
    return str(seed) if seed is not None else f"{key}.{salt}"


def bucketer(seed: str) -> Callable[[Any], float]:
    """A function from a value to its bucket in [0, 1]: the first 60 bits of SHA-1 of ``seed.value``.

    Strings and integers have buckets of their own; all else falls into bucket 0.
    """
    place = placer(seed)
    return lambda value: (int.from_bytes(place(value)[:8]) >> 64 - _BITS) / _SCALE


def placer(seed: str) -> Callable[[Any], Place]:
    """A function from a value to its place, from which its bucket follows."""
    begun = begin(seed)

    def place(value: Any) -> Place:
        text = value if value.__class__ is str else _decimal(value)
        if text is None:
            return _LOWEST
        digest = begun.copy()
        digest.update(text.encode("utf-8", "surrogatepass"))
        found: Place = digest.digest()
        return found

    return place


def begin(seed: str) -> Any:
    """The hash of all that comes before the value: the place of a value is a copy of it, updated with the text."""
    return hashlib.sha1(f"{seed}.".encode("utf-8", "surrogatepass"), usedforsecurity=False)


@lru_cache(maxsize=4096)
def places_below(limit: float) -> Place:
    """What exactly the places of the buckets below a limit come before.

    So that a place is compared as it is: making a bucket of it takes as long as finding it.
    """
    bits = bisect_left(range(1 << _BITS), limit, key=lambda bits: bits / _SCALE)
    return b"\xff" * 21 if bits == 1 << _BITS else (bits << 64 - _BITS).to_bytes(8)


class Bucketing(NamedTuple):
    """How one rollout finds a context's bucket: ``bucket(read(attributes))``, with the attributes of a kind."""

    kind: str
    read: Callable[[references.Attributes], Any]
    seed: str
    is_by_key: bool

    @property
    def bucket(self) -> Callable[[Any], float]:
        """From a value to its bucket."""
        return bucketer(self.seed)


def compile_bucketing(context_kind: str | None, bucket_by: str | None, *, seed: str) -> Bucketing:
    """Bucketing by one attribute of one kind; reading raises ``Malformed`` if the attribute cannot be a reference."""
    read: Callable[[references.Attributes], Any] = itemgetter("key")
    if bucket_by:
        read = _reader(bucket_by, context_kind)
    return Bucketing(context_kind or USER, read, seed, is_by_key=bucket_by in (None, "", "key"))


def _reader(bucket_by: str, context_kind: str | None) -> Callable[[references.Attributes], Any]:
    try:
        path = references.path_of(bucket_by, context_kind=context_kind)
    except references.ReferenceInvalid as invalid:
        return _malformed(str(invalid))
    return lambda attributes: references.read(attributes, path)


def _malformed(why: str) -> Callable[[references.Attributes], Any]:
    def read(attributes: references.Attributes) -> Any:
        raise wire.Malformed(why)

    return read


def _decimal(value: Any) -> str | None:
    if isinstance(value, bool) or not isinstance(value, int) or value.bit_length() > _INTEGER_BITS_MAX:
        return None
    return str(value)
