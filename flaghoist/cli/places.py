"""Where people find the server, as it is told on the command line."""

from datetime import datetime

from flaghoist.app.sign_in_links import Link
from flaghoist.base.settings import Settings


def url_of(settings: Settings, port: int) -> str:
    """The address to open on this machine."""
    host = settings.host if settings.host not in ("0.0.0.0", "::") else "127.0.0.1"
    return f"{'https' if settings.tls_cert else 'http'}://{host}:{port}"


def told(link: Link, url: str) -> str:
    """A one-time link, with what it is for and how long it lasts."""
    ends = datetime.fromtimestamp(link.expires_at / 1000).astimezone()
    return (
        f"Set the password of {link.email} here, once, before {ends:%d %B %H:%M} (a newer link ends this one):\n"
        f"    {url}{link.path}"
    )
