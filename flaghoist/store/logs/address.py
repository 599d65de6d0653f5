"""The address of a log: ``scheme://host:port,host:port/name?option=value``."""

from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote


@dataclass(frozen=True, slots=True)
class Address:
    """``hosts`` as given, with commas; ``name`` of the topic or stream."""

    scheme: str
    hosts: str
    name: str
    options: dict[str, str]

    @classmethod
    def of(cls, url: str) -> "Address":
        """Read an address; raises ``ValueError`` saying what is missing."""
        scheme, _, rest = url.partition("://")
        path, _, query = rest.partition("?")
        hosts, _, name = path.partition("/")
        if not hosts or not name:
            raise ValueError(f"event_log_url names host, port and a topic or stream: {scheme}://host:port/name")
        return cls(scheme, hosts, unquote(name), dict(parse_qsl(query, keep_blank_values=True)))
