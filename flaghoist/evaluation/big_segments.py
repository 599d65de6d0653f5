"""Segments too big to send to SDKs: membership is asked for, context by context."""

import base64
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

HEALTHY = "HEALTHY"
STALE = "STALE"
STORE_ERROR = "STORE_ERROR"
NOT_CONFIGURED = "NOT_CONFIGURED"

_FROM_BEST_TO_WORST = (None, HEALTHY, STALE, STORE_ERROR, NOT_CONFIGURED)


@dataclass(frozen=True, slots=True)
class Membership:
    """What the store knows of one context key: by segment reference, included (true) or excluded (false)."""

    segments: Mapping[str, bool]
    status: str = HEALTHY


Memberships = Callable[[str], Membership]
"""Looks a context up by its ``context_hash``; reports its own failures as a status."""


def segment_reference(segment_key: str, generation: int) -> str:
    """How stores name one generation of a segment: ``beta-testers.g3``."""
    return f"{segment_key}.g{generation}"


def context_hash(context_key: str) -> str:
    """How stores name a context: padded base64 of the SHA-256 of its key."""
    return base64.b64encode(hashlib.sha256(context_key.encode("utf-8", "surrogatepass")).digest()).decode()


def worse(one: str | None, other: str) -> str:
    """The status to report after two lookups; None stands for no lookup yet."""
    return max(one, other, key=_FROM_BEST_TO_WORST.index) or other
