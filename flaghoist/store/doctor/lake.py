"""Files of the lake: listed and there, there and listed, and still what was written."""

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection, select

from flaghoist.base import clock
from flaghoist.store.doctor.finding import Finding, note
from flaghoist.store.facts.checked import Checked
from flaghoist.store.facts.tables import lake_files

UNFINISHED_MS = 3_600_000


def findings(connection: Connection, folder: Path) -> Iterator[Finding]:
    """Reads every file once, which takes a while for a large lake."""
    listed = list(connection.scalars(select(lake_files.c.path).order_by(lake_files.c.path)))
    missing = [path for path in listed if not (folder / path).exists()]
    if missing:
        yield Finding(
            "lake-missing",
            f"listed files that are not in {folder}: {_some(missing)}",
            "results that need them cannot be given: put them back from a backup",
        )
    if damaged := Checked(folder).damaged([path for path in listed if path not in set(missing)]):
        yield Finding(
            "lake-damaged",
            f"files in {folder} that are not what was written: {_some(damaged)}",
            "check the disk, and put them back from a backup",
        )
    if strays := _strays(folder, set(listed)):
        yield note(
            "lake-strays",
            f"files in {folder} that are not listed, so nobody counts them: {_some(strays)}",
            "a crash leaves such, and the next start removes them",
        )


def _strays(folder: Path, listed: set[str]) -> list[str]:
    """Those that nobody can still be about to list."""
    old = clock.now_ms() - UNFINISHED_MS
    found = [path for path in folder.glob("env=*/day=*/*.parquet") if path.stat().st_mtime * 1000 < old]
    return sorted({path.relative_to(folder).as_posix() for path in found} - listed)


def _some(paths: list[str]) -> str:
    more = len(paths) - 3
    return ", ".join(paths[:3]) + (f" and {more} more" if more > 0 else "")
