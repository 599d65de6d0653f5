"""The peers: brought into a folder that is kept between runs, and run beside us."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
from flaghoist_server import Place
from flags import Clause, Flag

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "build" / "peers"
RELAY = "github.com/launchdarkly/ld-relay/v8@latest"
UNLEASH = "unleash-server@7.5.1"
UNLEASH_TOKEN = "default:development.unleash-polls-backend"
FRONTEND_TOKEN = "default:development.unleash-polls-frontend"
_ADMIN_TOKEN = "*:*.unleash-polls-admin"

sys.path.insert(0, str(ROOT / "tests" / "support"))


def bring_relay() -> Path:
    """The Relay Proxy's program, built from its Go module unless it is there already."""
    program = FOLDER / "bin" / "ld-relay"
    if not program.exists():
        print(f"building {RELAY}", flush=True)
        environment = {**os.environ, "GOBIN": str(program.parent), "CGO_ENABLED": "0"}
        subprocess.run(["go", "install", RELAY], env=environment, check=True)
    return program


def bring_unleash() -> Path:
    """Unleash's program, installed from npm unless it is there already."""
    program = FOLDER / "unleash" / "node_modules" / "unleash-server" / "dist" / "server.js"
    if not program.exists():
        print(f"installing {UNLEASH}", flush=True)
        folder = FOLDER / "unleash"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "package.json").write_text("{}")
        subprocess.run(["npm", "install", "--no-audit", "--no-fund", UNLEASH], cwd=folder, check=True)
    return program


@contextmanager
def relay(place: Place, port: int, pinned: list[str]) -> Iterator[Place]:
    """The Relay Proxy in front of a Flaghoist, on one core."""
    environment = {
        **os.environ,
        "GOMAXPROCS": "1",
        "PORT": str(port),
        "LOG_LEVEL": "error",
        "USE_EVENTS": "false",
        **dict.fromkeys(("STREAM_URI", "BASE_URI", "EVENTS_URI", "CLIENT_SIDE_BASE_URI"), place.url),
        "LD_ENV_polled": place.sdk_key,
        "LD_CLIENT_SIDE_ID_polled": place.client_id,
        "LD_MOBILE_KEY_polled": place.mobile_key,
    }
    with _running([*pinned, str(bring_relay()), "--from-env"], environment) as pid:
        url = f"http://127.0.0.1:{port}"
        _await(f"{url}/status", lambda answer: answer.json()["status"] == "healthy")
        yield Place(url, pid, place.sdk_key, place.client_id, place.mobile_key)


@contextmanager
def unleash(flags: list[Flag], port: int, pinned: list[str]) -> Iterator[Place]:
    """Unleash with the same flags, its database on any core."""
    from servers import PostgreSQL

    postgresql = PostgreSQL()
    try:
        address = postgresql.database()
        environment = os.environ | _settings(address, port)
        node = shutil.which("node")
        assert node, "Node is needed to run Unleash"
        with _running([*pinned, node, str(bring_unleash())], environment) as pid:
            url = f"http://127.0.0.1:{port}"
            _await(f"{url}/health", lambda answer: answer.ok)
            _fill(url, flags)
            yield Place(url, pid, UNLEASH_TOKEN, "", FRONTEND_TOKEN)
    finally:
        postgresql.stop()


def _settings(address: str, port: int) -> dict[str, str]:
    database, _, host = address.partition("?host=")
    return {
        "DATABASE_HOST": host,
        "DATABASE_NAME": database.rpartition("/")[2],
        "DATABASE_USERNAME": "postgres",
        "DATABASE_PASSWORD": "",
        "DATABASE_SSL": "false",
        "HTTP_HOST": "127.0.0.1",
        "HTTP_PORT": str(port),
        "LOG_LEVEL": "fatal",
        "CHECK_VERSION": "false",
        "SEND_TELEMETRY": "false",
        "NODE_ENV": "production",
        "INIT_BACKEND_API_TOKENS": UNLEASH_TOKEN,
        "INIT_FRONTEND_API_TOKENS": FRONTEND_TOKEN,
        "INIT_ADMIN_API_TOKENS": _ADMIN_TOKEN,
    }


def _fill(url: str, flags: list[Flag]) -> None:
    with requests.Session() as session:
        session.headers["Authorization"] = _ADMIN_TOKEN

        def post(path: str, body: Any) -> None:
            answer = session.post(f"{url}/api/admin/projects/default/features{path}", json=body)
            assert answer.ok, f"{path}: {answer.status_code} {answer.text[:500]}"

        for flag in flags:
            post("", {"name": flag.key, "type": "release"})
            place = f"/{flag.key}/environments/development"
            for strategy in _strategies(flag):
                post(f"{place}/strategies", strategy)
            if flag.is_on:
                post(f"{place}/on", {})


_OPERATORS = {"in": "IN", "endsWith": "STR_ENDS_WITH", "greaterThan": "NUM_GT", "semVerGreaterThan": "SEMVER_GT"}


def _strategies(flag: Flag) -> list[dict[str, Any]]:
    """Any of them makes a flag true, each where all its constraints hold: a rule of LaunchDarkly is one of them."""
    wanted = [*flag.rules, *([[Clause("key", "in", flag.users)]] if flag.users else [])]
    strategies = [_strategy(flag, [_constraint(clause) for clause in rule], 100) for rule in wanted]
    if flag.share or flag.is_for_all:
        strategies.append(_strategy(flag, [], flag.share or 100))
    return strategies


def _strategy(flag: Flag, constraints: list[dict[str, Any]], share: int) -> dict[str, Any]:
    parameters = {"rollout": str(share), "stickiness": "default", "groupId": flag.key}
    return {"name": "flexibleRollout", "constraints": constraints, "parameters": parameters}


def _constraint(clause: Clause) -> dict[str, Any]:
    name = "userId" if clause.attribute == "key" else clause.attribute
    operator, values = _OPERATORS[clause.op], [str(value) for value in clause.values]
    given = {"values": values} if operator in ("IN", "STR_ENDS_WITH") else {"value": values[0]}
    return {"contextName": name, "operator": operator, "inverted": False, "caseInsensitive": False, **given}


@contextmanager
def _running(command: list[str], environment: dict[str, str]) -> Iterator[int]:
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait(30)


def _await(url: str, is_ready: Any, within_seconds: float = 120.0) -> None:
    deadline = time.monotonic() + within_seconds
    while True:
        try:
            if is_ready(requests.get(url, timeout=2)):
                return
        except (requests.ConnectionError, requests.Timeout, ValueError):
            pass
        assert time.monotonic() < deadline, f"{url} does not become ready"
        time.sleep(0.2)
