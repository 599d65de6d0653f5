"""Nudges between the processes of one machine: a socket in the data folder for each, and datagrams of one word."""

import contextlib
import logging
import os
import socket
import threading
import uuid
from pathlib import Path

from flaghoist.store.nudges import WORDS, Hear, Word

log = logging.getLogger("flaghoist.nudges")

PATH_BYTES_MAX = 100
"""The system knows sockets by names of at most 108 bytes; a longer one is reached through its folder's descriptor."""


class Datagrams:
    """Whoever finds a socket that nobody reads any more removes it; a reader who is behind has been nudged already."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = folder
        self._descriptor = os.open(folder, os.O_RDONLY)
        self._name = f"{uuid.uuid4().hex[:12]}.sock"
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(self._reached(self._name))
        self._sender = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._sender.setblocking(False)
        self._thread: threading.Thread | None = None

    def start(self, hear: Hear) -> None:
        """Listen in a thread of its own."""
        self._thread = threading.Thread(target=self._listen, args=(hear,), name="nudges", daemon=True)
        self._thread.start()

    def send(self, word: Word) -> None:
        """A datagram to every other socket in the folder."""
        for name in self._others():
            try:
                self._sender.sendto(word.encode(), self._reached(name))
            except (ConnectionRefusedError, FileNotFoundError):
                self._remove(name)
            except OSError as error:
                log.debug("not nudged socket=%s reason=%s", name, error)  # its queue is full: it wakes anyway

    def close(self) -> None:
        """Take the socket away."""
        self._remove(self._name)
        if self._thread:
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)
            self._thread.join()
        self._socket.close()
        self._sender.close()
        os.close(self._descriptor)

    def _listen(self, hear: Hear) -> None:
        while received := self._socket.recv(64):  # nothing is received once it is shut down
            for word in WORDS:
                if received == word.encode():
                    hear(word)

    def _others(self) -> list[str]:
        try:
            names = [path.name for path in self._folder.iterdir()]
        except OSError as error:
            log.warning("cannot nudge folder=%s reason=%s", self._folder, error)
            return []
        return [name for name in names if name.endswith(".sock") and name != self._name]

    def _reached(self, name: str) -> str:
        path = str(self._folder / name)
        return path if len(os.fsencode(path)) <= PATH_BYTES_MAX else f"/proc/self/fd/{self._descriptor}/{name}"

    def _remove(self, name: str) -> None:
        with contextlib.suppress(OSError):
            (self._folder / name).unlink()
