"""The audit log: list, search, count, and one entry whole."""

from itertools import islice
from urllib.parse import urlencode

import msgspec

from flaghoist.base.errors import Invalid, NotFound
from flaghoist.core import journal
from flaghoist.core.entries import LOG, Names, account_id, entry, whole_entry
from flaghoist.core.resource import Body
from flaghoist.core.work import Work
from flaghoist.resources.account.audit_log.schema import CountsRep, EntriesRep, WholeEntryRep
from flaghoist.resources.account.audit_log.search import asked, counted, found, require_sight
from flaghoist.rest.operations import Call, Family
from flaghoist.rest.policies import Statement
from flaghoist.store import changes
from flaghoist.store.outlines import Outline

FAMILY = Family("Audit log")
_LIMIT, _LIMIT_MAX = 10, 20
_BUCKETS, _BUCKETS_MAX = 50, 500
_WHO = (("member", "string"), ("token", "string"))
_WHEN = (("before", "integer"), ("after", "integer"))
_PAGE = (*_WHEN, ("beforeId", "string"), ("q", "string"), ("limit", "integer"), *_WHO)


@FAMILY.view(LOG, "getAuditLogEntries", returns=EntriesRep, query=(*_PAGE, ("spec", "string")))
def list_entries(work: Work, call: Call) -> Body:
    """List audit log entries"""
    return _page(work, call)


@FAMILY.view(LOG, "postAuditLogEntries", method="POST", returns=EntriesRep, query=_PAGE)
def search_entries(work: Work, call: Call) -> Body:
    """Search audit log entries by policy statements"""
    return _page(work, call)


@FAMILY.view(
    f"{LOG}/counts",
    "postAuditLogEntryCounts",
    method="POST",
    body=list[Statement],
    returns=CountsRep,
    query=(*_WHEN, ("buckets", "integer"), *_WHO),
)
def count_entries(work: Work, call: Call) -> Body:
    """Count audit log entries by stretches of time"""
    since = call.query.number("after")
    if since is None:
        raise Invalid("the query parameter 'after' is missing: from when on to count, in milliseconds")
    # Without an end, what was written this very millisecond counts as well.
    until = call.query.number("before") or work.now + 1
    buckets = call.query.number("buckets") or _BUCKETS
    if not 1 <= buckets <= _BUCKETS_MAX:
        raise Invalid(f"the query parameter 'buckets' must be from 1 to {_BUCKETS_MAX}, not {buckets}")
    if until <= since:
        raise Invalid("the query parameter 'before' must be later than 'after'")
    interval = -(-(until - since) // buckets)
    counts = [0] * buckets
    question = asked(work, call.query, msgspec.to_builtins(call.body))
    for tally in counted(work, question, start=since, stretch_ms=interval):
        counts[min(tally.stretch, buckets - 1)] += tally.times
    return {
        "buckets": [{"timestamp": since + at * interval, "count": count} for at, count in enumerate(counts)],
        "totalCount": sum(counts),
        "bucketIntervalMs": interval,
    }


@FAMILY.view(f"{LOG}/{{id}}", "getAuditLogEntry", returns=WholeEntryRep)
def read_entry(work: Work, call: Call) -> Body:
    """Get an audit log entry"""
    row = changes.read(work.connection, call.params["id"])
    if row is None:
        raise NotFound(f"there is no audit log entry with the id '{call.params['id']}'")
    require_sight(work, row.address)
    return whole_entry(journal.of_row(row), account_id=account_id(work), name_of=Names(work))


def _page(work: Work, call: Call) -> Body:
    limit = call.query.page(_LIMIT, _LIMIT_MAX)[0]
    outlines = list(islice(found(work, asked(work, call.query, call.body)), limit + 1))
    page, account, names = outlines[:limit], account_id(work), Names(work)
    rows = changes.of_seqs(work.connection, [outline.seq for outline in page])
    return {
        "items": [entry(journal.of_row(row), account_id=account, name_of=names) for row in rows],
        "_links": _links(call, page[-1] if len(outlines) > limit else None),
    }


def _links(call: Call, last: Outline | None) -> Body:
    """Older entries begin below the last one shown, also among those of the same millisecond."""

    def to(values: dict[str, list[str]]) -> Body:
        query = urlencode(sorted(values.items()), doseq=True)
        return {"href": f"{call.path}?{query}" if query else call.path, "type": "application/json"}

    given = {name: list(values) for name, values in call.query.values.items()}
    links = {"self": to(given)}
    if last is not None:
        links["next"] = to({**given, "before": [str(last.at)], "beforeId": [last.id]})
    return links
