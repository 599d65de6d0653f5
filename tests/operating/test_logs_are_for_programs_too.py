"""Log lines are events with fields, one JSON object each where that is set, and never hold a key."""

import base64
import json
import logging
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import requests
from servers import Server, start_server

from flaghoist.cli.logs import fields_of, without_keys

MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def test_each_line_is_an_object_and_none_has_a_key(tmp_path: Path) -> None:
    log = tmp_path / "log"
    server = start_server(tmp_path / "data", log=log, log_format="json", access_log="yes", log_level="debug")
    secrets = _use_with_secrets(server)
    assert server.stop() == 0
    text = log.read_text()
    lines = [json.loads(line) for line in text.splitlines()]
    assert all({"time", "level", "logger", "message"} <= set(line) and MOMENT.fullmatch(line["time"]) for line in lines)
    assert {line["logger"].partition(".")[0] for line in lines} >= {"flaghoist", "uvicorn"}
    for name, secret in secrets.items():
        assert secret not in text, f"the {name} is in the log"
    asked = [line["fields"] for line in lines if line["logger"] == "flaghoist.access"]
    assert {
        "method": "PATCH",
        "route": "/api/v2/flags/{projectKey}/{featureFlagKey}",
        "door": "rest",
        "status": 401,
    }.items() <= next(each.items() for each in asked if each["method"] == "PATCH")
    assert {each["route"] for each in asked} >= {"/sdk/latest-all", "/sdk/evalx/{env}/contexts/{context}", "(none)"}
    assert all(each["ms"] >= 0 for each in asked)
    refusals = [line["fields"] for line in lines if line["message"].startswith("refused ")]
    assert any(each["method"] == "PATCH" and each["reason"] for each in refusals)


def test_what_ends_a_thread_unforeseen_is_an_object_too() -> None:
    program = """
import logging, threading, warnings
from flaghoist.base.settings import Settings
from flaghoist.cli.logs import log_as
log_as(Settings(log_format="json"), worker=3)
def fail():
    raise ValueError("of Authorization: sdk-0f0e0d0c-1111-4222-8333-444455556666")
thread = threading.Thread(target=fail, name="compactor")
thread.start()
thread.join()
warnings.warn("old ways", stacklevel=1)
logging.getLogger("uvicorn.error").error("lost it", exc_info=OSError("disk"))
raise SystemError("the end")
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    lines = [json.loads(line) for line in ended.stderr.splitlines()]
    assert ended.returncode == 1
    thread, warning, uvicorn, end = lines
    assert (thread["level"], thread["fields"], thread["worker"]) == ("critical", {"name": "compactor"}, 3)
    assert "ValueError" in thread["exception"] and "in fail" in thread["exception"]
    assert "444455556666" not in ended.stderr
    assert "old ways" in warning["message"]
    assert (uvicorn["logger"], "OSError: disk" in uvicorn["exception"]) == ("uvicorn.error", True)
    assert "SystemError: the end" in end["exception"]


def test_people_are_told_in_plain_lines(tmp_path: Path) -> None:
    log = tmp_path / "log"
    server = start_server(tmp_path / "data", log=log, access_log="yes", log_level="info")
    server.call("GET", "/projects", token="api-11111111-2222-4333-8444-555555555555")
    assert server.stop() == 0
    lines = log.read_text().splitlines()
    assert any(
        re.match(r"\d{4}-\d\d-\d\d \S+ INFO flaghoist\.access answered method=GET route=/api/v2/projects", line)
        for line in lines
    )
    assert "11111111-2222" not in log.read_text()


@pytest.mark.parametrize(
    ("message", "arguments", "fields"),
    [
        (
            "died worker=%s status=%s again_in_seconds=%.1f",
            (1, -9, 0.25),
            {"worker": 1, "status": -9, "again_in_seconds": 0.25},
        ),
        ("cannot compact error=%s", (ValueError("no"),), {"error": "no"}),
        ("%s of %s taken, 100%% sure=%s", (1, 2, True), {"sure": True}),
        ("no fields at all", (), {}),
    ],
    ids=["numbers", "an exception", "fields among others", "none"],
)
def test_fields_are_those_the_message_names(message: str, arguments: tuple[Any, ...], fields: dict[str, Any]) -> None:
    record = logging.LogRecord("x", logging.INFO, "", 0, message, arguments, None)
    record.getMessage()
    assert fields_of(record) == fields


@pytest.mark.parametrize("key", ["sdk", "mob", "api"])
def test_a_key_that_gets_into_a_message_is_made_unusable(key: str) -> None:
    secret = f"{key}-0f0e0d0c-1111-4222-8333-444455556666"
    for message in (f"path=/x/{secret}/y", f'{{"Authorization": "{secret}"}}', f"Authorization: Bearer {secret}"):
        hidden = without_keys(message)
        assert secret[4:] not in hidden and "(hidden)" in hidden
    assert without_keys("checkout sdk-version api-docs mob-app") == "checkout sdk-version api-docs mob-app"


def _use_with_secrets(server: Server) -> dict[str, str]:
    """Everything asked for in ways that put a secret where a careless line would show it."""
    environment = server.ok("GET", "/projects/default/environments/test")
    context = base64.urlsafe_b64encode(b'{"kind":"user","key":"ada@example.com"}').decode()
    keys = {
        "token": server.token,
        "SDK key": environment["apiKey"],
        "mobile key": environment["mobileKey"],
        "unknown token": "api-aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee",
        "context": context,
        "password": "correct-horse-battery",
    }
    sdk = {"Authorization": keys["SDK key"]}
    requests.get(f"{server.url}/sdk/latest-all", headers=sdk, timeout=30)
    requests.get(f"{server.url}/sdk/latest-all", headers={"Authorization": keys["mobile key"]}, timeout=30)
    requests.get(f"{server.url}/sdk/evalx/{environment['_id']}/contexts/{context}?h=12345", timeout=30)
    requests.post(f"{server.url}/nowhere/{keys['SDK key']}?key={keys['token']}", timeout=30)
    requests.get(
        f"{server.url}/api/v2/flags/default/{keys['SDK key']}", headers={"Authorization": server.token}, timeout=30
    )
    requests.post(f"{server.url}/bulk", b"{" + keys["mobile key"].encode(), headers=sdk, timeout=30)
    server.call("PATCH", "/flags/default/none", token=keys["unknown token"], json=[])
    signing_in = {"email": "owner@example.com", "password": keys["password"]}
    server.call("POST", "/internal/sign-in", token="", json=signing_in)
    time.sleep(0.2)
    return keys
