"""The console's files as a browser gets them: one page under every address of its own, and nothing in SDKs' way."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
import uvicorn
from servers import Server

from flaghoist.base.asgi import Site
from flaghoist.base.http import Request, Response
from flaghoist.console.pages import Console

PAGE = b'<!doctype html><script type="module" src="/assets/index-Ab12.js"></script>' + b"<!-- a page -->" * 200
SCRIPT = b"console.log('hello');" * 500
OPENED = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
Ask = Callable[..., requests.Response]


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A console as a build leaves it."""
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_bytes(PAGE)
    (tmp_path / "favicon.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (tmp_path / "assets" / "index-Ab12.js").write_bytes(SCRIPT)
    (tmp_path / "assets" / "index-Ab12.js.map").write_text("{}")
    (tmp_path / "assets" / "index-Cd34.css").write_text("body { margin: 0 }")
    return tmp_path


@pytest.fixture
def ask(built: Path) -> Iterator[Ask]:
    """Asks a server that has the console and one door for SDKs."""
    yield from serving(Console(built))


@pytest.fixture
def ask_unbuilt(tmp_path: Path) -> Iterator[Ask]:
    """Asks a server of a source tree in which nobody has built the console."""
    yield from serving(Console(tmp_path / "dist"))


def serving(console: Console) -> Iterator[Ask]:
    async def nothing() -> None: ...

    async def flags(_request: Request) -> Response:
        return Response(200, b"{}", (("content-type", "application/json"),))

    routes = [*console.routes(), ("GET", "/sdk/flags", flags), ("POST", "/bulk", flags)]
    site = Site(routes, on_start=nothing, on_stop=nothing, elsewhere=console.page)
    server = uvicorn.Server(uvicorn.Config(site, log_config=None, server_header=False))
    with socket.create_server(("127.0.0.1", 0)) as listening, requests.Session() as session:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"

        def ask(path: str, *, method: str = "GET", **headers: str) -> requests.Response:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            return session.request(method, url + path, headers=named, timeout=10)

        yield ask
        server.should_exit = True
        thread.join()


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/sign-in?then=%2Fprojects",
        "/welcome?token=x",
        "/settings/tokens",
        "/projects/",
        "/projects/default/~/flags",
        "/projects/default/production/experiments/new-checkout",
    ],
)
def test_every_address_of_the_console_opens_its_page(ask: Ask, path: str) -> None:
    answer = ask(path, **OPENED)
    assert (answer.status_code, answer.content) == (200, PAGE)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache", "a new release is there with the next visit"


@pytest.mark.parametrize("path", ["/api/v2/nope", "/sdk/nope", "/flags", "/all", "/nope", "/assets/index-Zz99.js"])
def test_a_browser_that_asks_for_anything_else_is_told_that_it_is_not_there(ask: Ask, path: str) -> None:
    answer = ask(path, **OPENED)
    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"


def test_a_program_never_gets_the_page(ask: Ask) -> None:
    for accept in ("*/*", "application/json", "text/event-stream"):
        assert ask("/projects/default", accept=accept).status_code == 404
    assert ask("/projects/default", method="POST", **OPENED).status_code == 404
    assert ask("/sdk/flags", **OPENED).json() == {}


def test_files_are_kept_for_good_by_their_names_and_the_page_is_asked_for_anew(ask: Ask) -> None:
    script = ask("/assets/index-Ab12.js")
    assert script.content == SCRIPT
    assert script.headers["content-type"] == "text/javascript; charset=utf-8"
    assert script.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert ask("/assets/index-Cd34.css").headers["content-type"] == "text/css; charset=utf-8"
    icon = ask("/favicon.svg")
    assert (icon.headers["content-type"], icon.headers["cache-control"]) == ("image/svg+xml", "no-cache")
    assert ask("/assets/index-Ab12.js.map").status_code == 404

    page = ask("/", **OPENED)
    again = ask("/sign-in", if_none_match=page.headers["etag"], **OPENED)
    assert (again.status_code, again.content) == (304, b"")


def test_files_travel_compressed_to_whoever_takes_that(ask: Ask) -> None:
    zipped = ask("/assets/index-Ab12.js", accept_encoding="br, gzip")
    assert zipped.headers["content-encoding"] == "gzip"
    assert int(zipped.headers["content-length"]) < len(SCRIPT) / 10
    assert zipped.content == SCRIPT
    plain = ask("/assets/index-Ab12.js", accept_encoding="identity")
    assert "content-encoding" not in plain.headers
    assert plain.content == SCRIPT
    for answer in (zipped, plain):
        assert "Accept-Encoding" in answer.headers["vary"]


def test_no_other_site_may_frame_the_page_and_no_script_runs_but_its_own(ask: Ask) -> None:
    page = ask("/", **OPENED)
    policy = dict(part.strip().split(" ", 1) for part in page.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'self'"
    assert "script-src" not in policy, "scripts come from here and are never inline"
    assert policy["frame-ancestors"] == policy["object-src"] == policy["base-uri"] == "'none'"
    for answer in (page, ask("/assets/index-Ab12.js")):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"


def test_where_the_console_is_not_built_its_address_says_how_to_build_it(ask_unbuilt: Ask) -> None:
    answer = ask_unbuilt("/projects/default/~/flags", **OPENED)
    assert answer.status_code == 503
    assert "make run" in answer.text
    assert "npm ci" in answer.text
    assert ask_unbuilt("/nope", **OPENED).status_code == 404


def test_the_bare_address_greets_programs_in_json_and_people_with_the_console(server: Server) -> None:
    for program in (server.session.get(server.url, timeout=10), server.session.head(server.url, timeout=10)):
        assert program.headers["content-type"] == "application/json"
    assert server.session.get(server.url, timeout=10).json()["name"] == "Flaghoist"
    person = server.session.get(server.url, headers=OPENED, timeout=10)
    assert person.headers["content-type"] == "text/html; charset=utf-8"
    assert "Flaghoist" in person.text
