"""Serves the built console: one page under every path that people may open, and the files that it loads."""

import mimetypes
from pathlib import Path

from flaghoist.base.bodies import Body
from flaghoist.base.errors import NotFound
from flaghoist.base.http import Answer, Handler, Request, Response, Route
from flaghoist.console.unbuilt import UNBUILT

BUILT = Path(__file__).parent / "dist"
"""Where ``npm run build`` in ``web`` puts the console, and where the wheel carries it."""

# What a page's address begins with; SDKs and the API have all others.
PLACES = frozenset({"", "projects", "settings", "sign-in", "welcome"})

Headers = tuple[tuple[str, str], ...]

# Mantine writes its variables into a style element; no script runs but the console's own files.
_POLICY = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
_SAFE: Headers = (
    ("content-security-policy", _POLICY),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "same-origin"),  # addresses carry one-time links: they are nobody else's business
    ("cross-origin-opener-policy", "same-origin"),
    ("vary", "Accept, Accept-Encoding"),
)
_REVALIDATED = ("cache-control", "no-cache")
# The name of a built file tells what is in it, so its content never changes.
_KEPT = ("cache-control", "public, max-age=31536000, immutable")
_KEPT_IN = "assets"

_TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}


class Console:
    """The console as it was built when the server started."""

    def __init__(self, built: Path = BUILT) -> None:
        self._files = {
            path.relative_to(built).as_posix(): Body(path.read_bytes(), _type(path))
            for path in sorted(built.rglob("*"))
            if path.is_file() and path.suffix != ".map"
        }
        self._page = self._files.pop("index.html", None)

    def routes(self) -> list[Route]:
        """Every file that the page loads, by its own path."""
        return [("GET", f"/{name}", self._file(name, body)) for name, body in self._files.items()]

    @staticmethod
    def is_asked_for(request: Request) -> bool:
        """Whether somebody opens one of the console's addresses in a browser, which programs never do."""
        first = request.path.strip("/").partition("/")[0]
        return first in PLACES and "text/html" in request.headers.get("accept", "")

    async def page(self, request: Request) -> Answer:
        """The one page that shows what its address names; raises ``NotFound`` for what is not the console's."""
        if not self.is_asked_for(request):
            raise NotFound(f"nothing is served at {request.path}")
        if self._page is None:
            return Response(503, UNBUILT, (("content-type", "text/html; charset=utf-8"), *_SAFE, _REVALIDATED))
        return await self._page.answer(request, (*_SAFE, _REVALIDATED))

    def _file(self, name: str, body: Body) -> Handler:
        kept = _KEPT if name.startswith(f"{_KEPT_IN}/") else _REVALIDATED

        async def serve(request: Request) -> Answer:
            return await body.answer(request, (*_SAFE, kept))

        return serve


def _type(path: Path) -> str:
    if path.suffix == ".html":
        return "text/html; charset=utf-8"
    return _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
