"""The log that takes events for all nodes: whether it can be asked, keeps what it must, and is moved on."""

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection

from flaghoist.base import clock
from flaghoist.base.clock import DAY_MS, HOUR_MS
from flaghoist.base.errors import Unavailable
from flaghoist.store.doctor.finding import Finding, note
from flaghoist.store.doctor.inboxes import SLOW_MS
from flaghoist.store.logs import EventLog
from flaghoist.store.logs.lag import Lag, lags
from flaghoist.store.logs.patience import patiently
from flaghoist.store.logs.terms import Terms

KEPT_AT_LEAST_MS = DAY_MS
"""Who is called at night should find everything still there in the morning."""


def findings(connection: Connection, log: EventLog, *, largest: int) -> Iterator[Finding]:
    """What is wrong with a log that is to take bodies of up to ``largest`` bytes; makes and changes nothing."""
    try:
        extents = patiently(log.extents)
        terms = log.terms() if extents else None
    except Unavailable as error:
        yield Finding(
            "log-unreachable",
            str(error),
            "see that it runs, that event_log_url is right, and its credentials and certificates; senders get 503",
        )
        return
    if terms is None:
        yield note("log-new", f"there is no {log.title.removeprefix('the ')} yet", "a server that starts makes it")
        return
    yield from _of_terms(log.title, terms, largest)
    yield from _of_lags(log.title, lags(connection, extents))


def _of_terms(title: str, terms: Terms, largest: int) -> Iterator[Finding]:
    cure = terms.settings
    if terms.losing:
        yield Finding(
            "log-loses", f"{title} loses events that do not count yet: {terms.losing}", f"set {cure['losing']}"
        )
    if terms.kept_ms is not None and terms.kept_ms < KEPT_AT_LEAST_MS:
        yield Finding(
            "log-forgets",
            f"{title} keeps records for {terms.kept_ms / HOUR_MS:g} hours: what is not counted by then is lost",
            f"raise {cure['kept_ms']} to several days",
        )
    if terms.is_bounded:
        yield note(
            "log-bounded",
            f"{title} lets go of records, however new, where there are too many",
            f"set {cure['is_bounded']}, or see that days of events fit",
        )
    if terms.record_bytes < largest:
        yield Finding(
            "log-record",
            f"{title} takes up to {terms.record_bytes:,} bytes at once, and bodies of events may have {largest:,}: "
            "larger ones are answered 503 each time",
            f"raise {cure['record_bytes']} to 16 MiB",
        )
    if terms.copies == 1:
        yield note(
            "log-one-copy", f"{title} has one copy of each record: its disk is all there is", f"set {cure['copies']}"
        )
    elif terms.safe_copies < 2:
        yield Finding(
            "log-unsafe",
            f"{title} says that it has a record when one machine does, so what was answered 202 may be lost with it",
            f"set {cure['safe_copies']}",
        )
    if not terms.has_clock:
        yield note(
            "log-clock", f"in {title} the clocks of the nodes say when events arrived", f"set {cure['has_clock']}"
        )


def _of_lags(title: str, found: Sequence[Lag]) -> Iterator[Finding]:
    now = clock.now_ms()
    for lag in found:
        if lag.let_go:
            yield Finding(
                "log-let-go",
                f"{title} has let go of {lag.let_go} records of partition {lag.place} that never counted",
                "have it keep records for longer; what their senders still have they may send again",
            )
        if lag.missing:
            yield Finding(
                "log-shorter",
                f"{title} has lost its end: {lag.missing} records of partition {lag.place} that count are not there",
                "nothing of it is moved on, since new records cannot be told from lost ones: name another in "
                "event_log_url",
            )
    waiting = sum(lag.records for lag in found)
    slowest = max((lag for lag in found), key=lambda lag: lag.seconds(now))
    told = f"{title} has {len(found)} partitions, and {waiting} records wait to be counted"
    if slowest.seconds(now) * 1000 <= SLOW_MS:
        yield note("log", told)
    elif not slowest.not_before:
        yield note("log", f"{told}; nothing of partition {slowest.place} was ever counted", "start a server")
    else:
        yield Finding(
            "log-waits",
            f"{told}, in partition {slowest.place} perhaps since {clock.rfc3339(slowest.not_before)}",
            "start a server; if one runs, its log says why it cannot move events on",
        )
