"""ClickHouse behind its HTTP interface: the embedded build of the same engine, in this process, answering on a port."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import chdb

_OF_HTTP = {"session_id", "session_timeout", "database"}


@contextmanager
def clickhouse_server() -> Iterator[str]:
    """Its host and port, for as long as it is needed."""
    engine, asked = chdb.connect(":memory:"), threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            given = dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))
            parameters = {name.removeprefix("param_"): value for name, value in given.items() if name[:6] == "param_"}
            settings = {name: value for name, value in given.items() if name[:6] != "param_" and name not in _OF_HTTP}
            query = self.rfile.read(int(self.headers["Content-Length"])).decode()
            with asked:
                self._answer(*_asked(engine, query, settings, parameters))

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        engine.close()


def _asked(engine: Any, query: str, settings: dict[str, str], parameters: dict[str, str]) -> tuple[int, bytes]:
    try:
        for name, value in settings.items():
            engine.query(f"SET {name} = {value}")
        return 200, engine.query(query, "TabSeparated", params=parameters).bytes()
    except Exception as error:  # whatever it is, a server would tell and go on
        return 500, str(error).encode()
