"""Whoever audits the locked packages is told what is known of them, and told plainly when nobody could be asked."""

import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
ID = "GHSA-aaaa-bbbb-cccc"


class Service:
    """Speaks as OSV does; knows of one vulnerable package, if any."""

    def __init__(self, vulnerable: str) -> None:
        self.asked: list[dict[str, Any]] = []
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                queries = json.loads(self.rfile.read(int(self.headers["content-length"])))["queries"]
                service.asked += queries
                self._answer(
                    {
                        "results": [
                            {"vulns": [{"id": ID}]} if each["package"]["name"] == vulnerable else {} for each in queries
                        ]
                    }
                )

            def do_GET(self) -> None:
                self._answer({"id": ID, "aliases": ["CVE-2030-1"], "summary": "Lets anybody in"})

            def _answer(self, value: object) -> None:
                self.send_response(200)
                self.end_headers()
                self.wfile.write(json.dumps(value).encode())

            def log_message(self, *_: Any) -> None: ...

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture(params=["uvicorn"])
def service(request: pytest.FixtureRequest) -> Iterator[Service]:
    running = Service(request.param)
    yield running
    running.close()


def audit(*words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, ROOT / "scripts" / "audit", *words], capture_output=True, text=True, timeout=60, check=False
    )


def test_what_is_known_is_told_and_fails(service: Service) -> None:
    ran = audit("--service", service.url)
    assert ran.returncode == 1
    assert re.search(rf"uvicorn \S+ \(PyPI\): {ID} Lets anybody in: FOUND", ran.stdout)


def test_what_was_accepted_with_a_reason_passes(service: Service, tmp_path: Path) -> None:
    accepted = tmp_path / "accepted.json"
    accepted.write_text(json.dumps([{"id": "CVE-2030-1", "reason": "we do not listen there"}]))
    ran = audit("--service", service.url, "--accepted", str(accepted))
    assert ran.returncode == 0
    assert "accepted: we do not listen there" in ran.stdout


@pytest.mark.parametrize("service", ["nothing"], indirect=True)
def test_every_locked_package_is_asked_about(service: Service) -> None:
    ran = audit("--service", service.url)
    assert ran.returncode == 0
    assert "0 known vulnerabilities" in ran.stdout
    asked = {(each["package"]["ecosystem"], each["package"]["name"]) for each in service.asked}
    lines = (ROOT / "requirements" / "runtime.lock").read_text().splitlines()
    assert {("PyPI", line.partition("==")[0]) for line in lines if re.match(r"\w\S*==", line)} <= asked
    assert {("npm", "react"), ("npm", "@launchdarkly/node-server-sdk")} <= asked
    assert ("Go", "github.com/launchdarkly/go-server-sdk/v7") in asked


def test_a_service_that_cannot_be_reached_is_no_failure_and_no_silence() -> None:
    ran = audit("--service", "http://127.0.0.1:9")
    assert ran.returncode == 0
    assert "cannot be asked" in ran.stdout
    assert "NOT audited" in ran.stdout
