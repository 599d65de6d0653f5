"""What a first visit costs: how much script is loaded before there is something to read, and how long that takes."""

import gzip
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import pytest
from people import Person
from shop import Shop

from flaghoist.console.pages import BUILT

pytestmark = pytest.mark.world
SCRIPTS_MAX_BYTES = 350_000
FIRST_CONTENT_MAX_MS = 1_000
ALL_OF_IT_MAX_MS = 3_000


def test_the_flags_are_there_after_less_than_350_kilobytes_of_script(console: Person, shop: Shop) -> None:
    shop.flag("checkout")
    loaded: set[str] = set()
    console.page.on("response", lambda answer: loaded.add(urlparse(answer.url).path))
    console.open(f"/projects/{shop.project}/production/flags")
    scripts = [BUILT / path.lstrip("/") for path in loaded if path.endswith(".js")]
    assert scripts
    sizes = {path.name: len(gzip.compress(path.read_bytes(), 6)) for path in scripts}
    assert sum(sizes.values()) < SCRIPTS_MAX_BYTES, sorted(sizes.items(), key=lambda each: -each[1])


def test_the_page_asks_for_nothing_that_was_not_built(console: Person, shop: Shop) -> None:
    asked: list[str] = []
    console.page.on("request", lambda request: asked.append(request.url))
    console.open(f"/projects/{shop.project}/production/flags")
    assert all(url.startswith((console.server.url, "data:", "blob:")) for url in asked), "no other site is spoken to"
    named = re.findall(r'(?:src|href)="/([^"]+)"', (BUILT / "index.html").read_text())
    assert all((Path(BUILT) / name).exists() for name in named)


@pytest.mark.parametrize("path", ["/sign-in", "flags"])
def test_the_first_content_is_there_within_a_second_and_all_of_it_soon(
    enter: Callable[..., Person], owner_cookies: list[dict[str, Any]], shop: Shop, path: str
) -> None:
    whole = path if path.startswith("/") else f"/projects/{shop.project}/production/{path}"
    painted, finished = [], []
    for _ in range(3):  # each with nothing in the browser's cache; a busy machine may spoil one or two
        person = enter([] if path == "/sign-in" else owner_cookies)
        page = person.open(whole)
        painted.append(page.evaluate("() => performance.getEntriesByName('first-contentful-paint')[0].startTime"))
        finished.append(page.evaluate("() => performance.now()"))
        person.context.close()
    assert min(painted) < FIRST_CONTENT_MAX_MS, painted
    assert min(finished) < ALL_OF_IT_MAX_MS, finished
