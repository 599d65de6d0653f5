"""Takes a backup while the server runs: what was accepted before it began is in it, once.

Nothing is deleted from inbox and lake meanwhile. First one snapshot of the state, then what it speaks of: the listed
files of the lake, and the inbox, which begins at the latest where the snapshot says the lake ends. What is accepted
after the snapshot comes along as far as it is there; its ids come last, so that no retry of it is taken for new.
"""

import contextlib
import sqlite3
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
from sqlalchemy import select

from flaghoist import __version__
from flaghoist.base import clock
from flaghoist.store import changes
from flaghoist.store.backup import rows
from flaghoist.store.backup.archive import Tell, Writer, writing
from flaghoist.store.backup.manifest import FORMAT, WITHOUT_LAKE, LakeFile, Manifest, Part
from flaghoist.store.backup.refused import BackupRefused
from flaghoist.store.database import Database
from flaghoist.store.facts.places.folder import Folder
from flaghoist.store.facts.places.port import Place
from flaghoist.store.facts.tables import inbox_progress, lake_files
from flaghoist.store.holds import held
from flaghoist.store.logs.home import homes, put_off_in
from flaghoist.store.migrations import is_known, revision_of

KEY = "secret.key"


@dataclass(frozen=True, slots=True)
class Taken:
    """What went into a backup, and the size of its parts in bytes."""

    manifest: Manifest

    @property
    def bytes(self) -> int:
        """The size of all parts together."""
        return sum(part.bytes for part in self.manifest.parts)


@dataclass(slots=True)
class _State:
    schema: str
    last_change: int
    counts: dict[str, int] = field(default_factory=dict)
    lake: list[str] = field(default_factory=list)
    reached: dict[str, int] = field(default_factory=dict)


def take(
    data_dir: Path,
    database: Database,
    target: Path,
    *,
    with_key: bool,
    lake: Place | None = None,
    with_lake: bool = True,
    tell: Tell = lambda _: None,
) -> Taken:
    """Write a backup to a new folder, or to a new file ``*.tar`` or ``*.tar.gz``.

    Without its lake it only names the files that belong to it, which somebody else has to keep. Raises
    ``BackupRefused`` with what is in the way; nothing stays of a backup that was not finished.
    """
    lake = lake or Folder(data_dir / "lake")
    with contextlib.ExitStack() as stack:
        writer = stack.enter_context(writing(target, tell))
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix=".backup-", dir=target.parent)))
        quarantines = (*data_dir.glob("inbox*/quarantine"), *data_dir.glob("log*/*/quarantine"))
        for folder in (*inboxes(data_dir), *quarantines):
            if folder.is_dir():
                stack.enter_context(held(folder))
        stack.enter_context(lake.held(database))
        parts: list[Part] = []
        state = _add_state(database, scratch, writer, parts)
        stays = [] if with_lake else _listed(lake, state.lake)
        if with_lake:
            _add_lake(lake, state.lake, writer, parts)
        batches = _add_inboxes(data_dir, scratch, writer, parts)
        put_off = _add_put_off(data_dir, state.reached, writer, parts)
        has_key = with_key and (data_dir / KEY).exists()
        if has_key:
            parts.append(writer.add(KEY, data_dir / KEY))
        manifest = Manifest(
            format=FORMAT if with_lake else WITHOUT_LAKE,
            flaghoist=__version__,
            created_at=clock.rfc3339(clock.now_ms()),
            schema=state.schema,
            store="sqlite" if database.is_sqlite else "postgresql",
            last_change=state.last_change,
            rows=state.counts,
            batches=batches,
            lake_files=len(state.lake),
            has_key=has_key,
            parts=parts,
            put_off=put_off,
            lake_stays="" if with_lake else lake.name,
            lake=stays,
        )
        writer.finish(msgspec.json.format(msgspec.json.encode(manifest), indent=1))
    return Taken(manifest)


def inboxes(data_dir: Path) -> list[Path]:
    """The folders of every worker's inbox."""
    return sorted(path for path in data_dir.glob("inbox*") if path.is_dir())


def size(data_dir: Path) -> int:
    """About how many bytes a backup will read."""
    sizes = 0
    for path in data_dir.rglob("*"):
        with contextlib.suppress(FileNotFoundError):  # merged, or moved on, meanwhile
            sizes += path.stat().st_size if path.is_file() else 0
    return sizes


def _add_state(database: Database, scratch: Path, writer: Writer, parts: list[Part]) -> _State:
    """Every table as of one moment."""
    with database.read() as connection:
        schema = revision_of(connection)
        if schema is None:
            raise BackupRefused("there is no state to back up: the store is empty")
        if not is_known(schema):
            raise BackupRefused(f"the state has the schema {schema}, which this program does not know")
        found = rows.tables(connection)
        state = _State(schema, changes.last_seq(connection))
        for table in found:
            lines = scratch / f"{table.name}.jsonl"
            state.counts[table.name] = rows.dump(connection, table, lines)
            parts.append(writer.add(f"state/{lines.name}", lines))
            lines.unlink()
        if lake_files.name in state.counts:
            state.lake = list(connection.scalars(select(lake_files.c.path).order_by(lake_files.c.path)))
            state.reached = {row.inbox: row.position for row in connection.execute(select(inbox_progress))}
    return state


def _listed(lake: Place, paths: list[str]) -> list[LakeFile]:
    """What the snapshot lists, with sizes."""
    sizes = {found.path: found.bytes for found in lake.found()}
    if missing := [path for path in paths if path not in sizes]:
        raise _unlisted(missing[0])
    return [LakeFile(path, sizes[path]) for path in paths]


def _add_lake(lake: Place, paths: list[str], writer: Writer, parts: list[Part]) -> None:
    """The files that the snapshot lists: they never change, and none is deleted while it is held."""
    for path in paths:
        try:
            with lake.at_hand() as near:
                (here,) = near([lake.named(path)])
                parts.append(writer.add(f"lake/{path}", Path(here)))
        except FileNotFoundError:
            raise _unlisted(path) from None


def _unlisted(path: str) -> BackupRefused:
    return BackupRefused(f"the lake has no {path}, though it is listed: 'flaghoist doctor' tells more")


def _add_inboxes(data_dir: Path, scratch: Path, writer: Writer, parts: list[Part]) -> int:
    """Every segment, and after those the ids: a segment that is gone has left its ids there."""
    batches = 0
    for folder in inboxes(data_dir):
        for source in (*sorted(folder.glob("segment-*.db")), folder / "ids.db"):
            copy = scratch / source.name
            if not _copy_database(source, copy):
                continue
            if source.name != "ids.db":
                batches += _batches(copy)
            parts.append(writer.add(f"{folder.name}/{source.name}", copy))
            copy.unlink()
        if (folder / "id").exists():
            parts.append(writer.add(f"{folder.name}/id", folder / "id"))
    return batches


def _add_put_off(data_dir: Path, reached: Mapping[str, int], writer: Writer, parts: list[Part]) -> int:
    """Batches that could not be read; those of a log only as far as the snapshot has come, since the rest comes again.

    What a home is known by stays behind: two that had the same would take each other's files for their own.
    """
    kept = sorted(data_dir.glob("inbox*/quarantine/*.batch"))
    for home in homes(data_dir):
        for partition, paths in put_off_in(home).items():
            kept += [path for path in paths if int(path.stem, 16) <= reached.get(partition, 0)]
    parts += [writer.add(path.relative_to(data_dir).as_posix(), path) for path in kept]
    return len(kept)


def _copy_database(source: Path, target: Path) -> bool:
    """A copy of one moment of an SQLite file that may be written to meanwhile; false if there is none."""
    if not source.exists():
        return False
    with contextlib.ExitStack() as stack:
        reader = stack.enter_context(contextlib.closing(sqlite3.connect(source, timeout=30)))
        copy = stack.enter_context(contextlib.closing(sqlite3.connect(target)))
        try:
            reader.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")
        except sqlite3.DatabaseError as error:
            raise BackupRefused(f"{source} cannot be read ({error}): 'flaghoist doctor' tells more") from None
    return True


def _batches(segment: Path) -> int:
    with contextlib.closing(sqlite3.connect(segment)) as reader:
        return int(reader.execute("SELECT count(*) FROM batches").fetchone()[0])
