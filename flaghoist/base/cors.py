"""What lets pages of any origin use the doors that browsers need: evaluation, streams and events."""

from collections.abc import Sequence
from dataclasses import replace

from flaghoist.base.asgi import refused
from flaghoist.base.errors import Refusal
from flaghoist.base.http import Answer, Handler, Request, Response, Route

CORS = (
    ("access-control-allow-origin", "*"),
    ("access-control-expose-headers", "Date, ETag, X-LD-EnvID, X-LD-FD-Fallback, X-LD-FD-Fallback-TTL"),
)
PREFLIGHT = (
    ("access-control-allow-methods", "GET, HEAD, POST, REPORT, OPTIONS"),
    (
        "access-control-allow-headers",
        "Cache-Control, Content-Type, Content-Length, Accept, Accept-Encoding, Authorization, If-None-Match, "
        "X-LaunchDarkly-User-Agent, X-LaunchDarkly-Payload-ID, X-LaunchDarkly-Wrapper, X-LaunchDarkly-Event-Schema, "
        "X-LaunchDarkly-Tags, X-LaunchDarkly-Instance-Id",
    ),
    ("access-control-max-age", "300"),
)


def with_cors(routes: Sequence[Route]) -> list[Route]:
    """The same routes, readable from other origins also where they refuse, and a preflight for each path."""
    paths = dict.fromkeys(template for _, template, _ in routes)
    return [
        *((method, template, _readable(handler)) for method, template, handler in routes),
        *(("OPTIONS", template, _preflight) for template in paths),
    ]


def _readable(handler: Handler) -> Handler:
    async def answer(request: Request) -> Answer:
        try:
            found = await handler(request)
        except Refusal as refusal:
            return refused(refusal, CORS)
        return replace(found, headers=(*found.headers, *CORS))

    return answer


async def _preflight(request: Request) -> Answer:
    return Response(204, headers=(*CORS, *PREFLIGHT))
