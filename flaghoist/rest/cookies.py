"""Sessions of browsers as HTTP carries them: the cookie, and what keeps other sites from using it."""

import hashlib
import hmac
import re
from collections.abc import Mapping

from flaghoist.base.errors import Forbidden

CSRF_HEADER = "x-csrf-token"
_NAME = "flaghoist"
_PORT = re.compile(r":(\d+)\Z")
Header = tuple[str, str]


def session_secret(headers: Mapping[str, str], *, secure: bool) -> str:
    """The secret in a request's session cookie, or nothing."""
    wanted = _name(headers, secure=secure)
    for cookie in headers.get("cookie", "").split(";"):
        name, _, value = cookie.strip().partition("=")
        if name == wanted:
            return value
    return ""


def planted(headers: Mapping[str, str], secret: str, *, secure: bool, max_age_s: int) -> Header:
    """The header that gives a browser its session.

    ``SameSite=Strict``: the page itself is public and asks for everything from its own origin, so a link from elsewhere
    still opens it signed in, while no other site can send a request that carries the cookie.
    """
    ending = "; Secure" if secure else ""
    name = _name(headers, secure=secure)
    return ("set-cookie", f"{name}={secret}; Path=/; Max-Age={max_age_s}; HttpOnly; SameSite=Strict{ending}")


def csrf_token(secret: str) -> str:
    """What a page sends along to show that it can read what its session was told: bound to the session's secret."""
    return hmac.new(secret.encode(), b"csrf", hashlib.sha256).hexdigest()


def check_csrf(headers: Mapping[str, str], secret: str) -> None:
    """Refuse a write that another site made this browser send; raises ``Forbidden``."""
    check_origin(headers)
    given = headers.get(CSRF_HEADER, "")
    if not given:
        raise Forbidden(
            f"a change made with a session cookie needs the header {CSRF_HEADER}; GET /internal/session tells it",
            code="csrf_token_missing",
        )
    if not hmac.compare_digest(given.encode(), csrf_token(secret).encode()):
        raise Forbidden(
            f"the header {CSRF_HEADER} is not of this session: ask GET /internal/session again", code="csrf_token_wrong"
        )


def check_origin(headers: Mapping[str, str]) -> None:
    """Refuse what a page of another origin sends; raises ``Forbidden``.

    Browsers say so in ``Sec-Fetch-Site``, except to plain HTTP on another machine: there ``Origin`` must be our host.
    """
    site, origin = headers.get("sec-fetch-site", ""), headers.get("origin", "")
    if site:
        foreign = site not in ("same-origin", "none")
    else:
        # A proxy may have renamed the host. No other site can forge this header without being asked for permission.
        host = headers.get("x-forwarded-host") or headers.get("host", "")
        foreign = bool(origin) and origin.partition("://")[2] != host
    if foreign:
        raise Forbidden(f"this comes from a page of another site ({origin or site}): refused", code="cross_site")


def _name(headers: Mapping[str, str], *, secure: bool) -> str:
    """Cookies are shared by all ports of a host: the name keeps two servers on one machine apart.

    ``__Host-`` has browsers refuse it from any other host, and over plain HTTP.
    """
    if secure:
        return f"__Host-{_NAME}"
    port = _PORT.search(headers.get("host", ""))
    return f"{_NAME}-{port[1]}" if port else _NAME
