"""``flaghoist backup``: everything that is kept, as of now, in one file or folder."""

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
from flaghoist.cli.progress import Progress, readable
from flaghoist.store.backup.refused import BackupRefused
from flaghoist.store.backup.taking import Taken, size, take
from flaghoist.store.database import Database


def _options(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--to", required=True, type=Path, help="a new file (*.tar, *.tar.gz) or a new folder", metavar="PLACE"
    )
    parser.add_argument(
        "--without-lake", action="store_true", help="only name the files of facts, which are kept by other means"
    )
    parser.add_argument("--with-key", action="store_true", help="take secret.key along, which opens sealed secrets")


def _backup(settings: Settings, chosen: Namespace) -> int:
    """Take a backup; the server may run meanwhile, and need not."""
    if not settings.database_url and not (settings.data_dir / "state.db").exists():
        return _refused(f"there is no state in {settings.data_dir.resolve()}: name its folder with --data-dir")
    database = Database(state_url(settings))
    progress = Progress("backup", size(settings.data_dir))
    try:
        with tempfile.TemporaryDirectory(prefix="lake-copies-", dir=settings.data_dir) as copies:
            lake = lake_place(settings, copies=Path(copies))
            taken = take(
                settings.data_dir,
                database,
                chosen.to,
                with_key=chosen.with_key,
                lake=lake,
                with_lake=not chosen.without_lake,
                tell=progress,
            )
    except (BackupRefused, CannotStart, Unavailable, OSError) as error:
        return _refused(str(error))
    finally:
        database.close()
    print(_told(taken, chosen.to, settings))
    return 0


def _told(taken: Taken, place: Path, settings: Settings) -> str:
    manifest = taken.manifest
    lines = [
        f"Backed up to {place}: {readable(taken.bytes)} in {len(manifest.parts)} parts",
        f"  state   {sum(manifest.rows.values())} rows, up to change {manifest.last_change} (schema {manifest.schema})",
        f"  inbox   {manifest.batches} accepted batches",
        f"  lake    {manifest.lake_files} files",
    ]
    if manifest.lake_stays:
        lines[-1] += f" are NOT in it: they have to stay in {manifest.lake_stays} as they are now"
    if manifest.put_off:
        lines.append(f"  put off {manifest.put_off} batches that could not be read")
    if manifest.has_key:
        lines.append("  key     secret.key is in it: whoever has this backup can open the secrets in it")
    elif (settings.data_dir / "secret.key").exists():
        lines.append("  key     secret.key is NOT in it: keep a copy elsewhere, or take it along with --with-key")
    else:
        lines.append("  key     none here: keep FLAGHOIST_SECRET_KEY as safe as this backup, and apart from it")
    return "\n".join(lines)


def _refused(why: str) -> int:
    print(f"flaghoist backup: {why}", file=sys.stderr)
    return 1


COMMAND = Command(_backup, _options)
