"""The stream on which a person watches an environment's events arrive."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from concurrent.futures import Executor
from dataclasses import dataclass

from flaghoist.app.environments import Environments
from flaghoist.base.errors import Invalid, NotFound, Unauthorized, Unavailable
from flaghoist.base.http import Answer, Request, Response, Route, Stream
from flaghoist.base.takeover import Abort, abort_of
from flaghoist.core import addresses
from flaghoist.core.catalogue import Catalogue
from flaghoist.core.work import Work
from flaghoist.delivery.streams import HEADERS
from flaghoist.ingest.recent import Recent
from flaghoist.ingest.shown import FATES, KINDS
from flaghoist.ingest.watch import Wanted, watch
from flaghoist.rest.authenticate import admitted
from flaghoist.rest.live import BEAT_SECONDS_MAX, STUCK_SECONDS
from flaghoist.rest.query import Query
from flaghoist.store.database import Database
from flaghoist.store.documents import Documents

PATH = "/internal/projects/{projectKey}/environments/{environmentKey}/events"
WATCHERS_MAX = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class EventStreams:
    """Lets in whoever may view the project."""

    database: Database
    documents: Documents
    catalogue: Catalogue
    environments: Environments
    executor: Executor
    recent: Recent
    heartbeat_seconds: float
    max_lateness_ms: int

    def routes(self) -> list[Route]:
        """The stream's one path."""
        return [("GET", PATH, self.follow)]

    async def follow(self, request: Request) -> Answer:
        """Events as they come, from those of the last minutes on."""
        environment_id = await self._permitted(request)
        wanted = _wanted(request)
        if self.recent.watching >= WATCHERS_MAX:
            raise Unavailable("too many people watch events at the moment; close a page that does and try again")
        if request.method == "HEAD":
            return Response(200, headers=HEADERS)
        frames = watch(
            self.recent,
            environment_id,
            wanted,
            permitted=lambda: self._permitted(request),
            heartbeat_seconds=min(self.heartbeat_seconds, BEAT_SECONDS_MAX),
            max_lateness_ms=self.max_lateness_ms,
        )
        return Stream(_unless_stuck(frames, abort_of(request)), HEADERS)

    async def _permitted(self, request: Request) -> str:
        return await asyncio.get_running_loop().run_in_executor(self.executor, self._environment_id, request)

    def _environment_id(self, request: Request) -> str:
        """The environment that is asked for, if the caller may view it; raises ``Refusal`` otherwise."""
        with self.database.read() as connection:
            caller = admitted(connection, self.documents, request, writes=False)
            if caller is None or caller.actor is None:
                raise Unauthorized("only a member or an access token may watch events")
            work = Work(
                connection=connection,
                documents=self.documents,
                catalogue=self.catalogue,
                actor=caller.actor,
                writing=False,
            )
            found = self.environments.named(request.params["projectKey"], request.params["environmentKey"])
            if found is None:
                raise NotFound("there is no such environment in such a project")
            work.require("viewProject", addresses.parent(found.address))
            return found.id


async def _unless_stuck(frames: AsyncGenerator[bytes, None], abort: Abort) -> AsyncIterator[bytes]:
    """The same frames, until one of them has not left for a long time: then its reader is cut off."""
    loop = asyncio.get_running_loop()
    try:
        async for frame in frames:
            patience = loop.call_later(STUCK_SECONDS, abort)
            try:
                yield frame
            finally:
                patience.cancel()
    finally:
        await frames.aclose()


def _wanted(request: Request) -> Wanted:
    query = Query(request.query)
    last = request.headers.get("last-event-id", "").strip() or query.text("after")
    return Wanted(
        kinds=_among(query, "kind", KINDS),
        key=query.text("key"),
        text=query.text("q"),
        fates=_among(query, "fate", FATES),
        after=int(last) if last.isascii() and last.isdigit() and len(last) < 19 else 0,
    )


def _among(query: Query, name: str, possible: frozenset[str]) -> frozenset[str]:
    asked = frozenset(query.all(name))
    if unknown := sorted(asked - possible):
        raise Invalid(f"the query parameter '{name}' is one of {', '.join(sorted(possible))}, not '{unknown[0][:80]}'")
    return asked
