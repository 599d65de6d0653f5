"""Copies of files on this machine, near those that ask: bounded, checked, and shared by all processes here."""

import contextlib
import fcntl
import logging
import os
import shutil
import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import IO

from flaghoist.base import clock
from flaghoist.base.clock import DAY_MS
from flaghoist.base.errors import Unavailable
from flaghoist.store.facts.checked import Checked
from flaghoist.store.facts.places.port import Damaged

log = logging.getLogger("flaghoist.lake")

AT_ONCE, TRIES = 8, 20
ABANDONED_MS = DAY_MS
Fetch = Callable[[str, Path], None]
"""Writes the file of a path; raises ``FileNotFoundError`` if there is none, else ``Unavailable``."""


class Cache:
    """Keeps those files longest that were asked for last.

    Who reads a file holds a shared lock on it, and only what nobody holds is dropped: a question whose files are more
    than fit has room until it is answered.
    """

    def __init__(self, folder: Path, name: str, fetch: Fetch, *, limit_bytes: int, spare_bytes: int = 0) -> None:
        """``name`` is the place that files come from; ``spare_bytes`` of the disk are left to others."""
        self.folder = folder
        self._name = name
        self._fetch = fetch
        self._limit = limit_bytes
        self._spare = spare_bytes
        self._unfinished = folder / "unfinished"
        self._unfinished.mkdir(parents=True, exist_ok=True)
        self._checked = Checked(folder)
        self._lock = threading.Lock()
        self._under_way: dict[str, Future[None]] = {}
        self._fetchers = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="lake-fetch")
        self._remove_abandoned()

    def path(self, path: str) -> Path:
        """Where the copy of a file is, if there is one."""
        return self.folder / path.replace("/", "__")

    @contextlib.contextmanager
    def reading(self) -> Iterator[Callable[[Sequence[str]], list[Path]]]:
        """Copies of files, fetched where they are missing, which stay until the end."""
        here: set[str] = set()
        with contextlib.ExitStack() as holds:

            def bring(paths: Sequence[str]) -> list[Path]:
                wanted = [path for path in dict.fromkeys(paths) if path not in here]
                self._bring(wanted, holds)
                here.update(wanted)
                return [self.path(path) for path in paths]

            yield bring

    @contextlib.contextmanager
    def unfinished(self) -> Iterator[Path]:
        """A file to write that nobody else sees; what is not ``keep``-ed of it goes."""
        folder = self._unfinished / uuid.uuid4().hex
        folder.mkdir()
        try:
            yield folder / "facts.parquet"
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def keep(self, path: str, source: Path) -> None:
        """Take a file in that was just written or fetched, and is what its name says."""
        self._checked.add(self.path(path).name)
        with contextlib.suppress(FileExistsError):  # it may be held, and what is held is never replaced
            self.path(path).hardlink_to(source)

    def drop(self, paths: Sequence[str]) -> None:
        """Nobody will ask for these any more."""
        self._checked.forget([self.path(path).name for path in paths])
        for path in paths:
            self.path(path).unlink(missing_ok=True)

    def look_again(self) -> None:
        """Take no copy to be whole that is not looked at anew."""
        self._checked = Checked(self.folder)

    def shrink(self) -> None:
        """Drop what was not asked for longest, until the rest fits; whatever is being read stays."""
        with (self.folder / "shrinking").open("a") as turn:
            try:
                fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            copies = sorted(self._copies())
            excess = sum(size for _, size, _ in copies) - self._limit
            excess = max(excess, self._spare - shutil.disk_usage(self.folder).free)
            for _, size, copy in copies:
                if excess <= 0:
                    return
                if self._let_go(copy):
                    excess -= size

    def close(self) -> None:
        """Fetch nothing more."""
        self._fetchers.shutdown(cancel_futures=True)

    def _bring(self, paths: Sequence[str], holds: contextlib.ExitStack) -> None:
        missing = [path for path in paths if not self._hold(path, holds)]
        if not missing:
            return
        for _ in range(TRIES):  # another process may drop what has come before it is held
            if not missing:
                break
            fetched = [(path, self._fetching(path)) for path in missing]
            missing = [path for path, under_way in fetched if self._is_there(path, under_way, holds) is False]
        self.shrink()

    def _is_there(self, path: str, under_way: "Future[None]", holds: contextlib.ExitStack) -> bool | None:
        """Whether what was fetched is held; None if there is nothing to fetch."""
        try:
            under_way.result()
        except FileNotFoundError:
            log.error("missing lake file=%s/%s", self._name, path)
            return None
        return self._hold(path, holds)

    def _fetching(self, path: str) -> "Future[None]":
        """The one download of a file that is under way here."""
        with self._lock:
            under_way = self._under_way.get(path)
            if under_way is None:
                under_way = self._under_way[path] = self._fetchers.submit(self._fetch_whole, path)
            return under_way

    def _fetch_whole(self, path: str) -> None:
        try:
            with self.unfinished() as local:
                self._fetch(path, local)
                checked = Checked(local.parent)
                named = local.rename(local.with_name(self.path(path).name))
                if checked.damaged([named.name]):
                    raise Damaged(self._name, [path])
                self.keep(path, named)
        except FileNotFoundError:
            raise
        except OSError as error:
            raise Unavailable(f"facts of {self._name} cannot be copied to {self.folder}: {error}") from error
        finally:
            with self._lock:
                del self._under_way[path]

    def _hold(self, path: str, holds: contextlib.ExitStack) -> bool:
        """Whether a whole copy is here; then it stays until ``holds`` end."""
        copy = self.path(path)
        try:
            file = holds.enter_context(copy.open("rb"))
            fcntl.flock(file, fcntl.LOCK_SH)
            if not _is_still(file, copy):
                return False  # dropped between the two
        except FileNotFoundError:
            return False
        if self._checked.damaged([copy.name]):
            copy.unlink(missing_ok=True)
            return False
        os.utime(file.fileno())
        return True

    def _let_go(self, copy: Path) -> bool:
        with contextlib.suppress(FileNotFoundError), copy.open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            if _is_still(file, copy):
                copy.unlink()
        self._checked.forget([copy.name])
        return True

    def _copies(self) -> Iterator[tuple[float, int, Path]]:
        for copy in self.folder.glob("*.parquet"):
            with contextlib.suppress(FileNotFoundError):
                told = copy.stat()
                yield told.st_mtime, told.st_size, copy

    def _remove_abandoned(self) -> None:
        before = clock.now_ms() - ABANDONED_MS
        for folder in self._unfinished.iterdir():
            with contextlib.suppress(FileNotFoundError):
                if folder.stat().st_mtime * 1000 < before:
                    shutil.rmtree(folder, ignore_errors=True)


def _is_still(file: IO[bytes], copy: Path) -> bool:
    """Whether an open file is what has its name; raises ``FileNotFoundError``."""
    return os.path.samestat(os.fstat(file.fileno()), copy.stat())
