"""A server that starts while its database is away waits for it, and says so to whoever asks."""

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from flaghoist.app.state import state_url
from flaghoist.base.asgi import Site, refused
from flaghoist.base.cors import CORS, PREFLIGHT
from flaghoist.base.errors import Unavailable
from flaghoist.base.http import Handler, Request, Response, json_response
from flaghoist.base.settings import Settings
from flaghoist.store.database import Database

log = logging.getLogger("flaghoist.store")
T = TypeVar("T")
RETRY_SECONDS = 1.0
SAID_EVERY_SECONDS = 30.0
_ALIVE = frozenset({"/status", "/healthz"})
_AGAIN = (("retry-after", "5"), ("connection", "close"))
"""Nobody stays: the next connection finds the server that is ready."""


def once_there(settings: Settings, act: Callable[[], T], away: Callable[[], None] = lambda: None) -> T:
    """What ``act`` gives as soon as PostgreSQL lets it; ``away`` is called before each time that is waited for it.

    Raises ``Unavailable`` where the store is a file: nobody else will bring that back.
    """
    while True:
        try:
            return act()
        except Unavailable:
            if not settings.database_url:
                raise
        away()
        _await_store(settings)


def waiting_site() -> Site:
    """Answers that this process is alive, and to all else 503 in the API's shape: SDKs and clients then try again."""

    async def nothing() -> None: ...

    return _Waiting([], on_start=nothing, on_stop=nothing)


class _Waiting(Site):
    def _handler(self, request: Request) -> Handler:
        return _answer


async def _answer(request: Request) -> Response:
    if request.path in _ALIVE:
        return json_response(200, {"status": "healthy"}, _AGAIN)
    if request.path == "/readyz":
        told = {"status": "not ready", "reasons": ["the state store has not been reached since the server started"]}
        return json_response(503, told, (*_AGAIN, ("cache-control", "no-store")))
    if request.method == "OPTIONS":
        return Response(204, headers=(*_AGAIN, *CORS, *PREFLIGHT))
    refusal = Unavailable("the server has started and waits for its state store; try again in some seconds")
    return refused(refusal, (*_AGAIN, *CORS))


def _await_store(settings: Settings) -> None:
    database = Database(state_url(settings))
    began, say_at = time.monotonic(), 0.0
    try:
        while reason := database.absence():
            now = time.monotonic()
            if now >= say_at:
                log.error("waiting for the state store seconds=%.0f reason=%s", now - began, reason)
                say_at = now + SAID_EVERY_SECONDS
            time.sleep(RETRY_SECONDS)
    finally:
        database.close()
