"""The processes of one server tell one another their figures: whichever is asked, it answers for all."""

import asyncio
import contextlib
import logging
import os
from collections.abc import Callable
from pathlib import Path

import msgspec

from flaghoist.app.worker import Worker
from flaghoist.base.figures import Figure

log = logging.getLogger("flaghoist.metrics")
ANSWER_SECONDS = 2.0


class Siblings:
    """A socket in the data folder for each process, on which whoever connects is told its figures."""

    def __init__(self, folder: Path, worker: Worker, figures: Callable[[], list[Figure]]) -> None:
        self._folder = folder
        self._worker = worker
        self._figures = figures
        self._descriptor = -1
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Begin to tell; one process alone has nobody to tell."""
        if self._worker.of == 1:
            return
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._descriptor = os.open(self._folder, os.O_RDONLY)
        with contextlib.suppress(FileNotFoundError):  # left by one that was killed
            (self._folder / _name(self._worker.place)).unlink()
        self._server = await asyncio.start_unix_server(self._tell, self._path(self._worker.place))

    async def stop(self) -> None:
        """Tell no more."""
        if self._server is None:
            return
        self._server.close()
        with contextlib.suppress(OSError):
            (self._folder / _name(self._worker.place)).unlink()
        os.close(self._descriptor)

    async def all(self) -> dict[int, list[Figure] | None]:
        """The figures of each process by its place; None for one that does not answer."""
        places = range(self._worker.of)
        found = await asyncio.gather(*(self._of(place) for place in places))
        return dict(zip(places, found, strict=True))

    async def _of(self, place: int) -> list[Figure] | None:
        if place == self._worker.place:
            return await asyncio.to_thread(self._figures)
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                return await self._asked(place)
        except (OSError, TimeoutError, msgspec.DecodeError) as error:
            log.warning("no figures of worker=%s reason=%s", place, error or type(error).__name__)
            return None

    async def _asked(self, place: int) -> list[Figure]:
        reader, writer = await asyncio.open_unix_connection(self._path(place))
        try:
            return msgspec.json.decode(await reader.read(), type=list[Figure])
        finally:
            writer.close()

    async def _tell(self, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.closing(writer), contextlib.suppress(OSError):
            writer.write(msgspec.json.encode(await asyncio.to_thread(self._figures)))
            await writer.drain()

    def _path(self, place: int) -> str:
        # Through the folder's descriptor: names of sockets have at most 108 bytes, paths of folders may have more.
        return f"/proc/self/fd/{self._descriptor}/{_name(place)}"


def _name(place: int) -> str:
    return f"figures-{place}"
