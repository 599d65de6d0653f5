"""What the doors for all kinds of SDK have in common."""

from flaghoist.base.errors import NotFound, Unauthorized
from flaghoist.base.http import Request
from flaghoist.delivery.environment import Environment
from flaghoist.delivery.source import CredentialKind

Headers = tuple[tuple[str, str], ...]

VARY = ("vary", "Authorization, Accept-Encoding")
REVALIDATE = ("cache-control", "no-cache")

_KEY_NAMES: dict[CredentialKind, str] = {"sdk": "SDK key", "mobile": "mobile key"}


def authorization(request: Request, kind: CredentialKind) -> str:
    """The key in the ``Authorization`` header, bare or after ``api_key``; raises ``Unauthorized``."""
    scheme, _, key = request.headers.get("authorization", "").strip().rpartition(" ")
    if not key or scheme.strip().lower() not in ("", "api_key"):
        raise Unauthorized(f"send the environment's {_KEY_NAMES[kind]} as the Authorization header")
    return key


def environment_header(environment: Environment) -> tuple[str, str]:
    """The header by which SDKs learn the client-side id of their environment."""
    return ("x-ld-envid", environment.id)


def refuse_filter(request: Request) -> None:
    """Environments have no payload filters, so none that is asked for is known; raises ``NotFound``."""
    asked = request.first("filter")
    if asked:
        raise NotFound(f"there is no payload filter '{asked}'; leave it out to get everything")
