"""Where a backup is written to and read from: a folder, or one tar file; only ever whole under its name."""

import contextlib
import gzip
import hashlib
import io
import os
import shutil
import tarfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import IO, Any, Protocol

from flaghoist.base.sizes import MEBIBYTE
from flaghoist.store.backup.manifest import NAME, Found, Part
from flaghoist.store.backup.refused import BackupRefused
from flaghoist.store.folders import sync

CHUNK = MEBIBYTE
Tell = Callable[[int], None]
"""Told of each so many bytes that have been copied."""


class Writer(Protocol):
    """Takes the parts of a backup, one after another."""

    def add(self, path: str, source: Path) -> Part:
        """Copy a file in, under a path of its own."""

    def finish(self, manifest: bytes) -> None:
        """Write the manifest; what was added is durable when this returns."""


@contextlib.contextmanager
def writing(target: Path, tell: Tell) -> Iterator[Writer]:
    """A new backup, beside its name until it is whole; raises ``BackupRefused`` if the name is taken."""
    if target.exists():
        raise BackupRefused(f"{target} exists: name a new file or folder")
    if not target.parent.is_dir():
        raise BackupRefused(f"there is no folder {target.parent}")
    partial = target.with_name(f"{target.name}.partial")
    _remove(partial)
    try:
        if _is_tar(target):
            yield from _writing_tar(partial, target, tell)
        else:
            partial.mkdir(mode=0o700)
            yield _Folder(partial, tell)
        partial.rename(target)
        sync(target.parent)
    except BaseException:
        _remove(partial)
        raise


def unpack(source: Path, into: Path, tell: Tell) -> tuple[bytes, dict[str, Found]]:
    """Copy every part of a backup into an empty folder; gives its manifest and what the parts really were.

    Raises ``BackupRefused`` for what is no backup.
    """
    manifest, found = b"", {}
    with _readable(source):
        for path, stream in _parts(source):
            if path == NAME:
                manifest = stream.read()
                continue
            target = into / path
            target.parent.mkdir(parents=True, exist_ok=True)
            with _private(target) as file:
                found[path] = _copy(stream, file, tell)
                _sync(file)
    if not manifest:
        raise BackupRefused(f"{source} is no backup of Flaghoist, is damaged, or was cut short: it has no {NAME}")
    return manifest, found


class _Folder:
    """A backup as a folder of files."""

    def __init__(self, folder: Path, tell: Tell) -> None:
        self._folder = folder
        self._tell = tell

    def add(self, path: str, source: Path) -> Part:
        target = self._folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        with source.open("rb") as stream, _private(target) as file:
            copied = _copy(stream, file, self._tell)
            _sync(file)
        return Part(path, copied.bytes, copied.sha256)

    def finish(self, manifest: bytes) -> None:
        with (self._folder / NAME).open("xb") as file:
            file.write(manifest)
            _sync(file)
        for folder in (self._folder, *(path for path in self._folder.rglob("*") if path.is_dir())):
            sync(folder)


class _Tar:
    """A backup as one file; the manifest comes last, since only then all checksums are known."""

    def __init__(self, tar: tarfile.TarFile, tell: Tell) -> None:
        self._tar = tar
        self._tell = tell

    def add(self, path: str, source: Path) -> Part:
        with source.open("rb") as stream:
            entry = self._entry(path, os.fstat(stream.fileno()).st_size)
            counted = _Counted(stream, self._tell)
            self._tar.addfile(entry, counted)
        return Part(path, entry.size, counted.digest.hexdigest())

    def finish(self, manifest: bytes) -> None:
        self._tar.addfile(self._entry(NAME, len(manifest)), io.BytesIO(manifest))

    def _entry(self, path: str, size: int) -> tarfile.TarInfo:
        entry = tarfile.TarInfo(path)
        entry.size, entry.mode = size, 0o600
        return entry


class _Counted:
    """A file that is hashed as it is read."""

    def __init__(self, stream: IO[bytes], tell: Tell) -> None:
        self._stream = stream
        self._tell = tell
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        chunk = self._stream.read(size)
        self.digest.update(chunk)
        self._tell(len(chunk))
        return chunk


def _writing_tar(partial: Path, target: Path, tell: Tell) -> Iterator[Writer]:
    with _private(partial) as file:
        with contextlib.ExitStack() as stack:
            packed: Any = file
            if target.suffix in (".gz", ".tgz"):
                # The lake is compressed already: the quickest level does for the rest.
                packed = stack.enter_context(gzip.GzipFile("", "wb", 1, file))
            tar = stack.enter_context(tarfile.open(fileobj=packed, mode="w|", bufsize=CHUNK))
            yield _Tar(tar, tell)
        _sync(file)


@contextlib.contextmanager
def _readable(source: Path) -> Iterator[None]:
    """What goes wrong inside because of the file read is told as such; a full disk is not."""
    try:
        yield
    except FileNotFoundError:
        raise BackupRefused(f"there is no backup at {source}") from None
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise BackupRefused(f"{source} is no backup of Flaghoist, is damaged, or was cut short: {error}") from None


def _parts(source: Path) -> Iterator[tuple[str, IO[bytes]]]:
    if source.is_dir():
        for path in sorted(path for path in source.rglob("*") if path.is_file()):
            with path.open("rb") as stream:
                yield path.relative_to(source).as_posix(), stream
        return
    with tarfile.open(source, "r|*") as tar:
        for entry in tar:
            content = tar.extractfile(entry) if entry.isfile() else None
            if content is None or not _stays_inside(entry.name):
                raise BackupRefused(f"{source} holds '{entry.name}', which no backup does")
            yield entry.name, content


def _copy(stream: IO[bytes], file: IO[bytes], tell: Tell) -> Found:
    digest, size = hashlib.sha256(), 0
    while chunk := stream.read(CHUNK):
        file.write(chunk)
        digest.update(chunk)
        size += len(chunk)
        tell(len(chunk))
    return Found(size, digest.hexdigest())


def _private(path: Path) -> IO[bytes]:
    """A new file that nobody else may read: digests of keys and all of the audit log are in a backup."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _is_tar(target: Path) -> bool:
    return target.name.endswith((".tar", ".tar.gz", ".tgz"))


def _stays_inside(path: str) -> bool:
    steps = PurePosixPath(path)
    return not steps.is_absolute() and ".." not in steps.parts


def _sync(file: IO[bytes]) -> None:
    file.flush()
    os.fsync(file.fileno())


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
