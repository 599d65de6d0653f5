"""Files of the lake: listed and there, there and listed, and still what was written."""

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, select

from flaghoist.base import clock
from flaghoist.base.clock import HOUR_MS
from flaghoist.base.errors import Unavailable
from flaghoist.store.doctor.finding import Finding, note
from flaghoist.store.facts.places.port import Found, Place
from flaghoist.store.facts.tables import lake_files

UNFINISHED_MS = HOUR_MS


def findings(connection: Connection, place: Place) -> Iterator[Finding]:
    """Reads every file once, which takes a while for a large lake."""
    listed = list(connection.scalars(select(lake_files.c.path).order_by(lake_files.c.path)))
    try:
        found = list(place.found())
        there = {each.path for each in found}
        damaged = place.damaged([path for path in listed if path in there])
    except Unavailable as error:
        yield Finding(
            "lake-unreachable",
            str(error),
            "see that the object storage answers, that lake_url and lake_s3_endpoint are right, and its credentials",
        )
        return
    if missing := [path for path in listed if path not in there]:
        yield Finding(
            "lake-missing",
            f"listed files that are not in {place.name}: {_some(missing)}",
            "results that need them cannot be given: put them back from a backup",
        )
    if damaged:
        yield Finding(
            "lake-damaged",
            f"files in {place.name} that are not what was written: {_some(damaged)}",
            "check the disk, and put them back from a backup",
        )
    if strays := _strays(found, set(listed)):
        yield note(
            "lake-strays",
            f"files in {place.name} that are not listed, so nobody counts them: {_some(strays)}",
            "a crash leaves such, and the next start removes them",
        )


def _strays(found: Sequence[Found], listed: set[str]) -> list[str]:
    """Those that nobody can still be about to list."""
    old = clock.now_ms() - UNFINISHED_MS
    there = {each.path for each in found if each.path.endswith(".parquet") and each.written_at < old}
    return sorted(there - listed)


def _some(paths: list[str]) -> str:
    more = len(paths) - 3
    return ", ".join(paths[:3]) + (f" and {more} more" if more > 0 else "")
