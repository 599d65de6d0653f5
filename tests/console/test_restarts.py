"""The console outlives the server: while it is away the page stays, and once it is back the page follows it again."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import people
import pytest
from servers import start_server
from shop import Shop

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.world
expect = pytest.importorskip("playwright.sync_api", reason="`make setup-world` installs it").expect


@contextmanager
def out_of_service(port: int) -> Iterator[Callable[[], bool]]:
    """What a proxy says while there is nothing behind it: 503. Gives a function that waits until it was said."""
    said = threading.Event()

    class Unavailable(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(503)
            self.end_headers()
            if self.path.startswith("/internal/changes"):
                said.set()

        def log_message(self, *_: object) -> None:
            pass

    stand_in = ThreadingHTTPServer(("127.0.0.1", port), Unavailable)
    thread = threading.Thread(target=stand_in.serve_forever)
    thread.start()
    try:
        yield lambda: said.wait(20)
    finally:
        stand_in.shutdown()
        stand_in.server_close()
        thread.join()


def test_a_page_that_was_open_during_a_restart_follows_the_server_again(browser: "Browser", tmp_path: Path) -> None:
    server = start_server(tmp_path)
    shop = Shop(server)
    shop.flag("checkout")
    owner = people.Person(browser, server, people.signed_in(server))
    owner.expect_complaint("503|ERR_CONNECTION|ERR_SOCKET|ERR_INCOMPLETE|ERR_EMPTY|ERR_NETWORK")
    page = owner.open(f"/projects/{shop.project}/production/flags")
    port = urlsplit(server.url).port
    assert port
    assert server.stop() == 0
    with out_of_service(port) as was_told:
        assert was_told(), "the page did not ask for changes while the server was away"
    expect(page.get_by_role("switch", name="checkout in Production")).to_be_checked()

    again = start_server(tmp_path, port=str(port))
    try:
        shop.server.process = again.process
        shop.change("checkout", {"kind": "turnFlagOff"})
        expect(page.get_by_role("switch", name="checkout in Production")).not_to_be_checked(timeout=15_000)
        owner.leave()
    finally:
        assert again.stop() == 0
