"""What cannot be moved on for a mistake of ours: put off, so that it holds up no others, and tried again."""

import logging
from collections.abc import Callable

from flaghoist.base.errors import Unavailable
from flaghoist.store.batches import StoredBatch
from flaghoist.store.database import Database
from flaghoist.store.facts import progress
from flaghoist.store.logs import Feed
from flaghoist.store.quarantine import Quarantine

log = logging.getLogger("flaghoist.compact")


class Aside:
    """Batches of one inbox that a version of this program could not read or store, whole and durable."""

    def __init__(self, inbox: Feed, database: Database) -> None:
        self._inbox = inbox
        self._database = database
        self._quarantine = Quarantine(inbox.folder / "quarantine")

    def __len__(self) -> int:
        return len(self._quarantine)

    def put_off(self, stored: StoredBatch, error: Exception) -> None:
        """Keep a batch for a version that can read it; raises ``Unavailable`` where the disk does not take it."""
        stored = stored.without_superseding  # of those, the copies that were moved on before go on counting
        try:
            self._quarantine.keep(stored, error)
        except OSError as full:
            raise Unavailable(f"a batch cannot be put off to {self._quarantine.folder}: {full}") from full
        log.error(
            "cannot read a batch, put off position=%s environment=%s events=%s folder=%s",
            stored.position,
            stored.batch.environment_id,
            stored.batch.events,
            self._quarantine.folder,
            exc_info=error,
        )

    def try_again(self, store: Callable[[StoredBatch, str], None]) -> None:
        """Store what an earlier process had to put off; once it counts, it is let go of.

        ``store`` is given a mark under which to note that it does. A batch that nobody has left out was put off by a
        process that got no further: it comes again from the inbox, or has come and counts.
        """
        kept = []
        for stored, is_noted in self._quarantine.batches():
            try:
                mark = progress.replayed(self._inbox.id, stored.position)
                with self._database.read() as connection:
                    is_left_out = progress.is_left_out(connection, mark)
                if is_left_out or (is_left_out is None and not is_noted):
                    store(stored, mark)
                self._quarantine.release(stored)
            except Exception as error:
                log.warning("still cannot read a batch position=%s error=%s", stored.position, error)
                kept.append(stored.position)
        if not self._inbox.is_own:
            return  # another may have put off the same batches, and asks for these marks
        inbox = self._inbox.id
        self._database.write(lambda connection: progress.forget_replayed(connection, inbox, but=kept))
