"""One environment made ready for SDKs: each item encoded once, and joined, tagged and compressed once per version."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from flaghoist.base import json
from flaghoist.base.bodies import Body, tag_of
from flaghoist.base.kept import Kept
from flaghoist.delivery import frames
from flaghoist.delivery.answers import NOTHING_MADE, Answers, Made
from flaghoist.delivery.items import Item
from flaghoist.delivery.layers import Layers
from flaghoist.delivery.phrases import Form
from flaghoist.delivery.reach import Name
from flaghoist.delivery.reaches import Reaches
from flaghoist.delivery.source import Document, ItemKind, Payload, Update
from flaghoist.evaluation.ruleset import Audience, Ruleset

# So many items are compiled without a thought for the event loop: some two milliseconds.
FEW = 50

_Asking = tuple[Audience | None, Form]


class Snapshot:
    """An environment at one moment; never altered: an update makes the next one, sharing all that is the same."""

    def __init__(
        self, items: Layers[Name, Item], tombstones: Mapping[Name, int], reaches: Reaches, goals: Body, *, seq: int
    ) -> None:
        self._items = items
        self._tombstones = tombstones
        self._reaches = reaches
        self._seq = seq
        self.goals = goals
        self._answers: dict[_Asking, Answers] = {}
        self._earlier: dict[_Asking, Made] = {}

    @classmethod
    def build(cls, payload: Payload) -> "Snapshot":
        """Everything encoded; nothing compiled before somebody has it evaluated."""
        named: list[tuple[Name, Document]] = [(("flags", key), flag) for key, flag in payload.flags.items()]
        named.extend((("segments", key), segment) for key, segment in payload.segments.items())
        items = Layers({name: Item.of(name, document) for name, document in named})
        return cls(items, {}, Reaches(items), Body(json.encode(payload.goals)), seq=payload.seq)

    def updated(self, updates: Iterable[Update]) -> tuple["Snapshot", Sequence[Update]]:
        """The next snapshot, and the updates that made a difference.

        Left out is what this snapshot has seen already, so that updates may come more than once, and what leaves an
        item the same but for its version.
        """
        tombstones = dict(self._tombstones)
        changed: dict[Name, Item | None] = {}
        made: dict[Name, Update] = {}
        for update in updates:
            name = (update.kind, update.key)
            present = changed[name] if name in changed else self._items.get(name)
            known_version = present.version if present else tombstones.get(name, -1)
            if update.seq <= self._seq or update.version <= known_version:
                continue
            if update.item is None:
                tombstones[name] = update.version
                if present is None:
                    continue
                changed[name] = None
            elif present is not None and present.is_same(update.item):
                continue
            else:
                changed[name] = Item.of(name, update.item)
                tombstones.pop(name, None)
            made[name] = update
        items = self._items.with_changes(changed)
        after = Snapshot(items, tombstones, self._reaches.after(items, made.keys()), self.goals, seq=self._seq)
        after._earlier = self._made()
        return after, tuple(made.values())

    def following(self, before: "Snapshot") -> "Snapshot":
        """The same state, sharing with an earlier one what has been made of items that are still the same."""
        items = Layers({name: _same(before._items.get(name), item) for name, item in self._items.items()})
        after = Snapshot(items, self._tombstones, Reaches(items), self.goals, seq=self._seq)
        after._earlier = before._made()
        return after

    def item(self, kind: ItemKind, key: str) -> Item | None:
        """One flag or segment, None if there is none of this key."""
        return self._items.get((kind, key))

    def answers(self, audience: Audience | None, form: Form) -> Answers:
        """What an audience (None: a server, which may see all) is answered, whatever context it asks for."""
        if (audience, form) not in self._answers:
            earlier = self._earlier.get((audience, form), NOTHING_MADE)
            self._answers[audience, form] = Answers(self._ruleset, audience, form, self.answer_version, earlier=earlier)
        return self._answers[audience, form]

    @property
    def can_answer_soon(self) -> bool:
        """Whether ``answers`` has little left to compile; if not, call ``compile`` in a thread before."""
        return "_ruleset" in self.__dict__ or sum(not item.is_compiled for item in self._items.values()) <= FEW

    def compile(self) -> None:
        """Make every item ready to be evaluated; later snapshots share them."""
        for item in self._items.values():
            item.compile()

    @cached_property
    def etag(self) -> str:
        """Of all flags and segments: the same on every server that holds the same."""
        return self._tag("flags", "segments")

    @cached_property
    def everything(self) -> Body:
        """Flags and segments, as they are polled."""
        items = self._items
        return Body(Kept(lambda: _whole(items)), etag=self.etag)

    @cached_property
    def flags(self) -> Body:
        """All flags by key."""
        items = self._items
        return Body(Kept(lambda: _joined(items, "flags")), etag=self._tag("flags"))

    @property
    def put(self) -> bytes:
        """The event with which a stream of server-side SDKs opens."""
        return self._put.get()

    @property
    def put_flags(self) -> bytes:
        """The event with which a stream of SDKs of the time before segments opens."""
        return self._put_flags.get()

    def rest(self) -> None:
        """Let go of what can be joined again and has not been asked for since the last rest: copies of every item."""
        for name in ("everything", "flags", "_put", "_put_flags"):
            if name in self.__dict__:  # somebody has asked for it
                getattr(self, name).rest()

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
        return self._reaches.concerns(audience)

    def answer_version(self, flag_key: str) -> int:
        """By which client-side SDKs order what they hear of a flag."""
        return self._reaches.answer_version(flag_key)

    @cached_property
    def _put(self) -> Kept:
        items = self._items
        return Kept(lambda: frames.put(_whole(items)))

    @cached_property
    def _put_flags(self) -> Kept:
        items = self._items
        return Kept(lambda: frames.put_flags(_joined(items, "flags")))

    def _made(self) -> dict[_Asking, Made]:
        return self._earlier | {asking: answers.made for asking, answers in self._answers.items()}

    @cached_property
    def _ruleset(self) -> Ruleset:
        flags = {key: item.flag for (kind, key), item in self._items.items() if kind == "flags"}
        segments = {key: item.segment for (kind, key), item in self._items.items() if kind == "segments"}
        return Ruleset(flags, segments)

    def _tag(self, *kinds: ItemKind) -> str:
        named = sorted((name, item.digest) for name, item in self._items.items() if name[0] in kinds)
        return tag_of(b"".join([json.encode(name) + digest for name, digest in named]))


# Of items alone: a snapshot that refers to itself by what it keeps would stay in memory, as the collector of cyclic
# garbage is told to leave alone what has been loaded.
def _whole(items: Mapping[Name, Item]) -> bytes:
    return b'{"flags":' + _joined(items, "flags") + b',"segments":' + _joined(items, "segments") + b"}"


def _joined(items: Mapping[Name, Item], kind: ItemKind) -> bytes:
    # In order of their keys, so that servers that hold the same items answer with the same bytes.
    chosen = sorted((key, item.encoded) for (of, key), item in items.items() if of == kind)
    return b"{" + b",".join([json.encode(key) + b":" + encoded for key, encoded in chosen]) + b"}"


def _same(earlier: Item | None, item: Item) -> Item:
    return earlier if earlier is not None and earlier.digest == item.digest else item
