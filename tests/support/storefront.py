"""A shop's pages on an address of their own: the same page under every path, and the SDKs for browsers beside it."""

import contextlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from toolchains import CLIENTS

_PACKAGES = CLIENTS / "node" / "node_modules"
_SDKS = {
    "/js-client-sdk-3.js": _PACKAGES / "launchdarkly-js-client-sdk" / "dist" / "ldclient.min.js",
    "/js-client-sdk-4.js": _PACKAGES / "@launchdarkly" / "js-client-sdk" / "dist" / "index.js",
}


class _Pages(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        sdk = _SDKS.get(self.path)
        content = (sdk or CLIENTS / "pages" / "shop.html").read_bytes()
        self.send_response(200)
        self.send_header("Content-Type", "text/javascript" if sdk else "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


@contextlib.contextmanager
def storefront() -> Iterator[str]:
    """Gives the address of the shop's pages, without a slash at its end."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Pages)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()
