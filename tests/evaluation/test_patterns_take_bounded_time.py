"""Patterns mean what they mean in Python, and nobody's pattern holds up the server."""

import re
import time
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flaghoist.evaluation import patterns
from flaghoist.evaluation.patterns import compiled

PIECES = ["a", "b", "ab", "1", " ", ".", "^", "$", "|", "(", ")", "(?:", "(?i)", "(?=", "(?!", "[ab]", "[^a]", "[a-z]"]
PIECES += ["*", "+", "?", "*?", "+?", "{2}", "{1,2}", "{,2}", r"\d", r"\w", r"\s", r"\b", r"\1", r"\.", r"\Z"]
PATTERNS = st.lists(st.sampled_from(PIECES), min_size=1, max_size=10).map("".join)
VALUES = st.text(st.sampled_from("abAB1 .\n\u00e9\u0661{}e"), max_size=20)


def found_by_python(pattern: str, value: str) -> bool | None:
    """The oracle; None for what is no pattern, or warns that it may come to mean something else."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            return bool(re.search(pattern, value))
        except (re.error, FutureWarning):
            return None


@given(pattern=PATTERNS, value=VALUES)
def test_either_engine_finds_what_python_finds(pattern: str, value: str) -> None:
    expected = found_by_python(pattern, value)
    if expected is None:
        return
    search = compiled(pattern)
    assert search is not None
    assert bool(search(value)) is expected
    assert bool(patterns._patient(pattern)(value)) is expected


ENDLESS = [
    ("(a|a)+$", "a" * 60 + "b"),
    ("(a+)+$", "a" * 60 + "b"),
    ("(a|aa)*c", "a" * 90 + "b"),
    ("([a-z]+)*[A-Z]", "a" * 200),
    ("a*a*a*a*a*a*a*a*b", "a" * 900),
    ("a?" * 60 + "a" * 60, "a" * 59),
    (r"(x+x+)+y", "x" * 60),
    (r"^(\w+\s?)*$", "a " * 60 + "!"),
    (".*a", "b" * 1_000_000),
    ("(.*)*=.*=.*;", "x" * 100_000),
    (r"(a*)\1\1\1b", "a" * 3_000),
]


@pytest.mark.parametrize(("pattern", "value"), ENDLESS, ids=[str(at) for at in range(len(ENDLESS))])
def test_a_pattern_without_end_comes_to_an_end(pattern: str, value: str) -> None:
    search = compiled(pattern)
    assert search is not None
    started = time.perf_counter()
    for _ in range(50):
        assert not search(value)
    assert time.perf_counter() - started < 5, "three times out of time, then never again"


def test_whoever_ran_out_of_time_still_serves_short_values() -> None:
    search = compiled("^a*a*b")
    assert search is not None
    for _ in range(5):
        search("a" * 100_000)
    assert search("aab")


def test_a_pattern_nobody_has_written_by_hand_is_none() -> None:
    assert compiled("a" * patterns.LENGTH_MAX) is not None
    assert compiled("a" * (patterns.LENGTH_MAX + 1)) is None
    assert compiled("(") is None


@pytest.mark.parametrize("pattern", ["(?:a){e}", "[[:alpha:]]", "((((a{999}){999}){999}){999})", "(" * 900 + ")" * 900])
def test_odd_patterns_do_no_harm(pattern: str) -> None:
    search = compiled(pattern)
    if search is not None:
        search("a" * 5_000)
