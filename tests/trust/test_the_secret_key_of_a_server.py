"""Whoever runs a server changes its secret key under way, and is told plainly when the key is not the right one."""

import subprocess
import sys
import threading
import time
from pathlib import Path

import requests
from servers import start_server

ENVIRONMENT = "/projects/default/environments/test"


def command(*words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "flaghoist.cli", *words], capture_output=True, text=True, timeout=120, check=False
    )


def test_a_key_is_changed_under_way_and_missed_when_it_is_gone(tmp_path: Path) -> None:
    data = ("--data-dir", str(tmp_path))
    server = start_server(tmp_path)
    first = server.ok("GET", ENVIRONMENT)["apiKey"]
    answers: list[int] = []
    stopped = threading.Event()

    def ask() -> None:
        with requests.Session() as session:
            while not stopped.is_set():
                for path, key in (("/sdk/latest-all", first), (f"/api/v2{ENVIRONMENT}", server.token)):
                    asked = session.get(server.url + path, headers={"Authorization": key}, timeout=30)
                    answers.append(asked.status_code)
                time.sleep(0.02)

    asking = threading.Thread(target=ask)
    asking.start()
    before = (tmp_path / "secret.key").read_text()
    rotated = command("secret-key", "--rotate", *data)
    resets = [server.ok("POST", f"{ENVIRONMENT}/mobileKey")["mobileKey"] for _ in range(3)]
    stopped.set()
    asking.join()
    assert rotated.returncode == 0, rotated.stderr
    assert "2 documents" in rotated.stdout
    assert (tmp_path / "secret.key").read_text() != before
    assert set(answers) == {200}
    assert server.stop() == 0

    again = start_server(tmp_path)
    found = again.ok("GET", ENVIRONMENT)
    assert (found["apiKey"], found["mobileKey"]) == (first, resets[-1])
    assert again.stop() == 0

    right = (tmp_path / "secret.key").read_text()
    (tmp_path / "secret.key").write_text(before)
    refused = command("serve", "--port", "0", *data)
    assert refused.returncode == 1
    assert refused.stdout == ""
    assert "bring back the secret.key that was beside the state" in refused.stderr
    assert right.strip() not in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_key_is_told_by_its_id_only(tmp_path: Path) -> None:
    key = "c2l4dGVlbiBieXRlcyBhbmQgYXMgbWFueSBtb3JlLi4="
    told = command("secret-key", "--secret-key", key, "--data-dir", str(tmp_path))
    assert told.returncode == 0
    assert "FLAGHOIST_SECRET_KEY" in told.stdout
    assert key not in told.stdout
    badly = command("secret-key", "--secret-key", "c2hvcnQ=", "--data-dir", str(tmp_path))
    assert badly.returncode == 1
    assert "openssl rand -base64 32" in badly.stderr
    assert "c2hvcnQ=" not in badly.stderr
