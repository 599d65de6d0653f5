"""What browsers can read of a metric: one selector or pattern that they cannot would silence all others on a page."""

import re

from flaghoist.base.errors import Invalid
from flaghoist.resources.experimentation.event_filters import compiles

# Selectors Level 4, as far as its grammar goes: which pseudo-classes there are is for browsers to say.
_ESCAPE = r"\\(?:[0-9a-fA-F]{1,6}\s?|[^\n0-9a-fA-F])"
_NAME = rf"(?:--|-?(?:[_a-zA-Z]|[^\x00-\x7f]|{_ESCAPE}))(?:[-\w]|[^\x00-\x7f]|{_ESCAPE})*"
_TEXT = r"""(?:"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')"""
_ATTRIBUTE = rf"\[\s*(?:\*?\|)?{_NAME}\s*(?:[~|^$*]?=\s*(?:{_TEXT}|{_NAME})\s*(?:[iIsS]\s*)?)?\]"
_PART = re.compile(rf"(?P<type>(?:\*\|)?(?:{_NAME}|\*))|[#.]{_NAME}|{_ATTRIBUTE}|::?(?P<pseudo>{_NAME})")
_COMBINATOR = re.compile(r"\s*[>+~]\s*|\s+(?![,)])")
_LISTS = frozenset({"is", "not", "where", "has"})
_RELATIVE = re.compile(r"[>+~]\s*")
_DEPTH_MAX = 8

# jQuery's own inventions, which pages took for CSS for years.
_JQUERY = frozenset({
    "animated", "button", "contains", "eq", "even", "file", "first", "gt", "header", "hidden", "image", "input", "last",
    "lt", "odd", "parent", "password", "radio", "reset", "selected", "submit", "text", "visible",
})  # fmt: skip

# Python's ways of saying what browsers say otherwise or not at all.
_UNREADABLE = re.compile(
    r"""\\[^AZ] | \[ \^? \]? (?:\\.|[^\]\\])* \]                  # passed over: other escapes, classes
      | (?P<it> \(\?P | \(\?[a-zA-Z]+\) | \(\?\# | \(\?> | \(\?\(  # named and conditional groups, flags, comments
              | (?:[*+?]|\d,?\})\+ | \\[AZ] )                     # possessive repeats, ends of the text
    """,
    re.VERBOSE,
)


def check_pattern(pattern: str, where: str) -> None:
    """Refuse a regular expression that JavaScript cannot read or reads in another way; raises ``Invalid``."""
    # Browsers write a named group (?<name>…), Python (?P<name>…).
    if compiles(re.sub(r"\(\?<(?![=!])", "(?P<", pattern)):
        strange = next((found["it"] for found in _UNREADABLE.finditer(pattern) if found["it"]), None)
        if strange is None:
            return
        raise Invalid(f"{where} is read by browsers, and JavaScript has no '{strange}': {pattern[:200]}")
    raise Invalid(f"{where} is not a regular expression: {pattern[:200]}")


def check_selector(selector: str) -> None:
    """Refuse what no browser takes for a selector; raises ``Invalid``."""
    end = _list(selector, 0, depth=0)
    if end != len(selector) or not selector.strip():
        raise Invalid(f"'selector' is not a CSS selector from '{selector[end : end + 40]}' on: {selector[:200]}")


def _list(text: str, at: int, *, depth: int, relative: bool = False) -> int:
    """Where a list of selectors, divided by commas, ends; where its fault is if it has one."""
    while True:
        at = _past_space(text, at)
        leading = _RELATIVE.match(text, at) if relative else None
        end = _complex(text, leading.end() if leading else at, depth=depth)
        if end == (leading.end() if leading else at):
            return at
        after = _past_space(text, end)
        if text[after : after + 1] != ",":
            return after
        at = after + 1
        if _past_space(text, at) == len(text):
            return after


def _complex(text: str, at: int, *, depth: int) -> int:
    while True:
        end = _compound(text, at, depth=depth)
        combinator = _COMBINATOR.match(text, end)
        if end == at or combinator is None or combinator.end() == len(text):
            return end
        if _compound(text, combinator.end(), depth=depth) == combinator.end():
            return end
        at = combinator.end()


def _compound(text: str, at: int, *, depth: int) -> int:
    began = at
    while found := _PART.match(text, at):
        if found["type"] and at > began:
            return at  # a type comes first
        pseudo = found["pseudo"]
        if pseudo in _JQUERY:
            return found.start()
        at = found.end()
        if pseudo and text[at : at + 1] == "(":
            closed = _arguments(text, at + 1, pseudo, depth=depth)
            if closed is None:
                return found.start()
            at = closed
    return at


def _arguments(text: str, at: int, pseudo: str, *, depth: int) -> int | None:
    """Past the bracket that closes a pseudo-class; None if it is not closed or holds what it cannot."""
    if pseudo in _LISTS:
        end = _list(text, at, depth=depth + 1, relative=pseudo == "has") if depth < _DEPTH_MAX else at
        return end + 1 if end > at and text[end : end + 1] == ")" else None
    closed = re.compile(r"[^()]+\)").match(text, at)
    return closed.end() if closed else None


def _past_space(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\n\r\f":
        at += 1
    return at
