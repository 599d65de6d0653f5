"""A folder, on this machine or on a file system that all nodes reach."""

import contextlib
import glob
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from sqlalchemy import Connection

from flaghoist.store.database import Database
from flaghoist.store.facts.checked import Checked, checksum
from flaghoist.store.facts.places.port import Found, Near
from flaghoist.store.folders import sync
from flaghoist.store.holds import deleting, held


class Folder:
    """Files as they are: what reads them here reads the originals."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.name = str(folder)
        self._checked = Checked(folder)

    def named(self, path: str) -> str:
        return str(self.folder / path)

    def write(self, stem: str, fill: Callable[[Path], None]) -> str:
        target = self.folder / f"{stem}.unnamed.parquet"
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            fill(target)
            sync(target)
            named = target.rename(self.folder / f"{stem}.{checksum(target)}.parquet")
        finally:
            for left in target.parent.glob(f"*{glob.escape(target.name)}*"):  # also under the engine's own name
                left.unlink(missing_ok=True)
        for folder in (target.parent, target.parent.parent, self.folder):
            sync(folder)
        path = str(named.relative_to(self.folder))
        self._checked.add(path)
        return path

    def adopt(self, path: str, source: Path) -> None:
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(source, target)
        sync(target)
        for folder in (target.parent, target.parent.parent, self.folder):
            sync(folder)

    @contextlib.contextmanager
    def at_hand(self) -> Iterator[Near]:
        yield list

    def doubtful(self, paths: Sequence[str]) -> list[str]:
        return self._checked.damaged(paths)

    def look_again(self) -> None:
        self._checked = Checked(self.folder)

    def damaged(self, paths: Sequence[str]) -> list[str]:
        return Checked(self.folder).damaged(paths)

    def found(self) -> Iterator[Found]:
        for path in self.folder.glob("env=*/day=*/*.parquet*"):
            with contextlib.suppress(FileNotFoundError):
                told = path.stat()
                yield Found(path.relative_to(self.folder).as_posix(), told.st_size, int(told.st_mtime * 1000))

    def bytes_of(self, paths: Sequence[str]) -> int:
        return sum(_bytes_of(self.folder / path) for path in paths)

    def delete(self, paths: Sequence[str], *, days_are_over: bool = False) -> None:
        self._checked.forget(paths)
        for path in paths:
            (self.folder / path).unlink(missing_ok=True)
        for folder in {(self.folder / path).parent for path in paths} if days_are_over else ():
            with contextlib.suppress(OSError):  # something else is in it
                folder.rmdir()

    def deleting(self) -> contextlib.AbstractContextManager[bool]:
        return deleting(self.folder)

    def may_unlist(self, connection: Connection) -> bool:
        return True  # ``deleting`` has said so

    @contextlib.contextmanager
    def held(self, database: Database) -> Iterator[None]:
        with held(self.folder) if self.folder.is_dir() else contextlib.nullcontext():
            yield

    def close(self) -> None:
        pass  # nothing is open


def _bytes_of(path: Path) -> int:
    """Of a file; of one that was merged away meanwhile none."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
