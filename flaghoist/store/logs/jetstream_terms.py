"""What the settings of a stream mean for events."""

from nats.js.api import DiscardPolicy, RetentionPolicy, StorageType, StreamConfig

from flaghoist.store.logs.terms import Terms

SETTINGS = {
    "losing": "retention limits and storage file",
    "kept_ms": "max_age",
    "is_bounded": "max_bytes, max_msgs and max_msgs_per_subject of -1",
    "record_bytes": "max_payload of the server and max_msg_size of the stream",
    "safe_copies": "three replicas",
    "copies": "three replicas, or 'sync_interval: always'",
}


def terms_of(told: StreamConfig, *, most_bytes: int) -> Terms:
    """What the settings of a stream mean, where a server takes so many bytes at once."""
    copies = told.num_replicas or 1
    own_limit = told.max_msg_size or -1
    is_bounded = max(told.max_bytes or -1, told.max_msgs or -1, told.max_msgs_per_subject) > 0
    refuses = told.discard == DiscardPolicy.NEW and told.max_msgs_per_subject <= 0
    return Terms(
        copies=copies,
        safe_copies=copies // 2 + 1,
        kept_ms=int(told.max_age * 1000) if told.max_age else None,
        is_bounded=is_bounded and not refuses,
        record_bytes=min(most_bytes, own_limit) if own_limit > 0 else most_bytes,
        has_clock=True,
        losing=_losing(told),
        settings=SETTINGS,
    )


def _losing(told: StreamConfig) -> str:
    if told.retention not in (None, RetentionPolicy.LIMITS):
        return f"it deletes what its own consumers have had (retention {told.retention})"
    return "it keeps records in memory alone" if told.storage == StorageType.MEMORY else ""
