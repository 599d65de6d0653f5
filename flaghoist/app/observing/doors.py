"""Every request as operators see it: counted, timed, logged if wanted, and for REST a span of a trace."""

import asyncio
import logging
import time
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Literal

from flaghoist.base.errors import Refusal
from flaghoist.base.figures import Figure, Sample, Spread, Tally
from flaghoist.base.http import Answer, Disconnected, Handler, Request, Route, Stream
from flaghoist.base.tracing import answering, note

log = logging.getLogger("flaghoist.access")

Door = Literal["rest", "sdk", "stream", "events", "console", "own", "nowhere"]
LEFT, FAILED = 499, 500
"""What is noted where nobody waits for the answer any more, and where a mistake of ours is about to be answered."""


class Doors:
    """Counts by kind of door and status. Routes are told by their templates: paths hold keys and contexts."""

    def __init__(self, *, access_log: bool) -> None:
        self._requests = Tally("door", "status")
        self._seconds: dict[Door, Spread] = {}
        self._access_log = access_log

    def watched(
        self, door: Door, routes: Iterable[Route], names: Mapping[tuple[str, str], str] | None = None
    ) -> list[Route]:
        """The same routes, watched; with ``names`` of operations by method and template they are spans as well."""
        return [
            (method, template, self.handler(door, template, handler, names)) for method, template, handler in routes
        ]

    def handler(
        self, door: Door, template: str, handler: Handler, names: Mapping[tuple[str, str], str] | None = None
    ) -> Handler:
        """The same handler, watched."""

        async def handle(request: Request) -> Answer:
            began, status, at = time.perf_counter(), FAILED, door
            try:
                with _span(request, template, names):
                    try:
                        answer = await handler(request)
                        status = answer.status
                    except Refusal as refusal:
                        status = refusal.status
                        raise
                    finally:
                        note(**{"http.response.status_code": status})
                at = "stream" if isinstance(answer, Stream) else door
                return answer
            except (Disconnected, asyncio.CancelledError):
                status = LEFT
                raise
            finally:
                self._tell(at, request.method, template, status, time.perf_counter() - began)

        return handle

    def lost(self, request: Request, refusal: Refusal) -> None:
        """A request found nothing that serves it."""
        self._tell("nowhere", request.method, "(none)", refusal.status, 0.0)

    def figures(self) -> list[Figure]:
        """How many requests there were, and how long answers took; for streams until they opened."""
        seconds: list[Sample] = []
        for door, spread in list(self._seconds.items()):
            seconds += spread.samples({"door": door})
        return [
            Figure(
                "flaghoist_http_requests_total", "counter", "Requests, by door and status.", self._requests.samples()
            ),
            Figure("flaghoist_http_request_seconds", "histogram", "Seconds until a request was answered.", seconds),
        ]

    def _tell(self, door: Door, method: str, template: str, status: int, seconds: float) -> None:
        self._requests.add(door, str(status))
        if door not in self._seconds:
            self._seconds[door] = Spread()
        self._seconds[door].add(seconds)
        if self._access_log:
            log.info(
                "answered method=%s route=%s door=%s status=%s ms=%.1f",
                method[:16],
                template,
                door,
                status,
                1e3 * seconds,
            )


def _span(
    request: Request, template: str, names: Mapping[tuple[str, str], str] | None
) -> AbstractContextManager[object]:
    if names is None:
        return nullcontext()
    method = "GET" if request.method == "HEAD" else request.method
    fields = {"http.request.method": method, "http.route": template}
    return answering(f"{method} {template}", request.headers, **fields, operation=names.get((method, template), ""))
