"""How long is one page of a project with 5,000 flags, beside a bare request to the same server?"""

import os
import signal
import subprocess
import sys
import tempfile
import time
from statistics import median

import requests

TOKEN = "api-bench"
FLAGS = 5_000
PAGES = 60
ASKED = {
    "first page": "/api/v2/flags/default?limit=20",
    "deep page, one environment": "/api/v2/flags/default?limit=20&offset=4000&env=production",
    "filtered and sorted": "/api/v2/flags/default?limit=20&filter=query:flag-49,tags:beta&sort=-creationDate",
    "full targeting of one environment": "/api/v2/flags/default?limit=20&env=production&summary=false",
}


def main() -> int:
    """Print p50 and p95 of each page in milliseconds, and the ratio to a bare request."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "FLAGHOIST_ACCESS_TOKEN": TOKEN, "FLAGHOIST_LOG_LEVEL": "warning"}
        command = [sys.executable, "-m", "flaghoist.cli", "serve", "--port", "0", "--data-dir", folder]
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        url = next(line.rpartition(" on ")[2].strip() for line in process.stdout if " on http://" in line)
        try:
            fill(url)
            measure(url)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)
    return 0


def fill(url: str) -> None:
    """Five thousand flags, every tenth of them with targeting."""
    started = time.monotonic()
    with requests.Session() as session:
        session.headers["Authorization"] = TOKEN
        for number in range(FLAGS):
            tags = ["beta"] if number % 3 == 0 else ["web", "core"]
            body = {"key": f"flag-{number}", "name": f"Flag number {number}", "tags": tags}
            assert session.post(f"{url}/api/v2/flags/default", json=body).status_code == 201
            if number % 10 == 0:
                on = {"environmentKey": "production", "instructions": [{"kind": "turnFlagOn"}]}
                assert session.patch(f"{url}/api/v2/flags/default/flag-{number}", json=on).ok
    print(f"{FLAGS:,} flags made in {time.monotonic() - started:.1f} s through the API")


def measure(url: str) -> None:
    """Rounds over all pages in turn, so that a slow moment of the machine hits all alike."""
    seconds: dict[str, list[float]] = {name: [] for name in ("bare request", *ASKED)}
    with requests.Session() as session:
        session.headers["Authorization"] = TOKEN
        for _ in range(PAGES):
            for name, path in {"bare request": "/status", **ASKED}.items():
                began = time.perf_counter()
                answer = session.get(f"{url}{path}")
                seconds[name].append(time.perf_counter() - began)
                assert answer.ok, answer.text
    bare = median(seconds["bare request"])
    for name, each in seconds.items():
        p95 = sorted(each)[int(len(each) * 0.95)]
        print(
            f"{name:36} p50 {median(each) * 1000:6.1f} ms   p95 {p95 * 1000:6.1f} ms   {median(each) / bare:5.1f}x bare"
        )


if __name__ == "__main__":
    sys.exit(main())
