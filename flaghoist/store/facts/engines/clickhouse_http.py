"""ClickHouse's HTTP interface: queries in the body, parameters and settings in the address."""

import base64
import contextlib
import http.client
import uuid
from collections.abc import Iterator, Mapping
from urllib.parse import urlencode

from flaghoist.store.facts.engines.clickhouse import SETTINGS
from flaghoist.store.facts.engines.port import EngineFailed, FilesMoved

TIMEOUT_SECONDS = 600
"""For one statement."""


_NO_SUCH_FILE = "Code: 107."


class HttpClient:
    """One session on a server: temporary tables live as long as it does."""

    def __init__(self, connection: http.client.HTTPConnection, headers: Mapping[str, str], database: str) -> None:
        self._connection = connection
        self._headers = headers
        self._address = {**SETTINGS, "session_id": uuid.uuid4().hex, "session_timeout": str(TIMEOUT_SECONDS)}
        if database:
            self._address["database"] = database

    def send(self, query: str, parameters: Mapping[str, str], body: bytes = b"") -> bytes:
        """The answer to a query, which the body may follow as its data; raises ``FilesMoved`` or ``EngineFailed``."""
        address = self._address | {f"param_{name}": escaped(value) for name, value in parameters.items()}
        content = query.encode() + b"\n" + body if body else query.encode()
        try:
            self._connection.request("POST", f"/?{urlencode(address)}", content, dict(self._headers))
            response = self._connection.getresponse()
            answer = response.read()
        except (OSError, http.client.HTTPException) as error:
            raise EngineFailed(f"ClickHouse does not answer: {error}") from error
        if response.status != 200:
            told = answer.decode(errors="replace")[:500]
            raise FilesMoved(told) if told.startswith(_NO_SUCH_FILE) else EngineFailed(f"ClickHouse refuses: {told}")
        return answer


@contextlib.contextmanager
def http_client(
    host: str, port: int, *, user: str = "", password: str = "", database: str = "", secure: bool = False
) -> Iterator[HttpClient]:
    """A new session on a server."""
    kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    credentials = base64.b64encode(f"{user or 'default'}:{password}".encode()).decode()
    with contextlib.closing(kind(host, port, timeout=TIMEOUT_SECONDS)) as connection:
        yield HttpClient(connection, {"Authorization": f"Basic {credentials}"}, database)


def escaped(value: str) -> str:
    """A parameter's text as ClickHouse reads it: like a field of tab-separated values."""
    return value.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")
