"""What the settings of a topic mean for events."""

from collections.abc import Mapping

from flaghoist.store.logs.terms import Terms

SETTINGS = {
    "losing": "cleanup.policy=delete",
    "kept_ms": "retention.ms",
    "is_bounded": "retention.bytes=-1",
    "record_bytes": "max.message.bytes",
    "safe_copies": "min.insync.replicas=2",
    "copies": "three replicas",
    "has_clock": "message.timestamp.type=LogAppendTime",
}


def terms_of(told: Mapping[str, str | None], *, copies: int) -> Terms:
    """What the settings of a topic with so many replicas mean."""
    kept_ms = int(told.get("retention.ms") or -1)
    policy = told.get("cleanup.policy") or "delete"
    return Terms(
        copies=copies,
        safe_copies=min(copies, int(told.get("min.insync.replicas") or 1)),
        kept_ms=None if kept_ms < 0 else kept_ms,
        is_bounded=int(told.get("retention.bytes") or -1) >= 0,
        record_bytes=int(told.get("max.message.bytes") or 0),
        has_clock=told.get("message.timestamp.type") == "LogAppendTime",
        losing="it keeps only the newest record of each environment" if "compact" in policy else "",
        settings=SETTINGS,
    )
