"""What takes input from anybody, each with a law: any bytes are understood or refused by name, and nothing else.

Used with drawn input by the tests and with grown input by benchmarks/fuzzing; both start from the same good examples.
"""

import contextlib
import copy
import functools
import gzip
import json
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from flaghoist.base import json as our_json
from flaghoist.base.errors import Invalid, Refusal, TooLarge
from flaghoist.base.http import inflate, parse_query
from flaghoist.core import entries, patches
from flaghoist.core.actor import server
from flaghoist.core.catalogue import Catalogue
from flaghoist.core.work import Work
from flaghoist.evaluation import patterns
from flaghoist.evaluation.context import ContextInvalid, parse_context
from flaghoist.evaluation.ruleset import Ruleset
from flaghoist.ingest import wire
from flaghoist.ingest.parse import parse
from flaghoist.policy.cover import excess
from flaghoist.policy.decide import Grant, Policy
from flaghoist.policy.statement import parse_statements
from flaghoist.policy.target import Target
from flaghoist.resources import families
from flaghoist.resources.flagging.flags.examples import PATCH, POST
from flaghoist.resources.flagging.flags.operations import FLAG
from flaghoist.rest import filters
from flaghoist.store.batches import Batch, Marks, StoredBatch
from flaghoist.store.database import Database, Discard, sqlite_url
from flaghoist.store.documents import Documents
from flaghoist.store.facts.tally import Tally
from flaghoist.store.migrations import migrate
from flaghoist.store.position import first_at

AT = 1_795_435_200_000
SECONDS_MAX = 5.0
"""Longer than any of this takes on a busy machine."""


@dataclass(frozen=True)
class Fuzzed:
    """Something that takes bytes; ``seeds`` are good examples, as JSON where they are JSON."""

    name: str
    take: Callable[[bytes], None]
    seeds: Sequence[Any]


def in_time(target: Fuzzed, raw: bytes) -> None:
    """Hand something to a target; fails if it takes too long."""
    started = time.perf_counter()
    target.take(raw)
    taken = time.perf_counter() - started
    assert taken < SECONDS_MAX, f"{target.name} took {taken:.1f} s"


def events(raw: bytes) -> None:
    """Every event of a body that can be read is taken or left out with a reason."""
    for marks in (Marks(0), Marks.LINES, Marks.UNSUMMARIZED, Marks.EXTENSIONS | Marks.BY_CREATION):
        try:
            count = len(wire.split(raw, lines=Marks.LINES in marks))
        except (Invalid, TooLarge):
            count = 0
        batch = Batch("env", "import" if Marks.EXTENSIONS in marks else "server", raw, max(count, 1), marks=marks)
        tally = Tally()
        haul = parse(StoredBatch(first_at(AT), batch), tally, max_lateness_ms=72 * 3_600_000)
        assert len(haul.rejected) <= count
        assert all(0 <= place < count for place, _ in haul.rejected)


def zipped(raw: bytes) -> None:
    """What is inflated is no larger than allowed."""
    with contextlib.suppress(Invalid, TooLarge):
        assert len(inflate(raw, "gzip", limit=100_000)) <= 100_000


def query(raw: bytes) -> None:
    """A query string always says something."""
    try:
        found = parse_query(raw)
    except Invalid:
        return
    assert all(values for values in found.values())


def strict_json(raw: bytes) -> None:
    """What is taken is what another reader finds, and can be written and read back."""
    try:
        value = our_json.decode_strict(raw)
    except Invalid:
        return
    assert json.loads(raw) == value
    try:
        written = our_json.encode(value)
    except msgspec.MsgspecError:  # an integer beyond 64 bits: schemas refuse those before anything is stored
        return
    assert our_json.decode(written) == value


class _World:
    """A project with one flag, which every patch finds as it was."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self.database = Database(sqlite_url(Path(self._folder.name)))
        migrate(self.database)
        self.documents = Documents()
        self.catalogue = Catalogue(resource for family in families() for resource in family.resources)
        self.do(self._begin)

    def do(self, act: Callable[[Work], Any], *, keep: bool = True) -> Any:
        def run(connection: Any) -> Any:
            made = Work(
                connection=connection,
                documents=self.documents,
                catalogue=self.catalogue,
                actor=server(),
                writing=True,
            )
            found = act(made)
            return found if keep else Discard(found)

        return self.database.write(run)

    @staticmethod
    def _begin(work: Work) -> None:
        work.make("proj", {}, {"key": "web", "name": "Web"})
        for key in ("test", "production"):
            work.make("env", {"projectKey": "web"}, {"key": key, "name": key, "color": "417505"})
        work.make("flag", {"projectKey": "web"}, POST)


@functools.cache
def world() -> _World:
    """Opened when it is first needed."""
    return _World()


def patch(raw: bytes) -> None:
    """A flag after any patch is a flag, its change can be told, and the patch stays as it was asked."""
    try:
        asked = our_json.decode_strict(raw)
        read = patches.read(asked)
    except Refusal:
        return
    before = copy.deepcopy(asked)

    def act(work: Work) -> None:
        flag = work.patch("proj/web:env/*:flag/new-checkout", read)
        FLAG.validated(flag.body)
        for change in work.changes:
            our_json.encode(entries.whole_entry(change, account_id="a", name_of=lambda address: address))

    try:
        world().do(act, keep=False)
    except Refusal as refusal:
        assert refusal.status < 500, refusal
    assert asked == before


def filter_(raw: bytes) -> None:
    """A filter is compiled or refused, in either dialect."""
    text = raw.decode("utf-8", "replace")
    fields: Mapping[str, Any] = {
        "query": filters.by_query("key", "name"),
        "tags": filters.by_tags,
        "state": filters.by_member("state"),
    }
    for dialect in ("pairs", "expressions"):
        try:
            holds = filters.predicate(text, dialect, fields, None)  # type: ignore[arg-type]
        except Invalid:
            continue
        assert callable(holds)


def policy(raw: bytes) -> None:
    """Statements are compiled or refused; what no statement allows is refused, and no policy exceeds itself."""
    try:
        statements = parse_statements(json.loads(raw))
    except (Refusal, ValueError, RecursionError):
        return
    mine = Policy("mine", statements)
    grant = Grant.of([mine])
    flag = Target.of(("proj", "web"), ("env", "production"), ("flag", "checkout"))
    for action in ("updateOn", "deleteFlag", "viewProject"):
        verdict = grant.decide(action, flag)
        assert verdict.reason
        assert not verdict.allowed or any(each.effect == "allow" for each in statements)
    if len(statements) <= 6:
        assert excess(grant, [mine]) is None


def evaluator(raw: bytes) -> None:
    """Any flag and segment have an answer for any context."""
    try:
        told = msgspec.json.decode(raw)
        context = parse_context(told["context"])
    except (msgspec.MsgspecError, ContextInvalid, KeyError, TypeError, RecursionError, UnicodeDecodeError):
        return
    flags, segments = told.get("flags"), told.get("segments")
    if not _are_items(flags) or not _are_items(segments):
        return
    ruleset = Ruleset.build(flags, segments)
    together = ruleset.evaluate_all(context)
    assert together.keys() == ruleset._flags.keys()
    for key in together:
        assert ruleset.evaluate(key, context).reason["kind"]


def _are_items(items: Any) -> bool:
    return isinstance(items, dict) and all(isinstance(item, dict) for item in items.values())


def pattern(raw: bytes) -> None:
    """A pattern is none, or searches in time."""
    text, _, value = raw.decode("utf-8", "replace").partition("\n")
    search = patterns.compiled(text)
    if search is not None:
        search(value * 50)


_FLAG = {
    "key": "f",
    "on": True,
    "variations": ["a", "b"],
    "offVariation": 0,
    "fallthrough": {"rollout": {"variations": [{"variation": 0, "weight": 50000}, {"variation": 1, "weight": 50000}]}},
    "prerequisites": [{"key": "g", "variation": 0}],
    "targets": [{"values": ["ann"], "variation": 1}],
    "rules": [
        {"variation": 1, "clauses": [{"attribute": "/a/b", "op": "matches", "values": ["^x"], "contextKind": "user"}]},
        {"variation": 0, "clauses": [{"attribute": "", "op": "segmentMatch", "values": ["s"]}]},
    ],
    "salt": "s",
    "version": 1,
}
_SEGMENT = {
    "key": "s",
    "included": ["ann"],
    "rules": [{"weight": 30000, "bucketBy": "key", "clauses": [{"attribute": "n", "op": "lessThan", "values": [3]}]}],
    "salt": "t",
    "version": 1,
}
_CONTEXT = {"kind": "multi", "user": {"key": "ann", "a": {"b": "xy"}, "n": 2}, "org": {"key": "o"}}
_EVENTS = [
    {
        "kind": "feature",
        "key": "f",
        "variation": 1,
        "reason": {"kind": "FALLTHROUGH", "inExperiment": True},
        "creationDate": AT,
        "contextKeys": {"user": "ann"},
    },
    {"kind": "custom", "key": "bought", "metricValue": 9.5, "creationDate": AT, "context": _CONTEXT, "data": {"n": 1}},
    {"kind": "summary", "startDate": AT, "endDate": AT, "features": {"f": {"default": 1, "counters": [{"count": 3}]}}},
    {"kind": "identify", "creationDate": AT, "context": {"kind": "user", "key": "ann", "_meta": {}}},
    {"kind": "click", "key": "cta", "url": "https://shop/x", "creationDate": AT, "contextKeys": {"user": "ann"}},
]
_STATEMENTS = [
    {"effect": "allow", "resources": ["proj/*:env/pr*;critical:flag/*;a,b"], "actions": ["*"]},
    {"effect": "deny", "notResources": ["proj/web:env/*:flag/${roleAttribute/x}"], "notActions": ["update*"]},
]
_INSTRUCTIONS = {
    "environmentKey": "test",
    "comment": "why",
    "instructions": [
        {"kind": "turnFlagOn"},
        {"kind": "addRule", "clauses": [{"attribute": "a", "op": "in", "values": [1]}], "variationId": "x"},
        {"kind": "updateOffVariation", "variationId": "x"},
        {"kind": "addTags", "values": ["a"]},
    ],
}

TARGETS = {
    target.name: target
    for target in (
        Fuzzed("events", events, [_EVENTS]),
        Fuzzed("zipped", zipped, [gzip.compress(b"[]", mtime=0), gzip.compress(bytes(2000), mtime=0)]),
        Fuzzed("query", query, [b"a=1&b=%20+x&a=", b"filter=query%3Aa&limit=1&sort=-name"]),
        Fuzzed("strict_json", strict_json, [_EVENTS, {"a": [1, 1.5, True, None, "\u00e9"]}]),
        Fuzzed("patch", patch, [PATCH, {"merge": {"name": "x"}}, _INSTRUCTIONS, {"patch": PATCH, "comment": "c"}]),
        Fuzzed(
            "filter",
            filter_,
            [
                b"query:a,tags:a+b,state:live|archived",
                b'tags contains ["a"] and (state equals "x" or query exists true)',
            ],
        ),
        Fuzzed("policy", policy, [_STATEMENTS]),
        Fuzzed(
            "evaluator",
            evaluator,
            [{"flags": {"f": _FLAG, "g": {**_FLAG, "key": "g"}}, "segments": {"s": _SEGMENT}, "context": _CONTEXT}],
        ),
        Fuzzed("pattern", pattern, [b"^(a|b)*c{1,3}$\nabab", b"[a-z]+@\\w+\\.com\nann@example.com"]),
    )
}


def seed_bytes(target: Fuzzed) -> list[bytes]:
    """The good examples as they would arrive."""
    return [seed if isinstance(seed, bytes) else json.dumps(seed).encode() for seed in target.seeds]
