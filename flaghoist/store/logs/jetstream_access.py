"""How a NATS server is let know who asks, and how it is known to be the right one."""

import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from flaghoist.store.logs.address import Address

OPTIONS = ("credentials", "tls_ca", "tls_cert", "tls_first", "tls_key")


def access(address: Address) -> dict[str, Any]:
    """What the client is told; files are read now.

    Whether a connection is encrypted is for the server to ask, unless ``tls_first`` is "yes". Raises ``ValueError``
    naming what cannot be used.
    """
    options = address.options
    if unknown := sorted(set(options) - set(OPTIONS)):
        raise ValueError(f"event_log_url over NATS knows no option '{unknown[0]}', but {', '.join(OPTIONS)}")
    if options.get("tls_first", "no") not in ("yes", "no"):
        raise ValueError("tls_first in event_log_url is yes or no")
    if "tls_key" in options and "tls_cert" not in options:
        raise ValueError("tls_key in event_log_url needs tls_cert")
    for name in ("credentials", "tls_ca", "tls_cert", "tls_key"):
        if name in options and not Path(options[name]).is_file():
            raise ValueError(f"{name} in event_log_url: there is no file {options[name]}")
    user, hosts = _user_of(address.hosts)
    return {
        **user,
        "servers": [f"nats://{host}" for host in hosts.split(",")],
        "user_credentials": options.get("credentials"),
        "tls": _context(options),
        "tls_handshake_first": options.get("tls_first") == "yes",
    }


def _user_of(hosts: str) -> tuple[dict[str, str], str]:
    """Who asks, or the token that lets them in, and the hosts without."""
    told, _, rest = hosts.rpartition("@")
    name, _, password = told.partition(":")
    if not told:
        return {}, rest
    return {"user": unquote(name), "password": unquote(password)} if password else {"token": unquote(name)}, rest


def _context(options: Mapping[str, str]) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=options.get("tls_ca"))
        if "tls_cert" in options:
            context.load_cert_chain(options["tls_cert"], options.get("tls_key"))
    except (ssl.SSLError, OSError) as error:
        raise ValueError(f"event_log_url has certificates that cannot be used: {error}") from error
    return context
