"""Changes: at once the audit entry, the webhook body and the reason to stream."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from flaghoist.base import ids
from flaghoist.core.actor import Actor
from flaghoist.core.guards import Access
from flaghoist.store import changes
from flaghoist.store.changes import ChangeRow

Body = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What one act did to one document: nothing before a creation, nothing after a deletion.

    ``before`` and ``after`` hold only those facets that differ. ``patch`` and ``instructions`` are what was asked for,
    where it was asked in that form.
    """

    seq: int
    id: str
    at: int
    kind: str
    address: str
    name: str
    accesses: tuple[Access, ...]
    actor: dict[str, Any]
    comment: str
    before: Body | None
    after: Body | None
    version_before: int
    version_after: int
    patch: Any = None
    instructions: Any = None


def append(connection: Connection, change: Change) -> None:
    """Write a change into the journal, in the transaction that made it."""
    body = {
        "accesses": [access.json() for access in change.accesses],
        "actor": change.actor,
        "comment": change.comment,
        "before": change.before,
        "after": change.after,
        "versionBefore": change.version_before,
        "versionAfter": change.version_after,
        "patch": change.patch,
        "instructions": change.instructions,
    }
    changes.append(
        connection, ChangeRow(change.seq, change.id, change.at, change.kind, change.address, change.name, body)
    )


def written(
    *,
    connection: Connection,
    at: int,
    kind: str,
    address: str,
    name: str,
    accesses: Sequence[Access],
    actor: Actor,
    comment: str,
    before: Body | None,
    after: Body | None,
    versions: tuple[int, int],
    patch: Any = None,
    instructions: Any = None,
) -> Change:
    """Number a change and write it; numbers follow one another, since writers take turns."""
    change = Change(
        seq=changes.last_seq(connection) + 1,
        id=ids.object_id(),
        at=at,
        kind=kind,
        address=address,
        name=name,
        accesses=tuple(accesses),
        actor=actor.json(),
        comment=comment,
        before=before,
        after=after,
        version_before=versions[0],
        version_after=versions[1],
        patch=patch,
        instructions=instructions,
    )
    append(connection, change)
    return change


def of_row(row: ChangeRow) -> Change:
    """A change as it was written."""
    body = row.body
    return Change(
        seq=row.seq,
        id=row.id,
        at=row.at,
        kind=row.kind,
        address=row.address,
        name=row.name,
        accesses=tuple(Access(access["action"], access["resource"]) for access in body["accesses"]),
        actor=body["actor"],
        comment=body["comment"],
        before=body["before"],
        after=body["after"],
        version_before=body["versionBefore"],
        version_after=body["versionAfter"],
        patch=body["patch"],
        instructions=body["instructions"],
    )


def after(connection: Connection, seq: int, limit: int = 1000) -> list[Change]:
    """The changes that follow a number, in order: what every listener of the journal reads."""
    return [of_row(row) for row in changes.after(connection, seq, limit)]
