"""Patterns with ``*``, for names, tags, property values and actions."""

from collections.abc import Callable
from functools import lru_cache


@lru_cache(maxsize=4096)
def glob(pattern: str) -> Callable[[str], bool]:
    """A test for texts that match the pattern; ``*`` stands for any run of characters, everything else for itself.

    Case-sensitive. The work is linear in the text, whatever the pattern: no pattern can make a decision slow.
    """
    if pattern == "*":
        return _anything
    if "*" not in pattern:
        return pattern.__eq__
    opening, *middles, closing = pattern.split("*")
    middles = [middle for middle in middles if middle]
    if not middles and not closing:
        return lambda text: text.startswith(opening)
    return lambda text: _matches(text, opening, middles, closing)


def _anything(_text: str) -> bool:
    return True


def _matches(text: str, opening: str, middles: list[str], closing: str) -> bool:
    end = len(text) - len(closing)
    at = len(opening)
    if end < at or not text.startswith(opening) or not text.endswith(closing):
        return False
    # The leftmost place of each piece leaves the most room for the next, so no other place need be tried.
    for middle in middles:
        found = text.find(middle, at, end)
        if found < 0:
            return False
        at = found + len(middle)
    return True
