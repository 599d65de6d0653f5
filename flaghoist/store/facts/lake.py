"""The lake: facts as Parquet files, by environment and day of receipt, listed in the state store.

A file counts only once it is listed, so one half written or never listed is as good as absent. Files are sorted by
flag or event key, then kind of unit, then unit: a question about one of them reads little else.
"""

import bisect
import contextlib
import glob
import logging
import os
import shutil
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

import duckdb
import msgspec
from sqlalchemy import Connection, Delete, delete, insert, select, update

from flaghoist.base import clock
from flaghoist.base.errors import Conflict, Unavailable
from flaghoist.store.database import Database
from flaghoist.store.facts.checked import Checked, checksum
from flaghoist.store.facts.rows import Exposure, Outcome
from flaghoist.store.facts.tables import forgotten_events, lake_files
from flaghoist.store.holds import deleting
from flaghoist.store.position import first_at, received_at
from flaghoist.store.upsert import upsert

log = logging.getLogger("flaghoist.lake")

Dataset = Literal["exposures", "outcomes"]
DAY_MS = 86_400_000
MERGE_FILES, MERGE_FILES_MAX = 8, 256
TIERS = (8_192, 65_536, 524_288, 4_194_304)
"""Files are merged with others of their size, so that each fact is rewritten a few times at most."""

GRACE_MS = 600_000
"""How long a merged file stays for those who are reading it."""

PARQUET = "FORMAT parquet, PARQUET_VERSION V2, COMPRESSION zstd, ROW_GROUP_SIZE 122880"

CLUSTER = {
    "exposures": "flag, unit_kind, unit, position",
    "outcomes": "kind, key, unit_kind, unit, position",
}
COLUMNS: dict[str, dict[str, str]] = {
    "exposures": {
        "flag": "VARCHAR",
        "unit_kind": "VARCHAR",
        "unit": "UBIGINT",
        "unit_key": "VARCHAR",
        "kinds": "VARCHAR",
        "position": "BIGINT",
        "created_at": "BIGINT",
        "by_creation": "BOOLEAN",
        "variation": "SMALLINT",
        "version": "BIGINT",
        "treatment": "VARCHAR",
        "rule": "VARCHAR",
        "iteration": "VARCHAR",
        "weight": "BIGINT",
        "attributes": "VARCHAR",
    },
    "outcomes": {
        "kind": "VARCHAR",
        "key": "VARCHAR",
        "unit_kind": "VARCHAR",
        "unit": "UBIGINT",
        "unit_key": "VARCHAR",
        "kinds": "VARCHAR",
        "position": "BIGINT",
        "created_at": "BIGINT",
        "by_creation": "BOOLEAN",
        "value": "DOUBLE",
        "weight": "BIGINT",
        "url": "VARCHAR",
        "properties": "VARCHAR",
        "context": "VARCHAR",
    },
}


@dataclass(frozen=True, slots=True)
class LakeFile:
    """A Parquet file; ``path`` is relative to the lake, ``day`` is 2026-11-23 (UTC)."""

    path: str
    environment: str
    dataset: Dataset
    day: str
    rows: int


class Lake:
    """A folder of Parquet files and their list; each process writes files of its own, and reads those of all."""

    def __init__(
        self,
        folder: Path,
        database: Database,
        *,
        scratch: Path | None = None,
        threads: int = 1,
        memory_limit: str = "1GB",
    ) -> None:
        """``scratch`` is a folder that no other process uses."""
        self.folder = folder
        self._database = database
        self._scratch = scratch or folder / "scratch"
        self._scratch.mkdir(parents=True, exist_ok=True)
        self._checked = Checked(folder)
        self._left_alone: set[str] = set()
        self._engine = open_duckdb(threads=threads, memory_limit=memory_limit, spill=self._scratch)

    def write(
        self, name: str, exposures: Mapping[str, Sequence[Exposure]], outcomes: Mapping[str, Sequence[Outcome]]
    ) -> list[LakeFile]:
        """Write facts, by environment, to files that are durable but not yet listed; one thread at a time.

        Raises ``Unavailable`` where the disk does not take them; then none is there.
        """
        written: list[LakeFile] = []
        try:
            for environment, shown in exposures.items():
                written += self._write_rows(name, environment, "exposures", shown)
            for environment, done in outcomes.items():
                written += self._write_rows(name, environment, "outcomes", done)
        except BaseException:
            self.discard(written)
            raise
        return written

    def discard(self, written: Sequence[LakeFile]) -> None:
        """Delete files that were written and are certain never to be listed."""
        for file in written:
            (self.folder / file.path).unlink(missing_ok=True)

    def files(self, environment: str, dataset: Dataset, *, since: int = 0, until: int | None = None) -> list[str]:
        """The paths of the files that hold facts received within ``[since, until]``, in a stable order.

        Raises ``Unavailable`` if one of them is damaged: an answer without it would be wrong.
        """
        listed = select(lake_files.c.path).where(
            lake_files.c.environment == environment,
            lake_files.c.dataset == dataset,
            lake_files.c.replaced_at.is_(None),
            lake_files.c.day >= day_of(since),
        )
        if until is not None:
            listed = listed.where(lake_files.c.day <= day_of(until))
        with self._database.read() as connection:
            paths = connection.execute(listed.order_by(lake_files.c.path)).scalars().all()
        if damaged := self._checked.damaged(paths):
            raise Unavailable(f"facts of {environment} are damaged and cannot be counted: {', '.join(damaged)}")
        return [str(self.folder / path) for path in paths]

    def check_again(self) -> None:
        """Something could not be read: take no file to be whole that is not looked at anew."""
        self._checked = Checked(self.folder)

    def damaged(self) -> list[LakeFile]:
        """All files that are missing or no longer what was written; reads every one of them."""
        with self._database.read() as connection:
            rows = connection.execute(select(lake_files).order_by(lake_files.c.path)).all()
        fresh = Checked(self.folder)
        files = [LakeFile(row.path, row.environment, row.dataset, row.day, row.rows) for row in rows]
        return [file for file in files if fresh.damaged([file.path]) or not (self.folder / file.path).exists()]

    def set_aside(self, file: LakeFile) -> None:
        """Count without a damaged file from now on; what is left of it is kept in ``damaged``.

        Its facts are lost to every answer, so this is for people to decide.
        """
        kept = self.folder / "damaged" / file.path.replace("/", "__")
        if (self.folder / file.path).exists():
            kept.parent.mkdir(exist_ok=True)
            shutil.copy2(self.folder / file.path, kept)
            _sync(kept)
        log.error("set aside path=%s kept_as=%s facts_lost=%s", file.path, kept, file.rows)
        self._delete([file.path])

    def merge_one(self) -> bool:
        """Merge the small files of one day, if there are enough; says whether there were."""
        group = self._mergeable()
        if not group:
            return False
        if damaged := self._checked.damaged([file.path for file in group]):
            self._left_alone.update(damaged)
            return True
        first = group[0]
        path = f"{Path(first.path).parent}/{first.dataset}-merged-{uuid.uuid4().hex}"
        source = read_files([str(self.folder / file.path) for file in group], first.dataset)
        path = self._copy(f"SELECT * FROM {source} ORDER BY {CLUSTER[first.dataset]}", path)
        merged = LakeFile(path, first.environment, first.dataset, first.day, sum(file.rows for file in group))
        try:
            self._database.write(lambda connection: _replace(connection, group, merged))
        except Conflict:
            self.discard([merged])
            raise
        return True

    def sweep(self) -> None:
        """Delete files whose facts have been in a merged file for long enough."""
        self._left_alone.clear()  # by now somebody may have brought back what was damaged
        now = clock.now_ms()
        with self._database.read() as connection:
            query = select(lake_files.c.path).where(lake_files.c.replaced_at < now - GRACE_MS)
            gone = list(connection.execute(query).scalars())
        self._delete(gone)

    def forget(self, *, before: int) -> None:
        """Delete the facts of whole days that ended before a time, and keep in mind that they were there."""
        with self._database.read() as connection:
            query = select(lake_files.c.path, lake_files.c.environment).where(lake_files.c.day < day_of(before))
            gone = connection.execute(query).all()
        if not gone:
            return
        until = before - before % DAY_MS
        marks = [{"environment": each, "before": until} for each in sorted({row.environment for row in gone})]
        self._database.write(partial(upsert, table=forgotten_events, rows=marks, highest=["before"]))
        self._delete([row.path for row in gone])
        for folder in {(self.folder / row.path).parent for row in gone}:
            with contextlib.suppress(OSError):  # something else is in it
                folder.rmdir()

    def forgotten_before(self, environment: str) -> int | None:
        """Up to when facts of an environment were deleted, in milliseconds; None if they never were."""
        query = select(forgotten_events.c.before).where(forgotten_events.c.environment == environment)
        with self._database.read() as connection:
            return connection.execute(query).scalar()

    def remove_strays(self, writer: str = "", *, older_than_ms: int = 0) -> None:
        """Delete what a crash left behind: files that were written but never listed. Only before anyone writes.

        Where others may be writing: only what a ``writer`` wrote, by the name it gives files, or what is old.
        """
        # Among the writers, so that a commit still under way for a process that is gone has come to its end.
        listed = self._database.write(lambda connection: set(connection.execute(select(lake_files.c.path)).scalars()))
        newest = clock.now_ms() - older_than_ms
        for path in self.folder.glob("env=*/day=*/*.parquet*"):
            if writer not in path.name or str(path.relative_to(self.folder)) in listed:
                continue
            if not (older_than_ms and _is_newer(path, newest)):
                log.info("removed stray path=%s", path)
                path.unlink(missing_ok=True)
        for path in () if older_than_ms else self._scratch.glob("*.ndjson"):
            if writer in path.name:
                path.unlink()

    def close(self) -> None:
        """Let go of the engine that writes."""
        self._engine.close()

    def _write_rows(self, name: str, environment: str, dataset: Dataset, rows: Sequence[Any]) -> list[LakeFile]:
        columns = ", ".join(f"{column}: '{kind}'" for column, kind in COLUMNS[dataset].items())
        written = []
        for day, of_day in _by_day(rows):
            path = f"env={quote(environment, safe='')}/day={day}/{dataset}-{name}"
            scratch = self._scratch / f"{dataset}-{name}.ndjson"
            try:
                scratch.write_bytes(msgspec.json.Encoder().encode_lines(of_day))
                read = f"read_json({_text(str(scratch))}, format = 'newline_delimited', columns = {{{columns}}})"
                path = self._copy(f"SELECT * FROM {read} ORDER BY {CLUSTER[dataset]}", path)
            except OSError as error:
                raise Unavailable(f"facts cannot be written to {self.folder}: {error}") from error
            finally:
                scratch.unlink(missing_ok=True)
            written.append(LakeFile(path, environment, dataset, day, len(of_day)))
        return written

    def _copy(self, query: str, path: str) -> str:
        """Write a file, durably or not at all; gives its path with a checksum in its name."""
        target = self.folder / f"{path}.unnamed.parquet"
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            with contextlib.closing(self._engine.cursor()) as cursor:
                cursor.execute(f"COPY ({query}) TO {_text(str(target))} ({PARQUET})")
            _sync(target)
            named = target.rename(self.folder / f"{path}.{checksum(target)}.parquet")
        except duckdb.IOException as error:
            raise Unavailable(f"facts cannot be written to {self.folder}: {error}") from error
        finally:
            for left in target.parent.glob(f"*{glob.escape(target.name)}*"):  # also under the engine's own name
                left.unlink(missing_ok=True)
        for folder in (target.parent, target.parent.parent, self.folder):
            _sync(folder)
        self._checked.add(str(named.relative_to(self.folder)))
        return str(named.relative_to(self.folder))

    def _mergeable(self) -> list[LakeFile]:
        """The files of one environment, dataset, day and tier that are worth merging now."""
        query = select(lake_files).where(lake_files.c.replaced_at.is_(None), lake_files.c.rows < TIERS[-1])
        today = day_of(clock.now_ms())
        groups: dict[tuple[str, str, str, int], list[LakeFile]] = {}
        with self._database.read() as connection:
            for row in connection.execute(query.order_by(lake_files.c.path)):
                file = LakeFile(row.path, row.environment, row.dataset, row.day, row.rows)
                if file.path in self._left_alone:
                    continue
                # A day that is over gets no more files: whatever it has is merged into one.
                tier = _tier(file.rows) if file.day >= today else -1
                groups.setdefault((file.environment, file.dataset, file.day, tier), []).append(file)
        ready = [group for (_, _, _, tier), group in groups.items() if len(group) >= (2 if tier == -1 else MERGE_FILES)]
        return max(ready, key=len, default=[])[:MERGE_FILES_MAX]

    def _delete(self, paths: Sequence[str]) -> None:
        """Delete files, unless somebody holds the lake: then a later call does."""
        for start in range(0, len(paths), MERGE_FILES_MAX):
            with deleting(self.folder) as may_delete:
                if not may_delete:
                    return
                part = paths[start : start + MERGE_FILES_MAX]
                unlisted = delete(lake_files).where(lake_files.c.path.in_(part))
                self._database.write(partial(_execute, unlisted))
                self._checked.forget(part)
                # In this order: a crash in between leaves strays, never a list of files that are gone.
                for path in part:
                    (self.folder / path).unlink(missing_ok=True)


def publish(connection: Connection, files: Sequence[LakeFile]) -> None:
    """List files: from the commit of this transaction on, their facts count."""
    now = clock.now_ms()
    if files:
        connection.execute(insert(lake_files), [_listing(file, now) for file in files])


def open_duckdb(*, threads: int, memory_limit: str, spill: Path) -> duckdb.DuckDBPyConnection:
    """An engine of its own, with bounded threads and memory, that spills to a folder of its own and fetches nothing."""
    for left_behind in spill.glob("duckdb_temp*"):
        left_behind.unlink(missing_ok=True)
    return duckdb.connect(
        config={
            "threads": threads,
            "memory_limit": memory_limit,
            "temp_directory": str(spill),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "preserve_insertion_order": False,
        }
    )


def read_files(paths: Sequence[str], dataset: Dataset) -> str:
    """Files, at least one, as a source in SQL; without the columns that the engine would read into their folders."""
    listed = ", ".join(_text(path) for path in paths)
    columns = ", ".join(COLUMNS[dataset])
    return f"(SELECT {columns} FROM read_parquet([{listed}], hive_partitioning = false))"


def day_of(at_ms: int) -> str:
    """The UTC day of an instant: 2026-11-23."""
    return clock.rfc3339(at_ms)[:10]


def _execute(statement: Delete, connection: Connection) -> None:
    connection.execute(statement)


def _replace(connection: Connection, old: Sequence[LakeFile], merged: LakeFile) -> None:
    now = clock.now_ms()
    paths = [file.path for file in old]
    still_there = update(lake_files).where(lake_files.c.path.in_(paths), lake_files.c.replaced_at.is_(None))
    replaced = connection.execute(still_there.values(replaced_at=now)).rowcount
    if replaced != len(old):
        raise Conflict("another process merged some of these files in the meantime")
    connection.execute(insert(lake_files), [_listing(merged, now)])


def _listing(file: LakeFile, now: int) -> dict[str, Any]:
    return {
        "path": file.path,
        "environment": file.environment,
        "dataset": file.dataset,
        "day": file.day,
        "rows": file.rows,
        "created_at": now,
        "replaced_at": None,
    }


def _by_day(rows: Sequence[Any]) -> Iterator[tuple[str, Sequence[Any]]]:
    """Rows in order of arrival, cut at midnight (UTC)."""
    start = 0
    while start < len(rows):
        day_began = received_at(rows[start].position) // DAY_MS * DAY_MS
        end = bisect.bisect_left(rows, first_at(day_began + DAY_MS), lo=start, key=lambda row: row.position)
        yield day_of(day_began), rows[start:end]
        start = end


def _tier(rows: int) -> int:
    return sum(rows >= limit for limit in TIERS)


def _text(value: str) -> str:
    """A text as a literal in SQL."""
    return "'" + value.replace("'", "''") + "'"


def _is_newer(path: Path, at_ms: int) -> bool:
    """Whether a file was written after a time; one that is gone counts as such."""
    try:
        return path.stat().st_mtime * 1000 > at_ms
    except FileNotFoundError:
        return True


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
