"""No key that somebody chooses can make a path of the API mean two things."""

import csv
from itertools import permutations
from pathlib import Path

import pytest
from servers import Server

from flaghoist.rest.verbs import RESERVED_KEYS

TABLE = Path(__file__).parents[1] / "contract" / "operations.tsv"
NOUNS = {
    "{featureFlagKey}": "flag",
    "{segmentKey}": "segment",
    "{configKey}": "AI config",
    "{modelConfigKey}": "AI model config",
    "{policyKey}": "release policy",
}
NO_KEYS = ("{id}", "{userKey}")  # the server makes ids; users are called as applications call them


def test_wherever_two_paths_could_be_meant_a_key_is_reserved() -> None:
    with TABLE.open() as file:
        paths = {tuple(row["path"].split("/")) for row in csv.DictReader(file, delimiter="\t")}
    ambiguous = [(one, other) for one, other in permutations(paths, 2) if could_be_the_same(one, other)]
    assert len(ambiguous) > 50
    for one, other in ambiguous:
        assert is_settled(one, other) or is_settled(other, one), f"{'/'.join(one)} or {'/'.join(other)}?"


def could_be_the_same(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    pairs = list(zip(one, other, strict=False))
    return len(one) == len(other) and all(a == b or a[:1] == "{" or b[:1] == "{" for a, b in pairs)


def is_settled(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether a name in one path can never be the word that the other has in its place."""
    return any(
        name in NO_KEYS or word in RESERVED_KEYS.get(NOUNS.get(name, ""), ())
        for name, word in zip(one, other, strict=True)
        if name.startswith("{") and not word.startswith("{")
    )


@pytest.mark.parametrize("key", sorted(RESERVED_KEYS["flag"]))
def test_a_reserved_key_is_refused_with_the_reason(server: Server, project: str, key: str) -> None:
    answer = server.call("POST", f"/flags/{project}", json={"key": key, "name": "F"})
    assert answer.status_code == 400
    assert f"the flag key '{key}' is reserved" in answer.json()["message"]
    server.ok("POST", f"/flags/{project}", json={"key": f"{key}-2", "name": "F"})
