"""Batches of a log that could not be read: tried again as a server starts, whoever reads their partition by now."""

import logging
from collections.abc import Callable, Sequence
from pathlib import Path

from flaghoist.base.errors import Refusal
from flaghoist.ingest.compact import Compactor
from flaghoist.store.logs.feed import PartitionFeed
from flaghoist.store.logs.home import put_off_in

log = logging.getLogger("flaghoist.compact")

Part = tuple[PartitionFeed, Compactor]
"""What reads a partition, and what moves it on."""

OpenPart = Callable[[str, int], Part]
"""Opens a partition, given with its place among all."""


def try_again(home: Path, partitions: Sequence[str], open_part: OpenPart) -> None:
    """Those in a home, before anything else is read; what cannot be tried now is when the server starts again."""
    places = {partition: place for place, partition in enumerate(partitions)}
    for partition in put_off_in(home):
        place = places.setdefault(partition, len(places))  # of a log that is not read any more
        try:
            feed, compactor = open_part(partition, place)
            try:
                compactor.begin()
                compactor.stop()
            finally:
                feed.close()
        except Refusal as error:
            log.warning("cannot try again what was put off partition=%s reason=%s", partition, error)
