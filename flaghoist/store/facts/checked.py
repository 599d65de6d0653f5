"""Whether files of the lake are still what was written: each carries a checksum of itself in its name."""

import logging
import re
import threading
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path

from flaghoist.base.sizes import MEBIBYTE

log = logging.getLogger("flaghoist.lake")

CHUNK = MEBIBYTE
_NAMED = re.compile(r"\.([0-9a-f]{8})\.parquet$")


def checksum(path: Path) -> str:
    """Eight hexadecimal digits of a file's whole content."""
    found = 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            found = zlib.crc32(chunk, found)
    return f"{found:08x}"


def is_named_for(path: str, found: str) -> bool:
    """Whether a checksum is the one that a file's name promises; older files promise none."""
    named = _NAMED.search(path)
    return not named or named[1] == found


class Checked:
    """The files of a folder that were looked at; each is read whole once, since Parquet itself may not notice."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._whole: set[str] = set()
        self._lock = threading.Lock()

    def add(self, path: str) -> None:
        """This one was just written."""
        with self._lock:
            self._whole.add(path)

    def forget(self, paths: Iterable[str]) -> None:
        """These are looked at anew when they are asked for again."""
        with self._lock:
            self._whole.difference_update(paths)

    def damaged(self, paths: Sequence[str]) -> list[str]:
        """Those that are no longer what was written, each named in the log; one that is missing is not judged here."""
        with self._lock:
            unknown = [path for path in paths if path not in self._whole]
        return [path for path in unknown if not self._is_whole(path)]

    def _is_whole(self, path: str) -> bool:
        named = _NAMED.search(path)
        try:
            found = checksum(self._folder / path) if named else ""
        except FileNotFoundError:
            return True
        except OSError as error:
            log.error("unreadable lake file=%s error=%s", self._folder / path, error)
            return False
        if named and found != named[1]:
            log.error("damaged lake file=%s reason=its checksum is %s now", self._folder / path, found)
            return False
        self.add(path)
        return True
