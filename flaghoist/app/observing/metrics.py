"""``GET /metrics``: the figures of all processes of this server, for whoever may have them."""

import asyncio
import hmac
import itertools
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from flaghoist.app.observing.siblings import Siblings
from flaghoist.base.errors import Unauthorized, Unavailable
from flaghoist.base.figures import CONTENT_TYPE, Figure, Sample, exposition, merged
from flaghoist.base.http import Request, Response, Route

SHARED_SECONDS = 5.0
_HERE = re.compile(r"(localhost|127(\.\d+){3}|\[::1\])(:\d+)?")
_FORWARDED = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip")


class Shared(Protocol):
    """What all processes of one store share."""

    def figures(self) -> list[Figure]:
        """As they are now; raises ``Unavailable``."""


class Metrics:
    """Figures tell no names that customers gave, yet how busy a server is concerns its operators alone.

    With a token they are for whoever sends it; without one, for programs on this machine that come by no proxy.
    """

    def __init__(self, siblings: Siblings, shared: Sequence[Shared], token: str) -> None:
        """``shared`` tell what is the same whichever process is asked."""
        self._siblings = siblings
        self._shared = [_Asked(each) for each in shared]
        self._token = token

    def routes(self) -> list[Route]:
        """Where Prometheus looks."""
        return [("GET", "/metrics", self._tell)]

    def close(self) -> None:
        """Ask nobody any more."""
        for each in self._shared:
            each.close()

    async def _tell(self, request: Request) -> Response:
        self._admit(request)
        asked = asyncio.gather(*(each.figures() for each in self._shared))
        of_all, shared = await asyncio.gather(self._siblings.all(), asked)
        up = [Sample(float(figures is not None), {"worker": str(place)}) for place, figures in of_all.items()]
        told = [
            Figure("flaghoist_worker_up", "gauge", "1 for each process of this server that answers.", up),
            *itertools.chain.from_iterable(shared),
            *merged(({"worker": str(place)}, figures or ()) for place, figures in of_all.items()),
        ]
        return Response(200, exposition(told).encode(), (("content-type", CONTENT_TYPE), ("cache-control", "no-store")))

    def _admit(self, request: Request) -> None:
        if self._token:
            scheme, _, sent = request.headers.get("authorization", "").partition(" ")
            if scheme.lower() != "bearer" or not hmac.compare_digest(sent.strip().encode(), self._token.encode()):
                raise Unauthorized("figures are for whoever sends 'Authorization: Bearer' with the metrics_token")
        elif not _is_from_here(request):
            raise Unauthorized("figures are for this machine alone; set metrics_token to let others have them")


class _Asked:
    """Asked once at a time, and left out while it does not answer: other figures tell of that."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self._asking: asyncio.Future[list[Figure]] | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="metrics")

    def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def figures(self) -> list[Figure]:
        if self._asking is None or self._asking.done():
            self._asking = asyncio.get_running_loop().run_in_executor(self._thread, self._shared.figures)
        try:
            return await asyncio.wait_for(asyncio.shield(self._asking), SHARED_SECONDS)
        except (Unavailable, TimeoutError):
            return []


def _is_from_here(request: Request) -> bool:
    """A proxy on this machine comes from here too: the headers it adds tell, or the name it was asked for."""
    is_local = request.client in ("127.0.0.1", "::1", "::ffff:127.0.0.1")
    is_direct = not any(name in request.headers for name in _FORWARDED)
    return is_local and is_direct and bool(_HERE.fullmatch(request.headers.get("host", "")))
