"""Events as a person watches them: what came, about whom, from which SDK, and what became of it. Pure."""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec
from msgspec import UNSET, Raw, UnsetType

from flaghoist.base import json
from flaghoist.evaluation.context import USER
from flaghoist.ingest import wire
from flaghoist.ingest.recent import Arrival
from flaghoist.store.batches import Batch, Marks
from flaghoist.store.facts.tally import Drop

WHOLE_BYTES_MAX = 16 * 1024
"""A longer event is shown without the JSON it came as."""

PART_BYTES_MAX = 4 * 1024
"""Values and data longer than this are left out likewise."""

FLAGS_MAX = 50
REQUEST, UNKNOWN = "request", "unknown"
Fate = Literal["accepted", "ignored", "rejected"]
FATES: frozenset[str] = frozenset(("accepted", "ignored", "rejected"))
KINDS = frozenset((*wire.BY_KIND, REQUEST, UNKNOWN))

_WHY: Mapping[Drop, str] = {
    "bad_event": "it is not an object, or one of its members is of a type that no SDK sends",
    "unknown_kind": "its kind is none that SDKs send",
    "bad_key": "its key is missing, empty, too long or not a text",
    "bad_time": "its creationDate is missing, or is no time in milliseconds",
    "bad_value": "its metricValue is not a number that can be measured",
    "unknown_unit": "it names no context",
    "unknown_variation": "it is an exposure without a variation",
    "too_old": "it is older than late events may be",
    "future": "its creationDate lies in the future",
    "duplicate": "an event with this eventId was received before",
    "unreadable": "the body it came in is damaged",
}
_IGNORED: Mapping[str, str] = {
    "debug": "it is a copy for debugging; the evaluation itself is counted elsewhere",
    "alias": "joining users belongs to the time before contexts",
    "migration_op": "migrations are not measured",
    "click_pageview": "visiting a page where a click would count is not a conversion",
    "relayMetrics": "what a relay proxy tells of itself is not kept",
}


class Sender(msgspec.Struct, omit_defaults=True):
    """The door an event came through (``server``, ``mobile``, ``client``, ``import``, ``pixel``), and the SDK."""

    door: str
    sdk: str = ""
    wrapper: str = ""


class SeenContext(msgspec.Struct, omit_defaults=True):
    """Whom an event is about."""

    kind: str
    key: str
    anonymous: bool = False


class Evaluation(msgspec.Struct, rename="camel", omit_defaults=True):
    """What a flag answered, and how often; an ``exposure`` if that was in an experiment."""

    flag: str
    variation: Any = UNSET
    value: Any = UNSET
    default: Any = UNSET
    reason: Any = UNSET
    version: Any = UNSET
    count: Any = 1
    exposure: bool = False


class ShownEvent(msgspec.Struct, rename="camel", omit_defaults=True, kw_only=True):
    """One event, with times in milliseconds; ``kind`` is ``request`` where a body was refused as a whole.

    ``reason`` is a code, ``why`` says it in words; ``received`` is the event as it came.
    """

    id: str
    received_at: int
    kind: str
    key: str | UnsetType = UNSET
    fate: Fate
    reason: str | UnsetType = UNSET
    why: str | UnsetType = UNSET
    source: Sender
    created_at: Any = UNSET
    contexts: list[SeenContext] = []
    evaluations: list[Evaluation] = []
    metric_value: Any = UNSET
    data: Any = UNSET
    url: Any = UNSET
    received: Raw | UnsetType = UNSET


def event_shown(arrival: Arrival, place: int, raw: Raw, members: Mapping[str, Any], drop: Drop | None) -> ShownEvent:
    """One event of a body, raw and read; ``drop`` is why the parser leaves it out, if it does."""
    stored = arrival.stored
    kind, key = members.get("kind"), members.get("key")
    event = ShownEvent(
        id=str(stored.position + place),
        received_at=stored.received_at,
        kind=kind if isinstance(kind, str) else UNKNOWN,
        key=key if isinstance(key, str) else UNSET,
        fate="accepted",
        source=_sender(stored.batch),
        created_at=members.get("creationDate", UNSET),
        contexts=[SeenContext(*named) for named in map(_named, contexts_of(members)) if named],
        metric_value=members.get("metricValue", UNSET),
        data=_part(members, "data"),
        url=_part(members, "url"),
        received=raw if len(bytes(raw)) <= WHOLE_BYTES_MAX else UNSET,
    )
    if event.kind in ("feature", "debug") and event.key:
        event.evaluations = [_evaluation(str(key), members, arrival)]
    elif event.kind == "summary":
        event.evaluations = _summarized(members)
    if arrival.fate == "repeated":
        event.fate, event.reason, event.why = "rejected", "duplicate", "the payload it came in was received before"
    elif drop is not None:
        event.fate, event.reason, event.why = "rejected", drop, _WHY[drop]
    elif event.kind in _IGNORED:
        event.fate, event.why = "ignored", _IGNORED[event.kind]
    return event


def request_shown(arrival: Arrival, why: str) -> ShownEvent:
    """A body that was refused as a whole."""
    stored = arrival.stored
    return ShownEvent(
        id=str(stored.position),
        received_at=stored.received_at,
        kind=REQUEST,
        fate="rejected",
        reason="unreadable",
        why=why,
        source=_sender(stored.batch),
    )


def members_of(raw: Raw) -> dict[str, Any]:
    """What an event says; nothing if it is not an object."""
    try:
        decoded = json.decode(raw)
    except wire.UNREADABLE:
        return {}
    return decoded if isinstance(decoded, dict) else {}


def contexts_of(members: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Each context that an event names, as it came, in any of the shapes of the last ten years."""
    context = members.get("context")
    if isinstance(context, dict):
        if context.get("kind") != "multi":
            return [{"kind": USER, **context}]
        return [{**each, "kind": kind} for kind, each in context.items() if isinstance(each, dict)]
    if isinstance(user := members.get("user"), dict):
        return [{**user, "kind": USER}]
    keys = members.get("contextKeys")
    if isinstance(keys, dict):
        return [{"kind": kind, "key": key} for kind, key in keys.items()]
    return [{"kind": USER, "key": members["userKey"]}] if "userKey" in members else []


def _named(context: Mapping[str, Any]) -> tuple[str, str, bool] | None:
    kind, key = context.get("kind"), context.get("key")
    if not isinstance(kind, str) or not isinstance(key, str | int | float):
        return None
    return kind, str(key), context.get("anonymous") is True


def _evaluation(flag: str, members: Mapping[str, Any], arrival: Arrival) -> Evaluation:
    reason = members.get("reason")
    batch = arrival.stored.batch
    imported = batch.source == "import" and Marks.EXTENSIONS in batch.marks
    in_experiment = imported or (isinstance(reason, dict) and reason.get("inExperiment") is True)
    return Evaluation(
        flag,
        members.get("variation", UNSET),
        _part(members, "value"),
        _part(members, "default"),
        _part(members, "reason"),
        members.get("version", UNSET),
        exposure=in_experiment and members.get("kind") == "feature",
    )


def _summarized(members: Mapping[str, Any]) -> list[Evaluation]:
    features = members.get("features")
    if not isinstance(features, dict):
        return []
    counted = []
    for flag, told in list(features.items())[:FLAGS_MAX]:
        counters = told.get("counters") if isinstance(told, dict) else None
        for counter in counters if isinstance(counters, list) else ():
            if isinstance(counter, dict):
                version = counter.get("version", UNSET)
                variation, value = counter.get("variation", UNSET), _part(counter, "value")
                counted.append(Evaluation(flag, variation, value, version=version, count=counter.get("count", UNSET)))
    return counted


def _part(members: Mapping[str, Any], name: str) -> Any:
    value = members.get(name, UNSET)
    if value is UNSET or not isinstance(value, str | dict | list):
        return value
    try:
        return value if len(json.encode(value)) <= PART_BYTES_MAX else UNSET
    except RecursionError:  # what can just be read may be too deep to write
        return UNSET


def _sender(batch: Batch) -> Sender:
    return Sender(batch.source, batch.agent, batch.wrapper)
