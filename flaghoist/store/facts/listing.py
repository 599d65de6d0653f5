"""What counts at one moment: the files of the lake, and the facts in them that no longer do."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from flaghoist.base.errors import Unavailable
from flaghoist.store.facts import superseded
from flaghoist.store.facts.lake import Dataset, day_of
from flaghoist.store.facts.places.port import Place
from flaghoist.store.facts.superseded import Mark
from flaghoist.store.facts.tables import lake_files


@dataclass(frozen=True, slots=True)
class Files:
    """Files of one dataset as engines find them, in a stable order, and what is to be left out of them."""

    paths: Sequence[str]
    superseded: Sequence[Mark] = ()


@dataclass(frozen=True, slots=True)
class Listing:
    """One environment's, all as of the same moment."""

    environment: str
    place: Place
    listed: Sequence[tuple[str, str, str]]
    """Dataset, day and path of each file."""
    superseded: Sequence[Mark]

    @classmethod
    def read(cls, connection: Connection, place: Place, environment: str, *, since: int = 0) -> "Listing":
        """As the state store says in one transaction, of what was received from a time on (milliseconds)."""
        columns = lake_files.c
        query = select(columns.dataset, columns.day, columns.path).where(
            columns.environment == environment, columns.replaced_at.is_(None), columns.day >= day_of(since)
        )
        rows = [(row.dataset, row.day, row.path) for row in connection.execute(query.order_by(columns.path))]
        return cls(environment, place, rows, superseded.marks(connection, environment))

    def files(self, dataset: Dataset, *, since: int = 0, until: int | None = None) -> Files:
        """The files that hold facts received within ``[since, until]``, in milliseconds.

        Raises ``Unavailable`` if one of them is damaged: an answer without it would be wrong.
        """
        first, last = day_of(since), None if until is None else day_of(until)
        paths = [
            path for of, day, path in self.listed if of == dataset and day >= first and (last is None or day <= last)
        ]
        if damaged := self.place.doubtful(paths):
            raise Unavailable(f"facts of {self.environment} are damaged and cannot be counted: {', '.join(damaged)}")
        return Files([self.place.named(path) for path in paths], self.superseded)
