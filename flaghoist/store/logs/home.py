"""A folder by which a process that reads a log is known, also after a restart."""

import fcntl
import uuid
from pathlib import Path

from flaghoist.base.errors import Unavailable
from flaghoist.store.folders import write_whole


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
