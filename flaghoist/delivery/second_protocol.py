"""SDKs that ask for the second protocol are told to fall back to the first."""

from flaghoist.base.asgi import refused
from flaghoist.base.cors import with_cors
from flaghoist.base.errors import NotFound
from flaghoist.base.http import Answer, Request, Route

FALL_BACK = (("x-ld-fd-fallback", "true"),)


def routes() -> list[Route]:
    """Each method and path of the second protocol."""
    doors = ("/sdk/poll", "/sdk/stream")
    for_client: list[Route] = []
    for door in doors:
        for_client.append(("GET", f"{door}/eval/{{context}}", _fall_back))
        for_client.extend((method, f"{door}/eval", _fall_back) for method in ("GET", "POST", "REPORT"))
    return [*(("GET", door, _fall_back) for door in doors), *with_cors(for_client)]


async def _fall_back(request: Request) -> Answer:
    return refused(NotFound(f"{request.path} is not served; use the first streaming and polling endpoints"), FALL_BACK)
