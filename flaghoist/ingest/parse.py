"""From a body as received to facts: who saw what, who did what, and what is worth counting. Pure.

No event spoils another: what cannot be used is left out and counted with the reason.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from msgspec import Raw

from flaghoist.base.errors import Invalid, TooLarge
from flaghoist.base.http import inflate
from flaghoist.base.ids import is_key
from flaghoist.base.sizes import MEBIBYTE
from flaghoist.ingest import bounded, wire
from flaghoist.ingest.contexts import Subject, is_kind, subject_of
from flaghoist.ingest.judge import is_event_id, is_event_key, judge
from flaghoist.ingest.mentions import Mentions
from flaghoist.ingest.timely import Timely
from flaghoist.store.batches import Marks, StoredBatch
from flaghoist.store.facts.rows import Exposure, Outcome, unit_hash
from flaghoist.store.facts.tally import Drop, Tally

INFLATED_MAX = 100 * MEBIBYTE
SUMMARIES_SINCE_SCHEMA = 3
FALLTHROUGH = "fallthrough"


@dataclass(frozen=True, slots=True)
class Identity:
    """What an event told of one context; private attributes left out."""

    kind: str
    key: str
    attributes: Mapping[str, Any]
    received_at: int


@dataclass(slots=True)
class Haul:
    """What a body gave; ``rejected`` are the places of unusable events with the reasons."""

    exposures: list[Exposure] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    identities: list[Identity] = field(default_factory=list)
    """The last that was told of each context."""
    rejected: list[tuple[int, Drop]] = field(default_factory=list)


def parse(stored: StoredBatch, tally: Tally, *, max_lateness_ms: int) -> Haul:
    """The facts of one body; counts are added to the tally.

    ``max_lateness_ms`` bounds how old an event may be when its sender vouches for ``creationDate``.
    """
    reading = _Reading(stored, tally, max_lateness_ms)
    try:
        events = _events(stored)
    except (Invalid, TooLarge):
        tally.left_out(stored.batch.environment_id, "unreadable", stored.received_at, stored.batch.events)
        return reading.haul
    for place, event in enumerate(events):
        reason = "duplicate" if place in stored.repeats else reading.take(place, event)
        if reason is not None:
            tally.left_out(stored.batch.environment_id, reason, stored.received_at)
            reading.haul.rejected.append((place, reason))
    reading.finish()
    return reading.haul


def _events(stored: StoredBatch) -> Sequence[wire.Event | Raw]:
    marks = stored.batch.marks
    body = inflate(stored.batch.body, "gzip" if Marks.GZIP in marks else "", limit=INFLATED_MAX)
    return wire.read(body, lines=Marks.LINES in marks)


class _Reading:
    """One body being read."""

    def __init__(self, stored: StoredBatch, tally: Tally, max_lateness_ms: int) -> None:
        batch = stored.batch
        self.haul = Haul()
        self._batch = batch
        self._environment = batch.environment_id
        self._at = stored.received_at
        self._position = stored.position
        self._tally = tally
        self._by_creation = Marks.BY_CREATION in batch.marks
        self._timely = Timely.received(self._at, vouched_for=self._by_creation, max_lateness_ms=max_lateness_ms)
        self._imports_exposures = batch.source == "import" and Marks.EXTENSIONS in batch.marks
        # Where no summary comes, each feature event is an evaluation to count.
        self._counts_features = batch.source != "import" and (
            Marks.UNSUMMARIZED in batch.marks or batch.schema < SUMMARIES_SINCE_SCHEMA
        )
        self._mentions = Mentions()
        if batch.agent:
            self._tell()

    def take(self, place: int, event: wire.Event | Raw) -> Drop | None:
        """Read one event; gives the reason if it cannot be used."""
        if isinstance(event, Raw):
            judged = judge(event)
            if isinstance(judged, str):
                return judged
            event = judged
        read = _READERS.get(type(event))
        return read(self, self._position + place, event) if read else None

    def finish(self) -> None:
        """Once all events are read: hand over the counts, and complete exposures that came with keys only."""
        self._mentions.count(self._tally, self._environment, self._at)
        known = self._mentions.known
        for exposure in self.haul.exposures:
            if exposure.attributes is None:
                attributes = known.get((exposure.unit_kind, exposure.unit_key))
                exposure.attributes = bounded.kept_json(attributes) if attributes else None
        self.haul.identities = [Identity(kind, key, attributes, self._at) for (kind, key), attributes in known.items()]

    def feature(self, position: int, event: wire.Feature) -> Drop | None:
        if not is_key(event.key):
            return "bad_key"
        variation = bounded.variation(event.variation)
        if self._counts_features and not event.exclude_from_summaries:
            self._tally.evaluated(self._environment, event.key, variation, 1, self._at)
            self._note_default(event.key, event.default)
        if not (self._imports_exposures or (event.reason and event.reason.in_experiment)):
            return None
        subject = subject_of(event)
        if subject is None:
            return "unknown_unit"
        if variation is None and not event.treatment_id:
            return "unknown_variation"
        reason = self._unusable(event)
        if reason is None:
            self._expose(position, event, variation, subject)
        return reason

    def custom(self, position: int, event: wire.Custom) -> Drop | None:
        value = event.metric_value
        if value is not None and not -bounded.VALUE_MAX <= value <= bounded.VALUE_MAX:
            return "bad_value"
        reason = self._unusable(event)
        if reason is not None:
            return reason
        weight, properties = bounded.weight(event.sampling_ratio), bounded.kept(event.data)
        return self._happen("custom", position, event, value, weight, properties)

    def click(self, position: int, event: wire.Click) -> Drop | None:
        return self._timely.objection(event.creation_date) or self._happen("click", position, event, None, 1, None)

    def pageview(self, position: int, event: wire.Pageview) -> Drop | None:
        return self._timely.objection(event.creation_date) or self._happen("pageview", position, event, None, 1, None)

    def identity(self, _: int, event: wire.Identify | wire.Index) -> Drop | None:
        subject = subject_of(event)
        if subject is None:
            return "unknown_unit"
        self._mentions.note(subject)
        return None

    def summary(self, _: int, event: wire.Summary) -> Drop | None:
        for flag, evaluated in event.features.items():
            if not is_key(flag):
                continue
            for count in evaluated.counters:
                variation = bounded.variation(count.variation)
                self._tally.evaluated(self._environment, flag, variation, bounded.count(count.count), self._at)
            self._note_default(flag, evaluated.default)
            self._mentions.kinds.update(filter(is_kind, evaluated.context_kinds or ()))
        subject = subject_of(event)
        if subject is not None:
            self._mentions.note(subject)
        return None

    def started(self, _: int, __: wire.DiagnosticInit) -> Drop | None:
        self._tell(starts=1)
        return None

    def fared(self, _: int, event: wire.Diagnostic | wire.DiagnosticCombined) -> Drop | None:
        self._tell(dropped=bounded.count(event.dropped_events or 0))
        return None

    def _expose(self, position: int, event: wire.Feature, variation: int | None, subject: Subject) -> None:
        self._mentions.note(subject)
        rule = _rule_of(event.reason) if event.reason else None
        created_at = None if event.creation_date is None else int(event.creation_date)
        told = subject.attributes or {}
        own = {kind: bounded.kept_json(attributes) for kind, attributes in told.items()}
        for kind, key in subject.units:
            self.haul.exposures.append(
                Exposure(
                    event.key,
                    kind,
                    unit_hash(kind, key),
                    key,
                    subject.kinds,
                    position,
                    created_at,
                    self._by_creation,
                    variation,
                    bounded.version(event.version),
                    bounded.short(event.treatment_id),
                    rule,
                    bounded.short(event.iteration_id),
                    bounded.weight(event.sampling_ratio),
                    own.get(kind),
                )
            )

    def _happen(
        self,
        kind: str,
        position: int,
        event: wire.Custom | wire.Click | wire.Pageview,
        value: float | None,
        weight: int,
        properties: str | None,
    ) -> Drop | None:
        key = event.key
        if not is_event_key(key):
            return "bad_key"
        subject = subject_of(event)
        if subject is None:
            return "unknown_unit"
        self._mentions.happened(kind, key, subject, with_number=value is not None)
        context = bounded.kept_json(subject.attributes) if subject.attributes else None
        created_at = None if event.creation_date is None else int(event.creation_date)
        for unit_kind, unit_key in subject.units:
            self.haul.outcomes.append(
                Outcome(
                    kind,
                    key,
                    unit_kind,
                    unit_hash(unit_kind, unit_key),
                    unit_key,
                    subject.kinds,
                    position,
                    created_at,
                    self._by_creation,
                    value,
                    weight,
                    bounded.short(event.url),
                    properties,
                    context,
                )
            )
        return None

    def _note_default(self, flag: str, raw: Raw) -> None:
        default = bounded.kept(raw)
        if default is not None:
            self._tally.defaulted(self._environment, flag, default)

    def _unusable(self, event: wire.Custom | wire.Feature) -> Drop | None:
        if event.event_id is not None and not is_event_id(event.event_id):
            return "bad_event"
        return self._timely.objection(event.creation_date)

    def _tell(self, *, starts: int = 0, dropped: int = 0) -> None:
        name, _, version = self._batch.agent.partition("/")
        sdk = (name, version, self._batch.wrapper)
        self._tally.told(self._environment, sdk, self._at, starts=starts, dropped=dropped)


_READERS: dict[type, Callable[[_Reading, int, Any], Drop | None]] = {
    wire.Feature: _Reading.feature,
    wire.Custom: _Reading.custom,
    wire.Click: _Reading.click,
    wire.Pageview: _Reading.pageview,
    wire.Identify: _Reading.identity,
    wire.Index: _Reading.identity,
    wire.Summary: _Reading.summary,
    wire.DiagnosticInit: _Reading.started,
    wire.Diagnostic: _Reading.fared,
    wire.DiagnosticCombined: _Reading.fared,
}


def _rule_of(reason: wire.Reason) -> str | None:
    return bounded.short(reason.rule_id) or (FALLTHROUGH if reason.kind == "FALLTHROUGH" else None)
