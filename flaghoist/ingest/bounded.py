"""What is believed and kept of single values that SDKs and importers send."""

from msgspec import Raw

from flaghoist.base import json

TEXT_LENGTH_MAX = 4096
JSON_LENGTH_MAX = 64 * 1024
"""Properties, attributes and defaults longer than this, or nested too deep, are not kept; their event is."""

VALUE_MAX = 1e100
"""Larger numbers are no measurements, and their squares would leave double precision."""

VARIATION_MAX = 32_767
VERSION_MAX = 2**63 - 1
WEIGHT_MAX = 1_000_000_000
COUNT_MAX = 2**31 - 1
"""The most that one number in a summary or diagnostic is believed to count, so that sums stay within 64 bits."""


def variation(number: int | None) -> int | None:
    """The number of a variation, if there can be one of that number."""
    return number if number is not None and 0 <= number <= VARIATION_MAX else None


def version(number: int | None) -> int | None:
    """The version of a flag, if it can have one of that number."""
    return number if number is not None and 0 <= number <= VERSION_MAX else None


def count(number: int) -> int:
    """How often something is believed to have happened."""
    return max(0, min(number, COUNT_MAX))


def weight(sampling_ratio: float | None) -> int:
    """For how many events one stands, of which only a sample was sent."""
    return max(1, min(int(sampling_ratio), WEIGHT_MAX)) if sampling_ratio else 1


def short(text: str | None) -> str | None:
    """A text, if it is of a length that is kept."""
    return text if text and len(text) <= TEXT_LENGTH_MAX else None


def kept(raw: Raw) -> str | None:
    """JSON as it came, if it is kept."""
    text = bytes(raw)
    if not text or text == b"null" or len(text) > JSON_LENGTH_MAX:
        return None
    try:
        return text.decode()
    except UnicodeDecodeError:
        return None


def kept_json(value: object) -> str | None:
    """A value as JSON, if that is kept."""
    try:
        text = json.encode(value)
    except RecursionError:  # what can just be read may be too deep to write
        return None
    return text.decode() if len(text) <= JSON_LENGTH_MAX else None
