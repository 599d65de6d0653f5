"""Doors for browsers and mobile apps: flags evaluated for one context, and word that they may have changed."""

from collections.abc import Iterator
from functools import partial

from flaghoist.base.cors import with_cors
from flaghoist.base.http import Answer, Handler, Request, Route
from flaghoist.delivery import frames
from flaghoist.delivery.contexts import check_secure_mode, read_context
from flaghoist.delivery.doors import REVALIDATE, VARY, Headers, authorization, environment_header, refuse_filter
from flaghoist.delivery.hub import Hub, Visit
from flaghoist.delivery.phrases import Form
from flaghoist.delivery.source import CredentialKind
from flaghoist.evaluation.context import Context
from flaghoist.evaluation.ruleset import Audience

# POST stands in where a proxy or a platform does not let REPORT through.
WITH_BODY = ("REPORT", "POST")

# Programs with an SDK key of their own see every flag.
_AUDIENCES: dict[CredentialKind, Audience | None] = {"client": "environment_id", "mobile": "mobile", "sdk": None}
_EVALUATIONS: dict[CredentialKind, tuple[str, str]] = {
    "client": ("/sdk/evalx/{env}", "/sdk/eval/{env}"),
    "mobile": ("/msdk/evalx", "/msdk/eval"),
    "sdk": ("/sdk/evalx", "/sdk/eval"),
}


class ClientSide:
    """What is answered to holders of a client-side id or a mobile key."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def routes(self) -> list[Route]:
        """Each method and path with its handler, preflights included."""
        routes: list[Route] = [
            ("GET", "/eval/{env}/{context}", partial(self.stream_for_context, "client")),
            ("GET", "/ping/{env}", partial(self.stream, "client")),
            ("GET", "/meval/{context}", partial(self.stream_for_context, "mobile")),
            ("GET", "/mping", partial(self.stream, "mobile")),
            ("GET", "/sdk/goals/{env}", self.goals),
        ]
        for method in WITH_BODY:
            routes.append((method, "/eval/{env}", partial(self.stream_for_context, "client")))
            routes.append((method, "/meval", partial(self.stream_for_context, "mobile")))
        for kind, (detailed, values_only) in _EVALUATIONS.items():
            routes.extend(_evaluation_routes(detailed, partial(self.evaluate, kind)))
            routes.extend(_evaluation_routes(values_only, partial(self.values, kind)))
        return with_cors(routes)

    async def evaluate(self, kind: CredentialKind, request: Request) -> Answer:
        """Each flag with its value and what SDKs need to report on it."""
        form: Form = "reasoned" if request.first("withReasons").lower() == "true" else "detailed"
        return await self._answer(kind, request, form)

    async def values(self, kind: CredentialKind, request: Request) -> Answer:
        """Each flag with nothing but its value, for SDKs of the oldest kind."""
        return await self._answer(kind, request, "values")

    async def stream(self, kind: CredentialKind, request: Request) -> Answer:
        """A ping now, and one whenever flags may have changed for this kind of client.

        Clients answer a ping by asking for their evaluated flags, which costs one round trip more than sending them
        along, and lets all streams of an environment share their bytes.
        """
        return _pings(await self._enter(kind, request), request)

    async def stream_for_context(self, kind: CredentialKind, request: Request) -> Answer:
        """The same for clients that say for whom they ask."""
        visit = await self._enter(kind, request)
        await _context(visit, request)
        return _pings(visit, request)

    async def goals(self, request: Request) -> Answer:
        """The clicks and page views that browsers are to report."""
        visit = await self._enter("client", request)
        return await visit.environment.snapshot.goals.answer(request, _headers(visit))

    async def _answer(self, kind: CredentialKind, request: Request, form: Form) -> Answer:
        visit = await self._enter(kind, request)
        context = await _context(visit, request)
        answers = await visit.environment.answers(_AUDIENCES[kind], form)
        return await (await answers.to(context)).answer(request, _headers(visit))

    async def _enter(self, kind: CredentialKind, request: Request) -> Visit:
        refuse_filter(request)
        credential = request.params["env"] if kind == "client" else authorization(request, kind)
        return await self._hub.enter(kind, credential)


def _evaluation_routes(root: str, handler: Handler) -> Iterator[Route]:
    for noun in ("context", "user"):
        yield "GET", f"{root}/{noun}s/{{context}}", handler
        for method in WITH_BODY:
            yield method, f"{root}/{noun}", handler


async def _context(visit: Visit, request: Request) -> Context:
    context = await read_context(request)
    if visit.holder[0] == "client":
        check_secure_mode(request, visit.identity, context)
    return context


def _pings(visit: Visit, request: Request) -> Answer:
    channel = visit.environment.channels["mobile" if visit.holder[0] == "mobile" else "environment_id"]
    return channel.stream(
        request, holder=visit.holder, opening=lambda: frames.PING, headers=(environment_header(visit.environment),)
    )


def _headers(visit: Visit) -> Headers:
    return (environment_header(visit.environment), REVALIDATE, VARY)
