"""One environment compiled for SDKs: each item encoded once, and joined, tagged and compressed once per version."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from flaghoist.base import json
from flaghoist.base.bodies import Body
from flaghoist.delivery import frames
from flaghoist.delivery.reach import Name, audiences, reach, references
from flaghoist.delivery.source import Document, ItemKind, Payload, Update
from flaghoist.evaluation.context import Context
from flaghoist.evaluation.evaluated import EvaluatedFlag
from flaghoist.evaluation.ruleset import Audience, Ruleset

_NOTHING: frozenset[Name] = frozenset()


@dataclass(frozen=True, slots=True)
class Item:
    """A flag or segment, ready to be sent."""

    version: int
    encoded: bytes
    references: frozenset[Name]
    audiences: frozenset[Audience]


class Snapshot:
    """An environment at one moment; never altered: an update makes the next one, sharing all that is the same."""

    def __init__(
        self, items: Mapping[Name, Item], tombstones: Mapping[Name, int], ruleset: Ruleset, goals: Body, *, seq: int
    ) -> None:
        self._items = items
        self._tombstones = tombstones
        self._ruleset = ruleset
        self._seq = seq
        self.goals = goals
        self._concerns: dict[Audience, frozenset[Name]] = {}
        self._answer_versions: dict[str, int] = {}

    @classmethod
    def build(cls, payload: Payload) -> "Snapshot":
        """Everything encoded and compiled."""
        items: dict[Name, Item] = {("flags", key): _item("flags", flag) for key, flag in payload.flags.items()}
        items.update({("segments", key): _item("segments", segment) for key, segment in payload.segments.items()})
        ruleset = Ruleset.build(payload.flags, payload.segments)
        return cls(items, {}, ruleset, Body(json.encode(payload.goals)), seq=payload.seq)

    def updated(self, updates: Iterable[Update]) -> tuple["Snapshot", Sequence[Update]]:
        """The next snapshot, and the updates that made a difference.

        Left out is what this snapshot has seen already, so that updates may come more than once, and what leaves an
        item the same but for its version.
        """
        items, tombstones, ruleset = dict(self._items), dict(self._tombstones), self._ruleset
        made: dict[Name, Update] = {}
        for update in updates:
            name = (update.kind, update.key)
            present = items.get(name)
            known_version = present.version if present else tombstones.get(name, -1)
            if update.seq <= self._seq or update.version <= known_version:
                continue
            if update.item is None:
                tombstones[name] = update.version
                if items.pop(name, None) is None:
                    continue
            elif _is_same(present, update.item):
                continue
            else:
                items[name] = _item(update.kind, update.item)
                tombstones.pop(name, None)
            ruleset = _ruled(ruleset, update)
            made[name] = update
        return Snapshot(items, tombstones, ruleset, self.goals, seq=self._seq), tuple(made.values())

    def item(self, kind: ItemKind, key: str) -> Item | None:
        """One flag or segment, None if there is none of this key."""
        return self._items.get((kind, key))

    def evaluate(self, context: Context, audience: Audience | None) -> dict[str, EvaluatedFlag]:
        """Every flag that an audience may see (None: a server, which may see all) for one context."""
        return self._ruleset.evaluate_all(context, for_client=audience)

    @cached_property
    def everything(self) -> Body:
        """Flags and segments, as they are polled."""
        return Body(b'{"flags":' + self.flags.content + b',"segments":' + self._joined("segments") + b"}")

    @cached_property
    def flags(self) -> Body:
        """All flags by key."""
        return Body(self._joined("flags"))

    @cached_property
    def put(self) -> bytes:
        """The event with which a stream of server-side SDKs opens."""
        return frames.put(self.everything.content)

    @cached_property
    def put_flags(self) -> bytes:
        """The event with which a stream of SDKs of the time before segments opens."""
        return frames.put_flags(self.flags.content)

    def frame(self, update: Update) -> bytes:
        """The event that tells server-side SDKs of an update that led to this snapshot."""
        item = self.item(update.kind, update.key)
        if item is None:
            return frames.delete(update.kind, update.key, update.version)
        return frames.patch(update.kind, update.key, item.encoded)

    def frame_flag(self, update: Update) -> bytes:
        """The same for SDKs of the time before segments; nothing for a segment."""
        if update.kind != "flags":
            return b""
        item = self.item(update.kind, update.key)
        if item is None:
            return frames.delete_flag(update.key, update.version)
        return frames.patch_flag(update.key, item.encoded)

    def concerns(self, audience: Audience) -> frozenset[Name]:
        """All that can make a difference to what an audience sees, including what does not exist yet."""
        if audience not in self._concerns:
            seen = (name for name, item in self._items.items() if audience in item.audiences)
            self._concerns[audience] = reach(seen, self._referred)
        return self._concerns[audience]

    def answer_version(self, flag_key: str) -> int:
        """The versions of a flag and of all that its answers rest on, added up.

        It rises with every change to any of them, and client-side SDKs order by it what they hear. It is the same on
        every server that holds the same items, so that what has not changed keeps its entity tag.
        """
        if flag_key not in self._answer_versions:
            names = reach([("flags", flag_key)], self._referred)
            self._answer_versions[flag_key] = sum(self._items[name].version for name in names if name in self._items)
        return self._answer_versions[flag_key]

    def _referred(self, name: Name) -> frozenset[Name]:
        item = self._items.get(name)
        return _NOTHING if item is None else item.references

    def _joined(self, kind: ItemKind) -> bytes:
        # In order of their keys, so that servers that hold the same items answer with the same bytes.
        chosen = sorted((key, item.encoded) for (of, key), item in self._items.items() if of == kind)
        return b"{" + b",".join([json.encode(key) + b":" + encoded for key, encoded in chosen]) + b"}"


def _item(kind: ItemKind, document: Document) -> Item:
    seen_by = audiences(document) if kind == "flags" else frozenset[Audience]()
    return Item(document["version"], json.encode(document), references(document), seen_by)


def _is_same(present: Item | None, document: Document) -> bool:
    # Bytes are compared, since to Python 1 equals 1.0 and True.
    return present is not None and json.encode({**document, "version": present.version}) == present.encoded


def _ruled(ruleset: Ruleset, update: Update) -> Ruleset:
    if update.kind == "flags":
        return ruleset.with_flag(update.key, update.item)
    return ruleset.with_segment(update.key, update.item)
