"""Shows every page, light and dark, wide and narrow, in build/screenshots: `make screenshots`."""

import itertools
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

SUPPORT = Path(__file__).parents[1] / "support"
sys.path.insert(0, str(SUPPORT))

import living  # noqa: E402
import people  # noqa: E402
from chromium import browsing  # noqa: E402
from console_pages import EMPTY_PAGES, ENTRANCES, PAGES  # noqa: E402
from people import NARROW, WIDE, Person  # noqa: E402
from servers import Server, start_server  # noqa: E402

from flaghoist.app.sign_in_links import new_link  # noqa: E402
from flaghoist.base.settings import Settings  # noqa: E402

if TYPE_CHECKING:
    from playwright.sync_api import Browser

TARGET = Path(__file__).parents[2] / "build" / "screenshots"
DRAWN_MS = 400  # what charts and streams need after the page is there
NOTHING_GREY = "() => !document.querySelector('.mantine-Skeleton-root')"
ENDLESS = ("events",)
SIZES = {"wide": WIDE, "narrow": NARROW}


def main() -> int:
    """Start a server, fill it, and go round; pages named on the command line are enough where there are any."""
    TARGET.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="flaghoist-screenshots-") as folder, browsing() as browser:
        server = start_server(Path(folder))
        try:
            missing = go_round(browser, server, sys.argv[1:])
        finally:
            server.stop()
    print(f"{len(list(TARGET.glob('*.png')))} screenshots are in {TARGET}")
    for path in missing:
        print(f"did not come up: {path}", file=sys.stderr)
    return 1 if missing else 0


def go_round(browser: "Browser", server: Server, wanted: list[str]) -> list[str]:
    """Take a picture of every page in every look; gives those that did not come up."""
    living.fill(server)
    server.project(key="new-shop", name="New shop")
    cookies = people.signed_in(server)
    missing: list[str] = []
    for scheme, (size, viewport) in itertools.product(("light", "dark"), SIZES.items()):
        link = new_link(Settings(data_dir=server.data_dir), "owner@example.com").path
        for pages, known in (({**ENTRANCES, "welcome": link}, []), ({**PAGES, **EMPTY_PAGES}, cookies)):
            person = Person(browser, server, known, viewport=viewport, color_scheme=scheme)
            for name, path in pages.items():
                if wanted and name not in wanted:
                    continue
                try:
                    person.open(path)
                    person.page.wait_for_timeout(DRAWN_MS)
                    person.page.wait_for_function(NOTHING_GREY)
                    person.page.screenshot(path=TARGET / f"{name}-{scheme}-{size}.png", full_page=name not in ENDLESS)
                except Exception as error:  # the others are worth seeing all the same
                    missing.append(f"{path} ({str(error).splitlines()[0]})")
            person.context.close()
    return missing


if __name__ == "__main__":
    sys.exit(main())
