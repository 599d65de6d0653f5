"""Whatever arrives at a parser is understood or refused by name: good examples spoilt in one place, or any bytes."""

import copy
import json
from typing import Any

import pytest
from fuzzed import TARGETS, Fuzzed, in_time, seed_bytes
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from oddities import TEXTS, anything, numbers

EXAMPLES = 60
_NAMES = st.sampled_from(("key", "kind", "op", "path", "from", "value", "values", "variation", "weight", *TEXTS))


@pytest.mark.parametrize("name", TARGETS)
def test_a_good_example_is_taken(name: str) -> None:
    for seed in seed_bytes(TARGETS[name]):
        in_time(TARGETS[name], seed)


@pytest.mark.parametrize("name", TARGETS)
def test_any_bytes_are_understood_or_refused(name: str) -> None:
    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
    @given(_spoilt(TARGETS[name]))
    def take(raw: bytes) -> None:
        in_time(TARGETS[name], raw)

    take()


def _spoilt(target: Fuzzed) -> st.SearchStrategy[bytes]:
    documents = [seed for seed in target.seeds if not isinstance(seed, bytes)]
    cut = st.builds(_cut, st.sampled_from(seed_bytes(target)), st.integers(0, 400), st.binary(max_size=8))
    if not documents:
        return cut | st.binary(max_size=200)
    changed = st.sampled_from(documents).flatmap(
        lambda seed: st.lists(st.tuples(st.integers(0, 400), _NAMES, anything | numbers), min_size=1, max_size=3).map(
            lambda edits: _edited(seed, edits)
        )
    )
    return changed | changed | changed | cut | anything.map(_encoded)


def _cut(raw: bytes, at: int, put: bytes) -> bytes:
    at %= len(raw) + 1
    return raw[:at] + put + raw[at + len(put) // 2 :]


def _edited(seed: Any, edits: list[tuple[int, str, Any]]) -> bytes:
    """The example with some of its values replaced, or members of other names beside them."""
    document = [copy.deepcopy(seed)]
    for number, name, value in edits:
        holders = [each for each in _inside(document) if isinstance(each, dict | list) and each]
        holder = holders[number % len(holders)]
        if isinstance(holder, list):
            holder[number % len(holder)] = value
        elif number % 3:
            holder[sorted(holder)[number % len(holder)]] = value
        else:
            holder[name] = value
    return _encoded(document[0])


def _inside(value: Any) -> list[Any]:
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [value, *[deeper for child in children for deeper in _inside(child)]]


def _encoded(value: Any) -> bytes:
    return json.dumps(value).encode("utf-8", "surrogatepass")
