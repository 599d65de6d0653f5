"""Nudges over Redis: publish and subscribe."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import Any

import redis

from flaghoist.store.nudges import WORDS, Hear, Word

CHANNEL = "flaghoist.nudges"
LOOK_EVERY_SECONDS = 0.25
ANSWER_WITHIN_SECONDS = 5.0


class OverRedis:
    """Two connections for each process; nothing is kept in Redis."""

    name = "Redis"

    def __init__(self, url: str) -> None:
        self._url = url

    def listen(self, hear: Hear, stopping: threading.Event) -> None:
        """Hear what is published; something may have been said before, so both words are heard at once."""
        with contextlib.closing(self._client()) as client:
            heard: Any = client.pubsub(ignore_subscribe_messages=True)  # type: ignore[no-untyped-call]
            heard.subscribe(CHANNEL)
            for word in WORDS:
                hear(word)
            while not stopping.is_set():
                message = heard.get_message(timeout=LOOK_EVERY_SECONDS)
                for word in WORDS:
                    if message is not None and message["data"] == word.encode():
                        hear(word)

    @contextlib.contextmanager
    def sending(self) -> Iterator[Callable[[Word], None]]:
        """Publish to whoever listens now."""
        with contextlib.closing(self._client()) as client:
            client.ping()
            yield lambda word: _publish(client, word)

    def _client(self) -> redis.Redis:
        return redis.Redis.from_url(
            self._url,
            socket_connect_timeout=ANSWER_WITHIN_SECONDS,
            socket_timeout=ANSWER_WITHIN_SECONDS,
            health_check_interval=5,
        )


def _publish(client: redis.Redis, word: Word) -> None:
    client.publish(CHANNEL, word)
