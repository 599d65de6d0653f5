"""Doors for server-side SDKs: the stream, the poll, and one item at a time for PHP."""

from flaghoist.base import clock
from flaghoist.base.bodies import Body
from flaghoist.base.errors import NotFound
from flaghoist.base.http import Answer, Request, Route
from flaghoist.delivery.doors import REVALIDATE, VARY, Headers, authorization, environment_header, refuse_filter
from flaghoist.delivery.environment import Environment
from flaghoist.delivery.hub import Hub, Visit
from flaghoist.delivery.source import ItemKind

# PHP asks for each flag in each of its requests, through a cache that goes by these headers.
PHP_MAX_AGE_SECONDS = 5


class ServerSide:
    """What is answered to holders of an SDK key."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def routes(self) -> list[Route]:
        """Each method and path with its handler."""
        return [
            ("GET", "/all", self.stream),
            ("GET", "/flags", self.stream_flags),
            ("GET", "/sdk/latest-all", self.poll),
            ("GET", "/sdk/flags", self.flags),
            ("GET", "/sdk/flags/{key}", self.flag),
            ("GET", "/sdk/segments/{key}", self.segment),
        ]

    async def stream(self, request: Request) -> Answer:
        """Everything, then each change."""
        visit = await self._enter(request)
        environment = visit.environment
        return environment.channels["server"].stream(
            request,
            holder=visit.holder,
            opening=lambda: environment.snapshot.put,
            headers=(environment_header(environment),),
        )

    async def stream_flags(self, request: Request) -> Answer:
        """The same for SDKs of the time before segments."""
        visit = await self._enter(request)
        environment = visit.environment
        return environment.channels["server_flags"].stream(
            request,
            holder=visit.holder,
            opening=lambda: environment.snapshot.put_flags,
            headers=(environment_header(environment),),
        )

    async def poll(self, request: Request) -> Answer:
        """Everything."""
        environment = (await self._enter(request)).environment
        headers = (environment_header(environment), REVALIDATE, VARY)
        return await environment.snapshot.everything.answer(request, headers)

    async def flags(self, request: Request) -> Answer:
        """All flags by key."""
        environment = (await self._enter(request)).environment
        return await environment.snapshot.flags.answer(request, _cacheable(environment))

    async def flag(self, request: Request) -> Answer:
        """One flag."""
        return await self._item(request, "flags")

    async def segment(self, request: Request) -> Answer:
        """One segment."""
        return await self._item(request, "segments")

    async def _item(self, request: Request, kind: ItemKind) -> Answer:
        environment = (await self._enter(request)).environment
        key = request.params["key"]
        item = environment.snapshot.item(kind, key)
        if item is None:
            raise NotFound(f"there is no {kind.removesuffix('s')} '{key}' in this environment")
        return await Body(item.encoded).answer(request, _cacheable(environment))

    async def _enter(self, request: Request) -> Visit:
        refuse_filter(request)
        return await self._hub.enter("sdk", authorization(request, "sdk"))


def _cacheable(environment: Environment) -> Headers:
    expires_at_ms = clock.now_ms() + PHP_MAX_AGE_SECONDS * 1000
    return (
        environment_header(environment),
        ("cache-control", f"public, max-age={PHP_MAX_AGE_SECONDS}"),
        ("expires", clock.http_date(expires_at_ms)),
        VARY,
    )
