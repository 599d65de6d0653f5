"""Semantic versions, as comparable tuples."""

import re
from functools import lru_cache

# SemVer 2.0.0, except that minor and patch may be missing, as flags have always allowed.
_NUMBER = "(?:0|[1-9][0-9]*)"
_IDENTIFIER = "(?:0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*)"
_SEMVER = re.compile(
    rf"({_NUMBER})(?:\.({_NUMBER})(?:\.({_NUMBER}))?)?"
    rf"(?:-({_IDENTIFIER}(?:\.{_IDENTIFIER})*))?"
    r"(?:\+[0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*)?"
)
_CACHED_LENGTH_MAX = 64

Number = tuple[int, str]
Precedence = tuple[Number, Number, Number, bool, tuple[tuple[bool, Number], ...]]


def parse_semver(text: str) -> Precedence | None:
    """The precedence of a version (https://semver.org, section 11), or None; build metadata does not count."""
    # Many contexts share few versions; the limit keeps strangers from filling memory.
    return _parse_once(text) if len(text) <= _CACHED_LENGTH_MAX else _parse(text)


def _parse(text: str) -> Precedence | None:
    match = _SEMVER.fullmatch(text)
    if match is None:
        return None
    major, minor, patch, prerelease = match.groups()
    identifiers = tuple(_identifier(each) for each in prerelease.split(".")) if prerelease else ()
    return _number(major), _number(minor or "0"), _number(patch or "0"), not identifiers, identifiers


_parse_once = lru_cache(maxsize=4096)(_parse)


def _identifier(text: str) -> tuple[bool, Number]:
    """Numbers come before words, and words compare letter by letter."""
    return (False, _number(text)) if text.isdigit() else (True, (0, text))


def _number(digits: str) -> Number:
    """Digits without leading zeros compare by length, then as text: no number is too long."""
    return len(digits), digits
