"""What goes on in an environment: which flags are asked for, which events arrive, and what had to be left out."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, delete, func, or_, select

from flaghoist.base import json
from flaghoist.base.clock import DAY_MS, HOUR_MS
from flaghoist.store.facts.tables import (
    connected_sdks,
    context_kinds,
    dropped_events,
    event_keys,
    event_units,
    flag_activity,
    flag_evaluations,
)
from flaghoist.store.facts.tally import NO_VARIATION, Tally
from flaghoist.store.upsert import upsert

KEYS_NAMED_MAX = 1_000
"""With more keys than these, it is quicker to read about all of them than to name each."""


@dataclass(frozen=True, slots=True)
class FlagActivity:
    """When a flag was first and last evaluated, in milliseconds, and the default that callers name (JSON value)."""

    flag: str
    first_requested: int
    last_requested: int
    default: object


@dataclass(frozen=True, slots=True)
class Evaluations:
    """How often a variation was served in one hour; ``variation`` is None where the caller's default was."""

    flag: str
    hour: int
    variation: int | None
    count: int


@dataclass(frozen=True, slots=True)
class EventActivity:
    """When an event was first and last received, and what kinds of unit it named, each with its last time."""

    kind: str
    key: str
    first_seen: int
    last_seen: int
    last_value_at: int | None
    events: int
    unit_kinds: dict[str, int]

    @property
    def last_seen_hour(self) -> int:
        """``last_seen`` at the fidelity that the API promises: one hour."""
        return self.last_seen - self.last_seen % HOUR_MS


@dataclass(frozen=True, slots=True)
class ContextKind:
    """When contexts of a kind were first and last seen."""

    kind: str
    first_seen: int
    last_seen: int


@dataclass(frozen=True, slots=True)
class ConnectedSdk:
    """What diagnostics have told; ``dropped_events`` is what the SDKs themselves gave up."""

    name: str
    version: str
    wrapper: str
    first_seen: int
    last_seen: int
    starts: int
    dropped_events: int


def record(connection: Connection, tally: Tally) -> None:
    """Add counts to the store."""
    _record_flags(connection, tally)
    _record_events(connection, tally)
    spans = [
        {"environment": environment, "kind": kind, "first_seen": span.first, "last_seen": span.last}
        for (environment, kind), span in tally.kinds.items()
    ]
    upsert(connection, context_kinds, spans, highest=["last_seen"])
    dropped = [
        {"environment": environment, "day": day, "reason": reason, "events": events}
        for (environment, day, reason), events in tally.dropped.items()
    ]
    upsert(connection, dropped_events, dropped, add=["events"])
    sdks = [
        {
            "environment": environment,
            "name": name,
            "version": version,
            "wrapper": wrapper,
            "first_seen": sdk.first,
            "last_seen": sdk.last,
            "starts": sdk.starts,
            "dropped_events": sdk.dropped,
        }
        for (environment, name, version, wrapper), sdk in tally.sdks.items()
    ]
    upsert(connection, connected_sdks, sdks, highest=["last_seen"], add=["starts", "dropped_events"])


def forget(connection: Connection, *, before: int) -> None:
    """Delete hourly and daily counts of before a time; what was seen first and last stays known."""
    connection.execute(delete(flag_evaluations).where(flag_evaluations.c.hour < before))
    connection.execute(delete(dropped_events).where(dropped_events.c.day < before))


def flag(connection: Connection, environment: str, flag_key: str) -> FlagActivity | None:
    """One flag's activity, or None if it was never evaluated."""
    return next(iter(_flags(connection, environment, flag_key)), None)


def flags(connection: Connection, environment: str) -> dict[str, FlagActivity]:
    """Every flag that was evaluated, by key."""
    return {activity.flag: activity for activity in _flags(connection, environment, None)}


def evaluations(
    connection: Connection, environment: str, *, since: int, until: int, flag_key: str | None = None
) -> list[Evaluations]:
    """Hourly counts whose hour begins within ``[since, until)``, by flag, hour and variation."""
    table = flag_evaluations
    query = select(table).where(table.c.environment == environment, table.c.hour >= since, table.c.hour < until)
    if flag_key is not None:
        query = query.where(table.c.flag == flag_key)
    return [
        Evaluations(row.flag, row.hour, None if row.variation == NO_VARIATION else row.variation, row.evaluations)
        for row in connection.execute(query.order_by(table.c.flag, table.c.hour, table.c.variation))
    ]


def event(connection: Connection, environment: str, kind: str, key: str) -> EventActivity | None:
    """One event's activity, or None if it was never received."""
    known = event_keys.c
    wanted = select(event_keys).where(known.environment == environment, known.kind == kind, known.key == key)
    return next(iter(_events(connection, environment, wanted)), None)


def events(connection: Connection, environment: str) -> list[EventActivity]:
    """Every event that was received, the most recent first."""
    return events_page(connection, environment)[0]


def events_page(
    connection: Connection,
    environment: str,
    *,
    text: str = "",
    kind: str = "",
    order: str = "last_seen",
    descending: bool = True,
    limit: int | None = None,
    offset: int = 0,
) -> tuple[list[EventActivity], int]:
    """Some of the events that were received, and how many there are in all.

    ``text`` is looked for in keys, ignoring the case of ASCII letters; ``order`` names a column.
    """
    known = event_keys.c
    wanted = select(event_keys).where(known.environment == environment)
    if kind:
        wanted = wanted.where(known.kind == kind)
    if text:
        folded = func.lower(known.key).contains(text.lower(), autoescape=True)
        wanted = wanted.where(or_(folded, known.key.contains(text, autoescape=True)))
    total = connection.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    first = known[order].desc() if descending else known[order]
    page = wanted.order_by(first, known.key, known.kind).limit(limit).offset(offset)
    return _events(connection, environment, page), total


def kinds(connection: Connection, environment: str) -> list[ContextKind]:
    """The context kinds seen, by name."""
    query = select(context_kinds).where(context_kinds.c.environment == environment).order_by(context_kinds.c.kind)
    return [ContextKind(row.kind, row.first_seen, row.last_seen) for row in connection.execute(query)]


def dropped(connection: Connection, environment: str, *, since: int = 0) -> dict[str, int]:
    """Events left out since a day, by reason."""
    table = dropped_events
    query = (
        select(table.c.reason, func.sum(table.c.events))
        .where(table.c.environment == environment, table.c.day >= since - since % DAY_MS)
        .group_by(table.c.reason)
    )
    return {reason: int(count) for reason, count in connection.execute(query)}


def sdks(connection: Connection, environment: str) -> list[ConnectedSdk]:
    """The SDKs that sent diagnostics, the most recent first."""
    table = connected_sdks
    query = select(table).where(table.c.environment == environment).order_by(table.c.last_seen.desc(), table.c.name)
    return [
        ConnectedSdk(row.name, row.version, row.wrapper, row.first_seen, row.last_seen, row.starts, row.dropped_events)
        for row in connection.execute(query)
    ]


def _record_flags(connection: Connection, tally: Tally) -> None:
    requested = [
        {
            "environment": environment,
            "flag": flag_key,
            "first_requested": span.first,
            "last_requested": span.last,
            "default_value": tally.defaults.get((environment, flag_key)),
        }
        for (environment, flag_key), span in tally.flags.items()
    ]
    upsert(connection, flag_activity, requested, highest=["last_requested"], replace=["default_value"])
    counts = [
        {
            "environment": environment,
            "flag": flag_key,
            "hour": hour,
            "variation": variation,
            "evaluations": count,
        }
        for (environment, flag_key, hour, variation), count in tally.evaluations.items()
    ]
    upsert(connection, flag_evaluations, counts, add=["evaluations"])


def _record_events(connection: Connection, tally: Tally) -> None:
    received = [
        {
            "environment": environment,
            "kind": kind,
            "key": key,
            "first_seen": span.first,
            "last_seen": span.last,
            "last_value_at": tally.values.get((environment, kind, key)),
            "events": span.count,
        }
        for (environment, kind, key), span in tally.events.items()
    ]
    upsert(connection, event_keys, received, highest=["last_seen", "last_value_at"], add=["events"])
    units = [
        {"environment": environment, "kind": kind, "key": key, "unit_kind": unit_kind, "last_seen": at}
        for (environment, kind, key, unit_kind), at in tally.event_units.items()
    ]
    upsert(connection, event_units, units, highest=["last_seen"])


def _flags(connection: Connection, environment: str, flag_key: str | None) -> list[FlagActivity]:
    query = select(flag_activity).where(flag_activity.c.environment == environment)
    if flag_key is not None:
        query = query.where(flag_activity.c.flag == flag_key)
    return [
        FlagActivity(
            row.flag,
            row.first_requested,
            row.last_requested,
            None if row.default_value is None else json.decode(row.default_value),
        )
        for row in connection.execute(query)
    ]


def _events(connection: Connection, environment: str, wanted: Select[Any]) -> list[EventActivity]:
    rows = connection.execute(wanted).all()
    units = select(event_units).where(event_units.c.environment == environment)
    if len(rows) <= KEYS_NAMED_MAX:
        units = units.where(event_units.c.key.in_({row.key for row in rows}))
    unit_kinds: dict[tuple[str, str], dict[str, int]] = {}
    for unit in connection.execute(units.order_by(event_units.c.unit_kind)):
        unit_kinds.setdefault((unit.kind, unit.key), {})[unit.unit_kind] = unit.last_seen
    return [
        EventActivity(
            row.kind,
            row.key,
            row.first_seen,
            row.last_seen,
            row.last_value_at,
            row.events,
            unit_kinds.get((row.kind, row.key), {}),
        )
        for row in rows
    ]
