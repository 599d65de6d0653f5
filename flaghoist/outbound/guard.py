"""Where this server may connect to on somebody's word: the public internet, and what its operator allows.

Whoever writes a webhook chooses an address that this server then speaks to from inside its network. So names are looked
up here and every address is judged before it is connected to, at the very moment of connecting: a name that means a
public address when it is checked and a private one when it is used gains nothing. Redirects and proxies from the
environment are for the sender to leave alone.
"""

import asyncio
import re
import socket
from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

PORTS = frozenset({80, 443})
_UNPRIVILEGED = 1024
_URL_LENGTH_MAX = 2048
_NAT64 = ip_network("64:ff9b::/96")
_NEVER = (
    ip_network("192.0.0.0/24"),  # protocols' own; Oracle's machines find their credentials there
    ip_network("168.63.129.16/32"),  # public by its number, but inside Azure the way to a machine's own agent
    ip_network("64:ff9b:1::/48"),  # translation within one network (RFC 8215)
)
# Hosts whose last label is a number are read as IPv4 addresses by some (``127.1``, ``0x7f000001``, ``2130706433``).
_NUMERIC_LABEL = re.compile(r"(\d+|0[xX][0-9a-fA-F]*)\Z")


class Barred(OSError):
    """A destination that must not be spoken to; the message says which rule, and names no secret."""


@dataclass(frozen=True, slots=True)
class Guard:
    """The rule. ``networks`` and ``hosts`` are what the operator allows beyond the public internet."""

    networks: tuple[Network, ...] = ()
    hosts: frozenset[str] = field(default_factory=frozenset)

    @classmethod
    def allowing(cls, text: str) -> "Guard":
        """A guard from a setting: networks (``10.1.0.0/16``), addresses and host names, with commas between.

        Raises ``ValueError`` for a network that is none.
        """
        networks, hosts = [], []
        for each in filter(None, map(str.strip, text.split(","))):
            if "/" in each or _literal(each) is not None:
                networks.append(ip_network(each.strip("[]"), strict=False))
            else:
                hosts.append(_plain(each))
        return cls(tuple(networks), frozenset(hosts))

    def check(self, url: str) -> URL:
        """A web address as far as it can be judged without looking up its name; raises ``Barred``."""
        try:
            parsed = URL(url)
            host, port = parsed.host or "", parsed.port
        except ValueError:
            raise Barred("it is not a web address") from None
        if len(url) > _URL_LENGTH_MAX or parsed.scheme not in ("http", "https") or not host or port is None:
            raise Barred(
                f"it must begin with http:// or https://, name a host, and have at most {_URL_LENGTH_MAX} letters"
            )
        if re.search(r"[\s\x00-\x1f\x7f\\]", url):
            raise Barred("it has a blank or a control character in it")
        literal = _literal(host)
        if literal is None and _NUMERIC_LABEL.match(host.rstrip(".").rpartition(".")[2]):
            raise Barred(f"{host} is neither the name of a host nor an address in its usual form")
        if literal is not None:
            self.check_address(literal)
        if port not in PORTS and port < _UNPRIVILEGED and not self._is_allowed(host, literal):
            raise Barred(f"port {port} is not open to it: 80, 443 and those from {_UNPRIVILEGED} on are")
        return parsed

    def check_address(self, address: Address) -> None:
        """Raises ``Barred`` for an address that is neither public nor allowed."""
        if not any(address in network for network in self.networks) and not all(map(_is_public, _meant(address))):
            raise Barred(
                f"{address} is not a public address; whoever runs the server can allow it with FLAGHOIST_OUTBOUND_ALLOW"
            )

    def check_host(self, host: str, addresses: Sequence[Address]) -> None:
        """Raises ``Barred`` if a name means any address that must not be spoken to."""
        if _plain(host) not in self.hosts:
            for address in addresses:
                self.check_address(address)

    def _is_allowed(self, host: str, literal: Address | None) -> bool:
        if literal is not None:
            return any(literal in network for network in self.networks)
        return _plain(host) in self.hosts


class GuardedResolver(AbstractResolver):
    """Looks names up, and gives only addresses that may be spoken to: the connection is made to exactly those."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The addresses of a name; raises ``Barred``, or ``OSError`` where there is no such name."""
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, family=family)
        addresses = [(of, ip_address(str(where[0]).partition("%")[0])) for of, _, _, _, where in found]
        self._guard.check_host(host, [address for _, address in addresses])
        return [
            ResolveResult(hostname=host, host=str(address), port=port, family=of, proto=0, flags=socket.AI_NUMERICHOST)
            for of, address in addresses
        ]

    async def close(self) -> None:
        """There is nothing to let go of."""


def _is_public(address: Address) -> bool:
    is_odd = address.is_multicast or address.is_reserved or address.is_unspecified
    is_odd = is_odd or any(address in network for network in _NEVER)
    return address.is_global and not is_odd and not (isinstance(address, IPv6Address) and address.is_site_local)


def _meant(address: Address) -> list[Address]:
    """An address, and the IPv4 addresses that it stands for: mapped, or behind a translator or a tunnel."""
    if isinstance(address, IPv4Address):
        return [address]
    if address.ipv4_mapped is not None:
        return [address.ipv4_mapped]
    behind = [address.sixtofour, *(address.teredo or ())]
    if address in _NAT64:
        behind.append(IPv4Address(int(address) & 0xFFFFFFFF))
    return [address, *[each for each in behind if each is not None]]


def _literal(host: str) -> Address | None:
    try:
        return ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        return None


def _plain(host: str) -> str:
    return host.rstrip(".").lower()
