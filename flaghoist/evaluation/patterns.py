"""Regular expressions that come from people: what they mean is Python's, how long they may take is ours.

The standard library searches faster than any other and cannot be stopped. It is used where a search is short whatever
the text is: a pattern of ``k`` quantifiers, none upon another, tries at most ``(n + 1) ** (k + 1)`` ways through ``n``
characters. All else is searched by a second engine of the same syntax that stops in time.
"""

import math
import re
import warnings
from collections.abc import Callable

import regex

LENGTH_MAX = 5_000
"""No longer pattern is compiled: nobody has written it by hand."""
WAYS_MAX = 1_000_000
SEARCH_SECONDS = 0.02
STRIKES_MAX = 3
"""So often may a pattern run out of time; from then on it matches nothing that takes the second engine."""

_QUANTIFIER = re.compile(r"[*+{]|(?<!\()\?")
# A quantifier upon a group, a reference back, a condition: ways that multiply otherwise.
_COMPOUND = re.compile(r"\)[*+?{]|\\[1-9]|\(\?(?:P=|\()")
# What the second engine reads otherwise: braces that are no quantifier, and classes by name.
_READ_OTHERWISE = re.compile(r"\{(?!\d*,?\d*\})|\[:")
_COUNTED = re.compile(r"\{(\d*),?(\d*)\}")
_COUNT_MAX = 20_000  # it writes counted groups out

Search = Callable[[str], object]


def compiled(text: str) -> Search | None:
    """What finds a pattern anywhere in a text, or None for what is no pattern."""
    if len(text) > LENGTH_MAX:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of syntax that may mean something else one day
            plain = re.compile(text).search
    except (re.error, OverflowError, RecursionError):
        return None
    longest = _longest(text)
    patient = _patient(text)

    def search(value: str) -> object:
        return plain(value) if len(value) <= longest else patient(value)

    return search


def _longest(text: str) -> int:
    """The longest value in which a search is short."""
    if _COMPOUND.search(text):
        return 0
    quantifiers = len(_QUANTIFIER.findall(text))
    return int(WAYS_MAX ** (1 / (quantifiers + 1)))


def _patient(text: str) -> Search:
    """What finds a pattern if it is found in time; compiled when it is first needed."""
    strikes = 0
    found: regex.Pattern[str] | None = None
    if _READ_OTHERWISE.search(text) or _written_out(text) > _COUNT_MAX:
        strikes = STRIKES_MAX

    def search(value: str) -> object:
        nonlocal strikes, found
        if strikes >= STRIKES_MAX:
            return None
        try:
            found = found or regex.compile(text)
            return found.search(value, timeout=SEARCH_SECONDS)
        except TimeoutError:
            strikes += 1
        except (regex.error, OverflowError, RecursionError, MemoryError):
            strikes = STRIKES_MAX
        return None

    return search


def _written_out(text: str) -> int:
    """How often at most the second engine repeats a part of a pattern in memory."""
    counts = [int(max(least or "1", most or "1", key=int)[:9]) for least, most in _COUNTED.findall(text)]
    return math.prod(counts) if ")" in text else sum(counts)
