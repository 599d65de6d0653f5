"""Which partitions of a log fall to which node: by leases, about as many to each."""

from collections.abc import Collection, Sequence
from math import ceil

from sqlalchemy import Connection

from flaghoist.base import clock
from flaghoist.store import leases
from flaghoist.store.database import Database

READER, PARTITION = "events-reader:", "events-of:"
LEASE_MS = 15_000
"""After so long the partitions of a node that has died fall to others."""


class Shares:
    """One node's share. Two nodes with the same partition do no harm: only one of their commits comes through."""

    def __init__(self, database: Database, node: str) -> None:
        self._database = database
        self._node = node

    def renewed(self, partitions: Sequence[str], held: Collection[str]) -> list[str]:
        """What this node is to read for the next seconds; what it has to let go of stays its own until given back."""
        return self._database.write(lambda connection: self._renew(connection, partitions, held))

    def give_back(self, partitions: Collection[str]) -> None:
        """Let others have these."""

        def act(connection: Connection) -> None:
            for partition in partitions:
                leases.release(connection, PARTITION + partition, self._node)

        self._database.write(act)

    def leave(self) -> None:
        """Let others have the share of this node."""
        self._database.write(lambda connection: leases.release(connection, READER + self._node, self._node))

    def _renew(self, connection: Connection, partitions: Sequence[str], held: Collection[str]) -> list[str]:
        now = clock.now_ms()
        self._take(connection, READER + self._node, now)
        most = ceil(len(partitions) / leases.holders(connection, READER, now=now))
        taken: list[str] = []
        for partition in sorted(partitions, key=lambda each: each not in held):
            if len(taken) < most and self._take(connection, PARTITION + partition, now):
                taken.append(partition)
        return taken

    def _take(self, connection: Connection, name: str, now: int) -> bool:
        return leases.take(connection, name, self._node, now=now, until=now + LEASE_MS)
