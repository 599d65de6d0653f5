"""Flaghoist as a subject: a server of its own process, filled through its API."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

import requests
from flags import Flag

TOKEN = "api-11111111-1111-4111-8111-111111111111"
PROJECT = "polled"
_READ = "application/json; domain-model=launchdarkly.semanticpatch"


@dataclass(frozen=True)
class Place:
    """A running server and the keys of its environment."""

    url: str
    pid: int
    sdk_key: str
    client_id: str
    mobile_key: str


@contextmanager
def flaghoist(flags: list[Flag], pinned: list[str]) -> Iterator[Place]:
    """A server that holds these flags in one environment; ``pinned`` is the command that keeps it to its core."""
    with tempfile.TemporaryDirectory(prefix="flaghoist-polls-") as folder:
        environment = {
            **os.environ,
            "FLAGHOIST_ACCESS_TOKEN": TOKEN,
            "FLAGHOIST_LOG_LEVEL": "warning",
            "FLAGHOIST_RATE_LIMIT": "0",
        }
        command = [*pinned, sys.executable, "-m", "flaghoist.cli", "serve", "--port", "0", "--data-dir", folder]
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        try:
            assert process.stdout is not None
            url = next(line.rpartition(" on ")[2].strip() for line in process.stdout if " on http://" in line)
            keys = _fill(url, flags)
            yield Place(url, process.pid, keys["apiKey"], keys["_id"], keys["mobileKey"])
        finally:
            process.terminate()
            process.wait(30)


def _fill(url: str, flags: list[Flag]) -> dict[str, Any]:
    with requests.Session() as session:
        session.headers["Authorization"] = TOKEN

        def ask(method: str, path: str, body: Any, content_type: str = "application/json") -> Any:
            answer = session.request(method, f"{url}/api/v2{path}", json=body, headers={"Content-Type": content_type})
            assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text[:500]}"
            return answer.json()

        environment = {"key": "production", "name": "Production", "color": "417505"}
        project = ask("POST", "/projects", {"key": PROJECT, "name": "Polled", "environments": [environment]})
        for flag in flags:
            reach = {"usingEnvironmentId": True, "usingMobileKey": True}
            made = ask(
                "POST", f"/flags/{PROJECT}", {"key": flag.key, "name": flag.key, "clientSideAvailability": reach}
            )
            true, false = (variation["_id"] for variation in made["variations"])
            body = {"environmentKey": "production", "instructions": _instructions(flag, true, false)}
            if flag.is_on:
                ask("PATCH", f"/flags/{PROJECT}/{flag.key}", body, _READ)
        environments: list[dict[str, Any]] = project["environments"]
        return environments[0]


def _instructions(flag: Flag, true: str, false: str) -> list[dict[str, Any]]:
    fallthrough: dict[str, Any] = {"variationId": true if flag.is_for_all else false}
    if flag.share:
        fallthrough = {"rolloutWeights": {true: flag.share * 1000, false: 100_000 - flag.share * 1000}}
    instructions: list[dict[str, Any]] = [
        {"kind": "turnFlagOn"},
        {"kind": "updateFallthroughVariationOrRollout", **fallthrough},
    ]
    if flag.users:
        instructions.append({"kind": "addTargets", "values": flag.users, "variationId": true})
    for rule in flag.rules:
        clauses = [{"contextKind": "user", **asdict(clause)} for clause in rule]
        instructions.append({"kind": "addRule", "clauses": clauses, "variationId": true})
    return instructions
