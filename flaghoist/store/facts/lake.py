"""The lake: facts as Parquet files, by environment and day of receipt, listed in the state store.

A file counts only once it is listed, so one half written or never listed is as good as absent. Files are sorted by
flag or event key, then kind of unit, then unit: a question about one of them reads little else.
"""

import bisect
import contextlib
import logging
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any, Literal
from urllib.parse import quote, unquote

import duckdb
import msgspec
from sqlalchemy import Connection, delete, insert, select, update

from flaghoist.base import clock
from flaghoist.base.clock import DAY_MS, MINUTE_MS
from flaghoist.base.errors import Conflict, Unavailable
from flaghoist.store.database import Database
from flaghoist.store.facts import superseded
from flaghoist.store.facts.places.folder import Folder
from flaghoist.store.facts.places.port import Damaged, Near, Place
from flaghoist.store.facts.rows import Exposure, Outcome
from flaghoist.store.facts.tables import forgotten_events, lake_files
from flaghoist.store.position import first_at, received_at
from flaghoist.store.upsert import upsert

log = logging.getLogger("flaghoist.lake")

Dataset = Literal["exposures", "outcomes"]
MERGE_FILES, MERGE_FILES_MAX = 8, 256
TIERS = (8_192, 65_536, 524_288, 4_194_304)
"""Files are merged with others of their size, so that each fact is rewritten a few times at most."""

GRACE_MS = 10 * MINUTE_MS
"""How long a merged file stays for those who are reading it."""

UNNAMED = ".unnamed."
"""In the names of files that a folder does not have whole yet."""

MEASURED_EVERY_MS = MINUTE_MS

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


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is in the lake."""

    files: int
    rows: int
    bytes: int


class Lake:
    """Parquet files in one place, and their list; each process writes files of its own, and reads those of all."""

    def __init__(
        self,
        place: Place | Path,
        database: Database,
        *,
        scratch: Path | None = None,
        threads: int = 1,
        memory_limit: str = "1GB",
    ) -> None:
        """A path is a folder; ``scratch`` is one that no other process uses."""
        self.place: Place = Folder(place) if isinstance(place, Path) else place
        self._database = database
        self._scratch = scratch or self.folder / "scratch"
        self._scratch.mkdir(parents=True, exist_ok=True)
        self._looked_for_strays_at = 0
        self._left_alone: set[str] = set()
        self._bytes = self._measured_at = 0
        self._engine = open_duckdb(threads=threads, memory_limit=memory_limit, spill=self._scratch)

    @property
    def folder(self) -> Path:
        """Where files are on this machine while they are read."""
        return self.place.folder

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
        try:
            self.place.delete([file.path for file in written])
        except Unavailable as error:
            log.warning("left strays behind files=%s reason=%s", len(written), error)

    def at_hand(self) -> contextlib.AbstractContextManager[Near]:
        """What gives the paths of files on this machine, where they stay while one is inside."""
        return self.place.at_hand()

    def size(self, now: int) -> Size:
        """How much there is, its bytes measured once a minute at most; raises ``Unavailable``."""
        listed = select(lake_files.c.path, lake_files.c.rows).where(lake_files.c.replaced_at.is_(None))
        with self._database.read() as connection:
            files = connection.execute(listed).all()
        if now - self._measured_at > MEASURED_EVERY_MS:
            self._bytes = self.place.bytes_of([file.path for file in files])
            self._measured_at = now
        return Size(len(files), sum(file.rows for file in files), self._bytes)

    def check_again(self) -> None:
        """Something could not be read: take no file to be whole that is not looked at anew."""
        self.place.look_again()

    def damaged(self) -> list[LakeFile]:
        """All files that are missing or no longer what was written; reads every one of them."""
        with self._database.read() as connection:
            rows = connection.execute(select(lake_files).order_by(lake_files.c.path)).all()
        files = [LakeFile(row.path, row.environment, row.dataset, row.day, row.rows) for row in rows]
        there = {found.path for found in self.place.found()}
        damaged = set(self.place.damaged([file.path for file in files if file.path in there]))
        return [file for file in files if file.path in damaged or file.path not in there]

    def merge_one(self) -> bool:
        """Merge the small files of one day, if there are enough; says whether there were."""
        group = self._mergeable()
        if not group:
            return False
        if damaged := self.place.doubtful([file.path for file in group]):
            self._left_alone.update(damaged)
            return True
        first = group[0]
        path = f"{Path(first.path).parent}/{first.dataset}-merged-{uuid.uuid4().hex}"
        try:
            with self.at_hand() as near:
                source = read_files(near([self.place.named(file.path) for file in group]), first.dataset)
                path = self._copy(f"SELECT * FROM {source} ORDER BY {CLUSTER[first.dataset]}", path)
        except Damaged as found:
            self._left_alone.update(found.paths)
            return True
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
        until = before - before % DAY_MS
        if not gone:  # by now: with its file, what is said of a fact may go
            self._database.write(partial(superseded.forget, before=first_at(until)), in_turn=False)
            return
        marks = [{"environment": each, "before": until} for each in sorted({row.environment for row in gone})]
        self._database.write(partial(upsert, table=forgotten_events, rows=marks, highest=["before"]))
        self._delete([row.path for row in gone], days_are_over=True)

    def forgotten_before(self, environment: str) -> int | None:
        """Up to when facts of an environment were deleted, in milliseconds; None if they never were."""
        query = select(forgotten_events.c.before).where(forgotten_events.c.environment == environment)
        with self._database.read() as connection:
            return connection.execute(query).scalar()

    def remove_strays(self, writer: str = "", *, older_than_ms: int = 0) -> None:
        """Delete what a crash left behind: files that were written but never listed. Only before anyone writes.

        Where others may be writing: only what a ``writer`` wrote, by the name it gives files, or what is old.
        """
        if older_than_ms and clock.now_ms() - self._looked_for_strays_at < older_than_ms // 12:
            return  # to list what is there takes a while, and costs money on object storage
        self._looked_for_strays_at = clock.now_ms()
        try:
            self._delete_strays(writer, older_than_ms)
        except Unavailable as error:
            log.warning("cannot look for strays in %s, they do no harm reason=%s", self.place.name, error)
        for path in () if older_than_ms else self._scratch.glob("*.ndjson"):
            if writer in path.name:
                path.unlink()

    def close(self) -> None:
        """Let go of the engine that writes, and of the place."""
        self._engine.close()
        self.place.close()

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
                raise Unavailable(f"facts cannot be written to {self.place.name}: {error}") from error
            finally:
                scratch.unlink(missing_ok=True)
            written.append(LakeFile(path, environment, dataset, day, len(of_day)))
        return written

    def _copy(self, query: str, path: str) -> str:
        """Write a file, durably or not at all; gives its path with a checksum in its name."""

        def fill(target: Path) -> None:
            with contextlib.closing(self._engine.cursor()) as cursor:
                cursor.execute(f"COPY ({query}) TO {_text(str(target))} ({PARQUET})")

        try:
            return self.place.write(path, fill)
        except duckdb.IOException as error:
            raise Unavailable(f"facts cannot be written to {self.place.name}: {error}") from error

    def _delete_strays(self, writer: str, older_than_ms: int) -> None:
        newest = clock.now_ms() - older_than_ms
        found = [
            each.path
            for each in self.place.found()
            if writer in PurePosixPath(each.path).name and not (older_than_ms and each.written_at > newest)
        ]
        # Among the writers, so that a commit still under way for a process that is gone has come to its end.
        strays = self._database.write(partial(_strays, found=found, others_write=older_than_ms > 0))
        for path in strays:
            log.info("removed stray path=%s", self.place.named(path))
        self.place.delete(strays)

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

    def _delete(self, paths: Sequence[str], *, days_are_over: bool = False) -> None:
        """Delete files, unless somebody holds the lake: then a later call does."""
        for start in range(0, len(paths), MERGE_FILES_MAX):
            with self.place.deleting() as may_delete:
                part = paths[start : start + MERGE_FILES_MAX]
                if not may_delete or not self._database.write(partial(self._unlist, part)):
                    return
                # In this order: a crash in between leaves strays, never a list of files that are gone.
                self.place.delete(part, days_are_over=days_are_over)

    def _unlist(self, paths: Sequence[str], connection: Connection) -> bool:
        if not self.place.may_unlist(connection):
            return False
        connection.execute(delete(lake_files).where(lake_files.c.path.in_(paths)))
        return True


class TakenForStray(Conflict):
    """A file was listed so late that it is being deleted: it has to be written anew, under another name."""


def publish(connection: Connection, files: Sequence[LakeFile]) -> None:
    """List files: from the commit of this transaction on, their facts count; raises ``TakenForStray``."""
    now = clock.now_ms()
    if files:
        paths = [file.path for file in files]
        if late := connection.execute(select(lake_files.c.path).where(lake_files.c.path.in_(paths))).scalars().all():
            raise TakenForStray(f"written too long ago: {', '.join(late)}")
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


def _strays(connection: Connection, found: Sequence[str], others_write: bool) -> list[str]:
    """Which files nobody has listed, to be deleted.

    Where others may be about to list some, because the store was away for hours or a clock has jumped, these are listed
    as replaced instead, and swept after a while: so none comes to count that is being deleted.
    """
    listed = set(connection.execute(select(lake_files.c.path)).scalars())
    strays = [path for path in found if path not in listed]
    if not others_write:
        return strays
    now = clock.now_ms()
    whole = [path for path in strays if UNNAMED not in path]
    if whole:
        connection.execute(insert(lake_files), [{**_listing(_named(path), now), "replaced_at": now} for path in whole])
    return [path for path in strays if UNNAMED in path]


def _named(path: str) -> LakeFile:
    """What the path of a file says of it."""
    environment, day, name = PurePosixPath(path).parts
    dataset: Dataset = "exposures" if name.startswith("exposures") else "outcomes"
    return LakeFile(path, unquote(environment.removeprefix("env=")), dataset, day.removeprefix("day="), 0)


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
