"""Event keys: which were seen in an environment, and how each came over time."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from flaghoist.base.clock import DAY_MS, HOUR_MS
from flaghoist.base.errors import Invalid
from flaghoist.core import addresses
from flaghoist.core.resource import Body
from flaghoist.core.work import Document, Work
from flaghoist.resources.experimentation.event_keys.schema import (
    ActivitySpan,
    EventActivityRep,
    EventKeyRep,
    EventKeysRep,
    SeenUnitKind,
    UnitKindCount,
    ValueSpread,
)
from flaghoist.resources.experimentation.measure import Measure
from flaghoist.rest.operations import Call, Family
from flaghoist.rest.render import page_links
from flaghoist.store.facts.activity import EventActivity
from flaghoist.store.facts.event_counts import EventCounts

FAMILY = Family("Event keys")
_AT = "/internal/projects/{projectKey}/environments/{environmentKey}/event-keys"
_KINDS = ("custom", "click", "pageview")
_ORDERS = {"lastSeen": "last_seen", "firstSeen": "first_seen", "events": "events", "key": "key"}
_LIMIT, _LIMIT_MAX = 20, 200
_SPANS = {24: HOUR_MS, 168: DAY_MS, 720: DAY_MS}
"""How long each span is, by the hours asked for."""


class EventKeys(Protocol):
    """What is known of events received, the newest included; ``work.services["event_keys"]``."""

    def page(
        self, environment_id: str, *, text: str, kind: str, order: str, descending: bool, limit: int, offset: int
    ) -> tuple[list[EventActivity], int]:
        """Some of the events seen, and how many there are in all."""
        ...

    def seen(self, environment_id: str, kind: str, key: str) -> EventActivity | None:
        """What is known of one event."""
        ...

    def counts(self, environment_id: str, kind: str, key: str, bounds: Sequence[int]) -> EventCounts:
        """How often it came, between each bound (milliseconds) and the next."""
        ...


@FAMILY.view(
    _AT,
    "getEventKeys",
    returns=EventKeysRep,
    query=(
        ("q", "string"),
        ("kind", "string"),
        ("sort", "string"),
        ("limit", "integer"),
        ("offset", "integer"),
    ),
    ours=True,
)
def list_keys(work: Work, call: Call) -> Body:
    """List the event keys seen in an environment"""
    environment = _environment(work, call)
    order, descending = _order(call)
    limit, offset = call.query.page(_LIMIT, _LIMIT_MAX)
    found, total = _service(work).page(
        environment.body["_id"],
        text=call.query.text("q"),
        kind=_kind(call, ""),
        order=order,
        descending=descending,
        limit=limit,
        offset=offset,
    )
    metrics = _metrics_by_event(work.collection("metric", addresses.project_of(environment.address)))
    return {
        "_links": page_links(call.path, call.query, limit=limit, offset=offset, total=total, size=len(found)),
        "items": [_rep(each, metrics.get((each.kind, each.key), [])) for each in found],
        "totalCount": total,
    }


@FAMILY.view(
    f"{_AT}/{{eventKey}}/activity",
    "getEventKeyActivity",
    returns=EventActivityRep,
    query=(("hours", "integer"), ("kind", "string")),
    ours=True,
)
def read_activity(work: Work, call: Call) -> EventActivityRep:
    """Get how an event came over time"""
    environment_id = _environment(work, call).body["_id"]
    kind, key = _kind(call, "custom"), call.params["eventKey"]
    hours = call.query.number("hours") or 24
    if hours not in _SPANS:
        raise Invalid(f"the query parameter 'hours' is one of {', '.join(map(str, _SPANS))}, not {hours}")
    span_ms = _SPANS[hours]
    end = work.now - work.now % span_ms + span_ms
    counts = _service(work).counts(environment_id, kind, key, range(end - hours * HOUR_MS, end + 1, span_ms))
    activity = EventActivityRep(
        key=key,
        kind=kind,
        span_ms=span_ms,
        spans=[ActivitySpan(span.since, span.events, span.with_value) for span in counts.spans],
        events=counts.events,
        with_value=counts.with_value,
        unit_kinds=[UnitKindCount(*each) for each in counts.unit_kinds.items()],
    )
    if (seen := _service(work).seen(environment_id, kind, key)) is not None:
        activity.last_seen = seen.last_seen
    if counts.lowest is not None and counts.median is not None and counts.highest is not None:
        activity.values = ValueSpread(counts.lowest, counts.median, counts.highest)
    return activity


def _service(work: Work) -> EventKeys:
    service: EventKeys = work.services["event_keys"]
    return service


def _environment(work: Work, call: Call) -> Document:
    project = f"proj/{call.params['projectKey']}"
    environment = work.read(f"{project}:env/{call.params['environmentKey']}")
    work.require("viewProject", project)
    return environment


def _kind(call: Call, default: str) -> str:
    kind = call.query.text("kind", default)
    if kind and kind not in _KINDS:
        raise Invalid(f"the query parameter 'kind' is one of {', '.join(_KINDS)}, not '{kind[:80]}'")
    return kind


def _order(call: Call) -> tuple[str, bool]:
    name, descending = next(iter(call.query.sort()), ("lastSeen", True))
    if name not in _ORDERS:
        raise Invalid(f"sort: unknown field '{name[:80]}'; possible: {', '.join(_ORDERS)}")
    return _ORDERS[name], descending


def _metrics_by_event(metrics: Iterable[Document]) -> dict[tuple[str, str], list[str]]:
    """The keys of the metrics that count each event, by the event's kind and key."""
    found: dict[tuple[str, str], list[str]] = {}
    for metric in metrics:
        if metric.body["archived"]:
            continue
        measure = Measure.of(metric.body)
        for part in (measure, measure.denominator):
            if part is not None:
                found.setdefault((part.event_kind, part.event_key), []).append(measure.key)
    return found


def _rep(seen: EventActivity, metrics: Sequence[str]) -> EventKeyRep:
    rep = EventKeyRep(
        key=seen.key,
        kind=seen.kind,
        first_seen=seen.first_seen,
        last_seen=seen.last_seen,
        events=seen.events,
        unit_kinds=[SeenUnitKind(*each) for each in seen.unit_kinds.items()],
        metrics=sorted(set(metrics)),
    )
    if seen.last_value_at is not None:
        rep.last_value_at = seen.last_value_at
    return rep
