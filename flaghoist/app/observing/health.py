"""Whether the process is alive, and whether it should be sent requests: for whoever starts servers or balances them."""

import asyncio
import functools
from concurrent.futures import ThreadPoolExecutor

from flaghoist.base.errors import Unavailable
from flaghoist.base.http import Request, Response, Route, json_response
from flaghoist.core.outbox import Outbox
from flaghoist.store.database import Database
from flaghoist.store.logs import Intake
from flaghoist.store.migrations import newest, revision_of

STORE_SECONDS = 2.0


class Health:
    """Alive is a process that answers at all; ready is one that can do everything it is there for.

    While the store is away or the disk is full SDKs are still served what is known, so who balances SDKs asks for no
    more than that (``/readyz?for=sdks``).
    """

    def __init__(self, database: Database, outbox: Outbox, inbox: Intake) -> None:
        self._database = database
        self._outbox = outbox
        self._inbox = inbox
        self._is_draining = False
        self._asking: asyncio.Future[str] | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="health")

    def drain(self) -> None:
        """Be ready no more: the process is about to stop."""
        self._is_draining = True

    def close(self) -> None:
        """Ask the store no more."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def routes(self) -> list[Route]:
        """``/status`` and ``/healthz`` for whether it is alive, ``/readyz`` for whether it is ready."""
        return [("GET", "/status", self._alive), ("GET", "/healthz", self._alive), ("GET", "/readyz", self._ready)]

    async def reasons(self, *, only_sdks: bool = False) -> list[str]:
        """Why the process is not ready; none if it is."""
        found = []
        if self._is_draining:
            found.append("the server is stopping")
        if not self._outbox.is_following:
            found.append("changes are not being handed out")
        if not only_sdks:
            found += [await self._store(), await asyncio.to_thread(self._disk)]
        return [reason for reason in found if reason]

    async def _alive(self, _request: Request) -> Response:
        return json_response(200, {"status": "healthy"})

    async def _ready(self, request: Request) -> Response:
        reasons = await self.reasons(only_sdks=request.first("for") == "sdks")
        told = {"status": "not ready", "reasons": reasons} if reasons else {"status": "ready"}
        return json_response(503 if reasons else 200, told, (("cache-control", "no-store"),))

    async def _store(self) -> str:
        """Asked once at a time, however many want to know: a store that hangs holds up one thread."""
        if self._asking is None or self._asking.done():
            self._asking = asyncio.get_running_loop().run_in_executor(self._thread, self._ask)
        try:
            return await asyncio.wait_for(asyncio.shield(self._asking), STORE_SECONDS)
        except TimeoutError:
            return f"the state store has not answered for {STORE_SECONDS:g} seconds"

    def _ask(self) -> str:
        try:
            with self._database.read() as connection:
                revision = revision_of(connection)
        except Unavailable as error:
            return error.message
        if revision != _newest():
            return f"the state store has schema {revision}, this program works with {_newest()}"
        return ""

    def _disk(self) -> str:
        try:
            objection = self._inbox.objection
        except OSError as error:
            return f"the data folder cannot be looked at: {error.strerror}"
        return f"no events can be taken in: {objection}" if objection else ""


_newest = functools.cache(newest)
