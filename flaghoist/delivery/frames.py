"""What is said on a stream: server-sent events as bytes, ready to be shared by everybody who listens."""

from flaghoist.base import json
from flaghoist.delivery.source import ItemKind

HEARTBEAT = b":\n\n"
# Most parsers drop an event whose data is empty.
PING = b"event: ping\ndata: {}\n\n"


def put(payload: bytes) -> bytes:
    """Everything, for server-side SDKs; ``payload`` holds both ``flags`` and ``segments``."""
    return b'event: put\ndata: {"path":"/","data":' + payload + b"}\n\n"


def patch(kind: ItemKind, key: str, encoded: bytes) -> bytes:
    """One new or changed item."""
    return b'event: patch\ndata: {"path":' + json.encode(f"/{kind}/{key}") + b',"data":' + encoded + b"}\n\n"


def delete(kind: ItemKind, key: str, version: int) -> bytes:
    """One item gone; ``version`` is above every version it had."""
    return b"event: delete\ndata: " + json.encode({"path": f"/{kind}/{key}", "version": version}) + b"\n\n"


def put_flags(flags: bytes) -> bytes:
    """Everything, for SDKs of the time before segments."""
    return b"event: put\ndata: " + flags + b"\n\n"


def patch_flag(key: str, encoded: bytes) -> bytes:
    """One new or changed flag, for SDKs of the time before segments."""
    return b'event: patch\ndata: {"path":' + json.encode(f"/{key}") + b',"data":' + encoded + b"}\n\n"


def delete_flag(key: str, version: int) -> bytes:
    """One flag gone, for SDKs of the time before segments."""
    return b"event: delete\ndata: " + json.encode({"path": f"/{key}", "version": version}) + b"\n\n"
