"""Identifiers and secrets in the shapes that clients expect."""

import hashlib
import re
import secrets
import uuid

from flaghoist.base import clock

KEY_LENGTH_MAX = 256
_KEY = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.\-]*\Z")


def object_id() -> str:
    """24 hexadecimal digits: the time in seconds, then 64 random bits."""
    return f"{clock.now_ms() // 1000:08x}{secrets.token_hex(8)}"


def random_uuid() -> str:
    """A version 4 UUID in its usual text form."""
    return str(uuid.uuid4())


def access_token() -> str:
    """A new REST access token."""
    return f"api-{uuid.uuid4()}"


def sdk_key() -> str:
    """A new server-side SDK key."""
    return f"sdk-{uuid.uuid4()}"


def mobile_key() -> str:
    """A new mobile key."""
    return f"mob-{uuid.uuid4()}"


def session_secret() -> str:
    """A new secret for a browser's cookie or a one-time link: 256 random bits, fit for URLs."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """What is stored of a random secret: its SHA-256 (random secrets need no slow hash)."""
    return hashlib.sha256(secret.encode()).hexdigest()


def is_key(text: str) -> bool:
    """Whether a text may be the key of a flag, project, metric and so on."""
    return len(text) <= KEY_LENGTH_MAX and _KEY.match(text) is not None
