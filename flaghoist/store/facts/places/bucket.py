"""A bucket of object storage that speaks S3: files are uploaded whole, and read from copies on this machine."""

import contextlib
import logging
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from sqlalchemy import Connection

from flaghoist.base import clock
from flaghoist.base.clock import MINUTE_MS
from flaghoist.base.errors import Unavailable
from flaghoist.base.sizes import MEBIBYTE
from flaghoist.store.database import Database
from flaghoist.store.facts.checked import checksum, is_named_for
from flaghoist.store.facts.places import hold
from flaghoist.store.facts.places.cache import Cache
from flaghoist.store.facts.places.port import Found, Near

if TYPE_CHECKING:
    from obstore.store import S3Store

log = logging.getLogger("flaghoist.lake")

PART_BYTES = 16 * MEBIBYTE
"""As much as one request carries; what is larger goes in several."""

LISTED_EVERY_MS = 15 * MINUTE_MS
"""To tell sizes: a list is a thousand objects, and each has its price."""

SLOW_SECONDS, SILENT_SECONDS = 5.0, 5.0
"""Storage that fails so slowly is not asked again for so long: those who wait in line are told at once."""


class Bucket:
    """Objects below a prefix; the rest of the bucket is no concern of ours."""

    def __init__(self, store: "S3Store", name: str, folder: Path, *, cache_bytes: int, spare_bytes: int = 0) -> None:
        """``name`` is ``s3://bucket/prefix``; ``folder`` is for copies, which several processes here may share."""
        self.name = name
        self.folder = folder
        self._store = store
        self._sizes: dict[str, int] = {}
        self._listed_at = 0
        self._silent: dict[str, tuple[str, float]] = {}
        self._cache = Cache(folder, name, self._fetch, limit_bytes=cache_bytes, spare_bytes=spare_bytes)

    def named(self, path: str) -> str:
        return f"{self.name}/{path}"

    def write(self, stem: str, fill: Callable[[Path], None]) -> str:
        self._cache.shrink()
        with self._cache.unfinished() as local:
            fill(local)
            path = f"{stem}.{checksum(local)}.parquet"
            self._upload(path, local)
            self._cache.keep(path, local)
        return path

    def adopt(self, path: str, source: Path) -> None:
        self._upload(path, source)

    @contextlib.contextmanager
    def at_hand(self) -> Iterator[Near]:
        with self._cache.reading() as bring:

            def near(names: Sequence[str]) -> list[str]:
                return [str(copy) for copy in bring([name.removeprefix(f"{self.name}/") for name in names])]

            yield near

    def doubtful(self, paths: Sequence[str]) -> list[str]:
        return []  # what is fetched is checked then, and whoever else reads it never comes by here

    def look_again(self) -> None:
        self._cache.look_again()

    def damaged(self, paths: Sequence[str]) -> list[str]:
        return [path for path in paths if self._is_damaged(path)]

    def found(self) -> Iterator[Found]:
        with self._in_our_words("listed"):
            for objects in obstore.list(self._store, prefix=None):
                for each in objects:
                    if each["path"].startswith("env="):
                        written_at = int(each["last_modified"].timestamp() * 1000)
                        yield Found(each["path"], each["size"], written_at)

    def bytes_of(self, paths: Sequence[str]) -> int:
        now = clock.now_ms()
        if now - self._listed_at > LISTED_EVERY_MS:
            self._sizes = {found.path: found.bytes for found in self.found()}
            self._listed_at = now
        return sum(self._sizes.get(path, 0) for path in paths)

    def delete(self, paths: Sequence[str], *, days_are_over: bool = False) -> None:
        self._cache.drop(paths)
        if paths:
            with self._in_our_words("deleted"):
                obstore.delete(self._store, list(paths))

    def deleting(self) -> contextlib.AbstractContextManager[bool]:
        return contextlib.nullcontext(True)  # ``may_unlist`` decides, for all nodes

    def may_unlist(self, connection: Connection) -> bool:
        return not hold.is_held(connection)

    def held(self, database: Database) -> contextlib.AbstractContextManager[None]:
        return hold.held(database)

    def close(self) -> None:
        self._cache.close()

    def _upload(self, path: str, local: Path) -> None:
        """An object is there when the storage has answered, whole; until then nobody sees any of it."""
        size = local.stat().st_size
        with self._in_our_words("written"):
            if size > PART_BYTES:  # in parts there is no condition, and the names of merged files are new each time
                obstore.put(self._store, path, local, use_multipart=True, chunk_size=PART_BYTES, max_concurrency=2)
                return
            try:
                obstore.put(self._store, path, local, mode="create", use_multipart=False)
            except AlreadyExistsError:
                # The same step, before a crash or behind an answer that was lost: its name tells its content.
                there = obstore.head(self._store, path)["size"]
                if there != size:
                    raise Unavailable(f"{self.named(path)} is there already with {there} bytes, not {size}") from None

    def _fetch(self, path: str, local: Path) -> None:
        with local.open("wb") as file:
            for part in self._parts(path):
                file.write(part)

    def _is_damaged(self, path: str) -> bool:
        found = 0
        try:
            for part in self._parts(path):
                found = zlib.crc32(part, found)
        except FileNotFoundError:
            return False
        if is_named_for(path, f"{found:08x}"):
            return False
        log.error("damaged lake file=%s reason=its checksum is %08x now", self.named(path), found)
        return True

    def _parts(self, path: str) -> Iterator[bytes]:
        with self._in_our_words("read"):
            first = obstore.get(self._store, path, options={"range": (0, PART_BYTES)})
            size = first.meta["size"]
            yield bytes(first.bytes())
            for start in range(PART_BYTES, size, PART_BYTES):
                yield bytes(obstore.get_range(self._store, path, start=start, end=min(start + PART_BYTES, size)))

    @contextlib.contextmanager
    def _in_our_words(self, done: str) -> Iterator[None]:
        """What the storage says; that an object is missing stays ``FileNotFoundError``."""
        began = time.monotonic()
        why, until = self._silent.get(done, ("", 0.0))
        if began < until:
            raise Unavailable(why)
        try:
            yield
        except FileNotFoundError:
            raise
        except (BaseError, OSError) as error:
            told = str(error).splitlines()[0] if str(error) else type(error).__name__
            why, now = f"facts cannot be {done} in {self.name}: {told[:300]}", time.monotonic()
            if now - began > SLOW_SECONDS:
                self._silent[done] = why, now + SILENT_SECONDS
            raise Unavailable(why) from error
