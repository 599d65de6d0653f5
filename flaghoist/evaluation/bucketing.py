"""Where a context falls between 0 and 1: the same place for the same seed, today and in every SDK."""

import hashlib
import struct
from collections.abc import Callable
from operator import itemgetter
from typing import Any, NamedTuple

from flaghoist.evaluation import references, wire
from flaghoist.evaluation.context import USER

WHOLE = 100_000  # weights are thousandths of a percent
ABSENT = -1.0  # where a context falls that lacks the kind asked for: before everyone else

_first_64_bits = struct.Struct(">Q").unpack_from
_SCALE = float(0xFFFFFFFFFFFFFFF)
_INTEGER_BITS_MAX = 4_096  # Python refuses to write out much longer ones


def seed_of(key: str, salt: str, *, seed: int | None = None) -> str:
    """What the hashed text begins with: the rollout's own seed, or the key and salt of its flag or segment."""
    return str(seed) if seed is not None else f"{key}.{salt}"


def bucketer(seed: str) -> Callable[[Any], float]:
    """A function from a value to its bucket in [0, 1]: the first 60 bits of SHA-1 of ``seed.value``.

    Strings and integers have buckets of their own; all else falls into bucket 0.
    """
    begun = hashlib.sha1(f"{seed}.".encode("utf-8", "surrogatepass"), usedforsecurity=False)

    def bucket(value: Any) -> float:
        text = value if value.__class__ is str else _decimal(value)
        if text is None:
            return 0.0
        digest = begun.copy()
        digest.update(text.encode("utf-8", "surrogatepass"))
        bits: int = _first_64_bits(digest.digest())[0] >> 4
        return bits / _SCALE

    return bucket


class Bucketing(NamedTuple):
    """How one rollout finds a context's bucket: ``bucket(read(attributes))``, with the attributes of a kind."""

    kind: str
    read: Callable[[references.Attributes], Any]
    bucket: Callable[[Any], float]


def compile_bucketing(context_kind: str | None, bucket_by: str | None, *, seed: str) -> Bucketing:
    """Bucketing by one attribute of one kind; reading raises ``Malformed`` if the attribute cannot be a reference."""
    read: Callable[[references.Attributes], Any] = itemgetter("key")
    if bucket_by:
        read = _reader(bucket_by, context_kind)
    return Bucketing(context_kind or USER, read, bucketer(seed))


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
