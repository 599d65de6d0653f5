"""``flaghoist restore``: a backup into an empty place."""

import sys
import tempfile
from argparse import ArgumentParser, Namespace
from pathlib import Path

from flaghoist.app.lake_place import lake_place
from flaghoist.app.state import state_url
from flaghoist.app.upgrading import CannotStart
from flaghoist.base.errors import Unavailable
from flaghoist.base.settings import Settings
from flaghoist.cli.command import Command
from flaghoist.cli.progress import Progress
from flaghoist.store.backup.refused import BackupRefused
from flaghoist.store.backup.restoring import restore
from flaghoist.store.migrations import newest


def _options(parser: ArgumentParser) -> None:
    parser.add_argument("backup", type=Path, help="the file or folder that 'flaghoist backup' wrote", metavar="BACKUP")


def _restore(settings: Settings, chosen: Namespace) -> int:
    """Restore into an empty data folder, and an empty database if one is named."""
    source: Path = chosen.backup
    url = state_url(settings) if settings.database_url else ""
    is_elsewhere = bool(settings.lake_dir or settings.lake_url)
    progress = Progress("restore", source.stat().st_size if source.is_file() else 0)
    try:
        with tempfile.TemporaryDirectory(prefix="lake-copies-") as copies:
            lake = lake_place(settings, copies=Path(copies)) if is_elsewhere else None
            manifest = restore(source, settings.data_dir, url, lake=lake, tell=progress)
    except (BackupRefused, CannotStart, Unavailable, OSError) as error:
        print(f"flaghoist restore: {error}", file=sys.stderr)
        return 1
    where = "the database" if settings.database_url else "state.db"
    print(f"Restored {source}, taken {manifest.created_at} by Flaghoist {manifest.flaghoist}, to {settings.data_dir}")
    print(f"  state   {sum(manifest.rows.values())} rows in {where}, up to change {manifest.last_change}")
    if manifest.schema != newest():
        print(f"  schema  brought from {manifest.schema} to {newest()}")
    print(f"  inbox   {manifest.batches} accepted batches; the server takes in what the lake lacks")
    done = " are there" if manifest.lake_stays else ""
    print(f"  lake    {manifest.lake_files} files{done} in {lake.name if lake else settings.data_dir / 'lake'}")
    if manifest.put_off:
        print(f"  put off {manifest.put_off} batches; the server tries them again")
    if not manifest.has_key:
        print("  key     not in the backup: put secret.key there, or set FLAGHOIST_SECRET_KEY, before you start")
    return 0


COMMAND = Command(_restore, _options)
