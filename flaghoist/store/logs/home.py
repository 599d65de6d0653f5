"""A folder by which a process that reads a log is known, also after a restart."""

import fcntl
import uuid
from pathlib import Path
from urllib.parse import quote, unquote

from flaghoist.base.errors import Unavailable
from flaghoist.store.folders import write_whole


def homes(data_dir: Path) -> list[Path]:
    """Those of every worker of a data folder."""
    return sorted(path for path in data_dir.glob("log*") if path.is_dir())


def room(home: Path, partition: str) -> Path:
    """The folder in a home for what belongs to one partition."""
    return home / quote(partition, safe="")


def put_off_in(home: Path) -> dict[str, list[Path]]:
    """The batches that lie in a home since they could not be read, by partition."""
    found: dict[str, list[Path]] = {}
    for path in sorted(home.glob("*/quarantine/*.batch")):
        found.setdefault(unquote(path.parents[1].name), []).append(path)
    return found


class Home:
    """Holds the name of the process, and what it could not read of its partitions."""

    def __init__(self, folder: Path) -> None:
        """Open the folder, alone: raises ``Unavailable`` while another process has it."""
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._lock_file = (folder / "lock").open("w")
        try:
            fcntl.flock(self._lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._lock_file.close()
            raise Unavailable(f"{folder} is in use by another process") from error
        if not (folder / "id").exists():
            write_whole(folder / "id", uuid.uuid4().hex.encode())
        self.node = (folder / "id").read_text()

    def close(self) -> None:
        """Let go of the folder."""
        self._lock_file.close()
