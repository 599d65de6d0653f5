"""Facts that do not count any more: of an event that came to two inboxes, the copy that was received later.

They stay in their files, which are never changed; whoever reads those leaves them out.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, delete, select

from flaghoist.store.facts.tables import superseded_facts
from flaghoist.store.upsert import upsert

Mark = tuple[int, str]
"""Position, and unit in digits: two inboxes may give out the same position, hardly ever for the same unit."""


@dataclass(frozen=True, slots=True)
class Superseded:
    """One such fact."""

    environment: str
    position: int
    unit: int


def record(connection: Connection, facts: Iterable[Superseded]) -> None:
    """From the commit of this transaction on, these do not count."""
    found = {(fact.environment, fact.position, str(fact.unit)) for fact in facts}
    rows = [{"environment": each, "position": position, "unit": unit} for each, position, unit in found]
    upsert(connection, superseded_facts, rows, replace=["unit"])


def marks(connection: Connection, environment: str) -> list[Mark]:
    """Those of an environment, in order."""
    columns = superseded_facts.c
    query = select(columns.position, columns.unit).where(columns.environment == environment)
    return [(row.position, row.unit) for row in connection.execute(query.order_by(columns.position, columns.unit))]


def forget(connection: Connection, *, before: int) -> None:
    """Drop those before a position, whose files are gone."""
    connection.execute(delete(superseded_facts).where(superseded_facts.c.position < before))
