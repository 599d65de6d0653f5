"""The doors through which SDKs send events: bounded, known by its key, durable, then 202."""

import base64
import binascii

from flaghoist.base.cors import with_cors
from flaghoist.base.errors import Invalid, NotFound, Unauthorized
from flaghoist.base.http import Answer, Request, Response, Route
from flaghoist.ingest.doors import (
    Body,
    agent_of,
    environment_header,
    gzip_mark,
    keep,
    open_body,
    payload_id_of,
    read_body,
    refusals_seen,
)
from flaghoist.ingest.identity import EnvironmentIdentity, Environments
from flaghoist.ingest.recent import Recent
from flaghoist.store.batches import Batch, Marks, Source
from flaghoist.store.logs import Intake

SCHEMA_BEFORE_HEADER = 1
SCHEMA_LATEST = 4
_PIXEL = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")


class Receiver:
    """Takes in what SDKs send. What is inside an event never makes it refuse: SDKs would stop sending for good."""

    def __init__(self, inbox: Intake, environments: Environments, recent: Recent | None = None) -> None:
        """``recent`` is told of all that comes."""
        self._inbox = inbox
        self._environments = environments
        self._recent = recent or Recent()

    def routes(self) -> list[Route]:
        """Every path to which SDKs send events and diagnostics."""
        server = [("POST", path, self.server) for path in ("/bulk", "/diagnostic")]
        mobile_paths = ("/mobile", "/mobile/events", "/mobile/events/bulk", "/mobile/events/diagnostic")
        mobile = [("POST", path, self.mobile) for path in mobile_paths]
        client_paths = ("/events/bulk/{environmentId}", "/events/diagnostic/{environmentId}")
        client = [("POST", path, self.client) for path in client_paths]
        return [*server, *mobile, *with_cors([*client, ("GET", "/a/{pixel}", self.pixel)])]

    async def server(self, request: Request) -> Answer:
        """Events from a server-side SDK or a relay proxy."""
        environment = await self._environments.by_sdk_key(_key(request))
        if environment is None:
            raise Unauthorized("unknown SDK key")
        return await self._receive(request, environment, "server", SCHEMA_BEFORE_HEADER)

    async def mobile(self, request: Request) -> Answer:
        """Events from a mobile SDK."""
        environment = await self._environments.by_mobile_key(_key(request))
        if environment is None:
            raise Unauthorized("unknown mobile key")
        return await self._receive(request, environment, "mobile", SCHEMA_BEFORE_HEADER)

    async def client(self, request: Request) -> Answer:
        """Events from a browser, or from an importer that knows the client-side id."""
        environment = await self._by_client_id(request.params["environmentId"])
        return await self._receive(request, environment, "client", SCHEMA_LATEST)

    async def pixel(self, request: Request) -> Answer:
        """Events in the address of an image, from browsers that cannot post."""
        environment = await self._by_client_id(request.params["pixel"].removesuffix(".gif"))
        with refusals_seen(self._recent, request, environment, "pixel"):
            body = open_body(_unfolded(request.first("d")), "")
        await self._keep(request, environment, "pixel", SCHEMA_LATEST, body)
        no_store = ("cache-control", "no-store")
        return Response(200, _PIXEL, (("content-type", "image/gif"), no_store, environment_header(environment)))

    async def _by_client_id(self, client_id: str) -> EnvironmentIdentity:
        environment = await self._environments.by_client_id(client_id)
        if environment is None:
            raise NotFound("unknown environment id")
        return environment

    async def _receive(
        self, request: Request, environment: EnvironmentIdentity, source: Source, schema_otherwise: int
    ) -> Answer:
        with refusals_seen(self._recent, request, environment, source):
            body = await read_body(request)
        await self._keep(request, environment, source, schema_otherwise, body)
        return Response(202, headers=(environment_header(environment),))

    async def _keep(
        self, request: Request, environment: EnvironmentIdentity, source: Source, schema_otherwise: int, body: Body
    ) -> None:
        if not body.events:
            return
        schema = request.headers.get("x-launchdarkly-event-schema", "")
        unsummarized = "x-launchdarkly-unsummarized" in request.headers
        agent, wrapper = agent_of(request)
        batch = Batch(
            environment.id,
            source,
            body.raw,
            len(body.events),
            payload_id=payload_id_of(request),
            schema=int(schema) if schema.isdecimal() and len(schema) < 4 else schema_otherwise,
            marks=gzip_mark(body) | (Marks.UNSUMMARIZED if unsummarized else Marks(0)),
            agent=agent,
            wrapper=wrapper,
        )
        await keep(self._inbox, self._recent, batch)


def _key(request: Request) -> str:
    """The key in the ``Authorization`` header, bare or after ``api_key`` as some SDKs send it."""
    scheme, _, key = request.headers.get("authorization", "").strip().rpartition(" ")
    return key if scheme.strip().lower() in ("", "api_key") else ""


def _unfolded(text: str) -> bytes:
    """Base64 of either alphabet, padded or not; a plus sign may have become a space on its way."""
    standard = text.replace(" ", "+").replace("-", "+").replace("_", "/").rstrip("=")
    try:
        return base64.b64decode(standard + "=" * (-len(standard) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise Invalid("the query parameter 'd' is not base64") from None
