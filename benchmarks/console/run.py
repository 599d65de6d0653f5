"""How soon does a person see five thousand flags, and how smoothly do they scroll? Needs `make setup-world console`."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import requests

sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "support"))

from chromium import browsing

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

TOKEN, OWNER, PASSWORD = "api-bench", "owner@example.com", "seven lamps in the attic"
FLAGS = 5_000
VISITS = 5
FLAGS_PAGE = "/projects/default/production/flags"
LIMITS_MS = {"first content": 1_000.0}
# One turn of the wheel to a frame; gives the time between frames, in milliseconds.
_SCROLL = """async () => {
    const gaps = [];
    let before = await new Promise(requestAnimationFrame);
    for (let turn = 0; turn < 300; turn += 1) {
        window.scrollBy(0, 400);
        const now = await new Promise(requestAnimationFrame);
        gaps.push(now - before);
        before = now;
    }
    return gaps;
}"""
_STILL = """async () => {
    const gaps = [];
    let before = await new Promise(requestAnimationFrame);
    for (let turn = 0; turn < 120; turn += 1) {
        const now = await new Promise(requestAnimationFrame);
        gaps.push(now - before);
        before = now;
    }
    return gaps;
}"""


def main() -> int:
    """Print times to first content, to the first flag and to a search's answer, and frames while scrolling."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "FLAGHOIST_ACCESS_TOKEN": TOKEN, "FLAGHOIST_LOG_LEVEL": "warning"}
        command = [sys.executable, "-m", "flaghoist.cli", "serve", "--port", "0", "--data-dir", folder]
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        try:
            url = next(line.rpartition(" on ")[2].strip() for line in process.stdout if " on http://" in line)
            link = next(line.rpartition("token=")[2].strip() for line in process.stdout if "/welcome?token=" in line)
            fill(url)
            with browsing() as browser:
                measure(browser, url, link)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)
    return 0


def fill(url: str) -> None:
    """Five thousand flags."""
    with requests.Session() as session:
        session.headers["Authorization"] = TOKEN
        for number in range(FLAGS):
            body = {"key": f"flag-{number}", "name": f"Flag number {number}", "tags": ["beta"] if number % 3 else []}
            assert session.post(f"{url}/api/v2/flags/default", json=body).status_code == 201


def measure(browser: "Browser", url: str, link: str) -> None:
    """Several first visits, each with nothing in the cache; then one long scroll."""
    opened = requests.post(f"{url}/internal/session/link", json={"token": link, "password": PASSWORD}, timeout=30)
    cookies = [{"name": each.name, "value": each.value, "url": url} for each in opened.cookies]
    seconds: dict[str, list[float]] = {"first content": [], "first flag": [], "a search's answer": []}
    for visit in range(VISITS):
        context = browser.new_context(base_url=url, viewport={"width": 1440, "height": 900})
        context.add_cookies(cookies)
        page = context.new_page()
        began = time.perf_counter()
        page.goto(FLAGS_PAGE)
        page.get_by_role("link", name="Flag number").first.wait_for()
        seconds["first flag"].append((time.perf_counter() - began) * 1000)
        paint = page.evaluate("() => performance.getEntriesByName('first-contentful-paint')[0].startTime")
        seconds["first content"].append(paint)
        began = time.perf_counter()
        page.get_by_role("searchbox").first.fill(f"number {4_000 + visit}")
        page.get_by_role("link", name=f"Flag number {4_000 + visit}", exact=True).wait_for()
        seconds["a search's answer"].append((time.perf_counter() - began) * 1000)
        if visit == VISITS - 1:
            page.get_by_role("searchbox").first.fill("")
            page.get_by_role("link", name="Flag number").first.wait_for()
            scroll(page)
        context.close()
    for name, each in seconds.items():
        against = f"   {median(each) / LIMITS_MS[name]:.2f}x of the limit" if name in LIMITS_MS else ""
        print(f"{name:20} median {median(each):6.0f} ms   worst {max(each):6.0f} ms{against}")


def scroll(page: "Page") -> None:
    """Frames while scrolling, beside those of the same page at rest."""
    page.wait_for_timeout(1_000)
    still, moving = sorted(page.evaluate(_STILL)), sorted(page.evaluate(_SCROLL))
    page.wait_for_timeout(1_000)
    place = page.evaluate("() => window.scrollY")
    ratio = median(moving) / median(still)
    print(
        f"scrolled {place:,} px of {FLAGS:,} rows: a frame takes {median(moving):.1f} ms ({ratio:.2f}x at rest), "
        f"p95 {moving[int(len(moving) * 0.95)]:.1f} ms, worst {moving[-1]:.1f} ms"
    )


if __name__ == "__main__":
    sys.exit(main())
