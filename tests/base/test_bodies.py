"""Bodies that come in: strict JSON for management, gzip with a bound, and what is refused on the way."""

import gzip
import json
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flaghoist.base.errors import Invalid, TooLarge
from flaghoist.base.http import inflate
from flaghoist.base.json import DEPTH_MAX, decode_strict

texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"))
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)


@given(values)
def test_any_json_comes_back_as_it_was(value: object) -> None:
    assert decode_strict(json.dumps(value).encode()) == value


@pytest.mark.parametrize(
    ("raw", "what"),
    [
        (b"{", "not valid JSON"),
        (b'{"a":1,"a":2}', "'a' appears twice"),
        (b'{"a":NaN}', "NaN is not a JSON number"),
        (b"[-Infinity]", "-Infinity is not a JSON number"),
        (b"[1e999]", "too large"),
        (b"[" + b"9" * 5000 + b"]", "cannot be read"),
        (b'"\xff"', "not valid UTF-8: byte 1"),
        (b"[" * (DEPTH_MAX + 1) + b"]" * (DEPTH_MAX + 1), "nested deeper"),
        (b"[" * 100_000, "nested deeper"),
    ],
)
def test_what_is_wrong_is_named(raw: bytes, what: str) -> None:
    with pytest.raises(Invalid, match=what):
        decode_strict(raw)


@given(st.binary(max_size=2000), st.integers(0, 3))
def test_gzip_round_trips_in_any_number_of_members(raw: bytes, cuts: int) -> None:
    size = len(raw) // (cuts + 1) + 1
    members = [gzip.compress(raw[start : start + size]) for start in range(0, max(len(raw), 1), size)]
    assert inflate(b"".join(members), "gzip", limit=10_000) == raw


def test_a_bomb_is_refused_before_it_bursts() -> None:
    bomb = gzip.compress(b"0" * 50_000_000)
    assert len(bomb) < 100_000
    with pytest.raises(TooLarge, match="1000000 bytes"):
        inflate(bomb, "gzip", limit=1_000_000)
    nested = gzip.compress(b"x" * 600_000) * 2
    with pytest.raises(TooLarge):
        inflate(nested, "gzip", limit=1_000_000)


@pytest.mark.parametrize(
    "raw",
    [b"not gzip", gzip.compress(b"hello world")[:-9], zlib.compress(b"x"), gzip.compress(b"a") + b"junk"],
    ids=["not gzip", "cut short", "another format", "junk behind it"],
)
def test_broken_gzip_is_named(raw: bytes) -> None:
    with pytest.raises(Invalid, match="gzip"):
        inflate(raw, "gzip", limit=1000)


def test_other_encodings_are_named() -> None:
    with pytest.raises(Invalid, match="'br' is not supported"):
        inflate(b"x", "br", limit=1000)
