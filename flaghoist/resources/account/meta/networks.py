"""Which addresses this server has: where others reach it, and where its own calls come from."""

import contextlib
import ipaddress
import socket

# Addresses kept for documentation (RFC 5737, RFC 3849): nobody has them, and every default route leads there.
_FAR_AWAY = ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1"))
_ANY_PORT = 9


def inbound(host: str) -> list[str]:
    """The networks to reach a server at that listens on ``host``; the machine's own where it listens on them all."""
    with contextlib.suppress(ValueError):
        address = ipaddress.ip_address(host)
        if not address.is_unspecified:
            return [str(ipaddress.ip_network(address))]
    return outbound()


def outbound() -> list[str]:
    """The networks that calls of this machine come from, as it sees them itself; nothing is sent to find out."""
    found = []
    for family, far_away in _FAR_AWAY:
        with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((far_away, _ANY_PORT))
            found.append(str(ipaddress.ip_network(probe.getsockname()[0].partition("%")[0])))
    return found
