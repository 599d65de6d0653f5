"""A stranger's tool reads our description of the API and asks everything of it, well and badly; nothing breaks."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from examples_made import make_examples
from servers import Server, start_server

pytestmark = pytest.mark.world

SECONDS = 60
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
# What would end the session of whoever asks, and leave nothing but refusals.
NOT_ASKED = ("resetToken", "deleteToken", "patchToken")
_PASSED = re.compile(r"(\d+) generated, (\d+) passed")


@pytest.fixture
def attacked(tmp_path: Path) -> Iterator[Server]:
    """A server of its own, with something to be asked for."""
    running = start_server(tmp_path / "data", log=tmp_path / "log")
    yield running
    assert running.stop() == 0


def test_every_operation_answers_as_described_whatever_it_is_asked(attacked: Server, tmp_path: Path) -> None:
    params, _ = make_examples(attacked)
    environment = attacked.ok("GET", "/projects/default/environments/test")
    keys = (environment["apiKey"], environment["mobileKey"])
    named = {name: values[0] for name, values in params.items() if values and name != "id"}
    settings = tmp_path / "schemathesis.toml"
    lines = [f'"path.{name}" = {json.dumps(value)}' for name, value in named.items()]
    settings.write_text(
        "\n".join(
            [
                f'headers = {{ Authorization = "{attacked.token}" }}',
                "[generation]",
                "with-security-parameters = false",
                "[parameters]",
                *lines,
            ]
        )
    )
    # Deletions come last: what is gone cannot be asked for.
    for methods, seconds in (("--exclude-method", SECONDS), ("--include-method", 10)):
        told = asked(attacked, settings, [methods, "DELETE", "--max-time", str(seconds)])
        generated, passed = map(int, _PASSED.findall(told)[-1])
        assert generated == passed > 100
    assert attacked.call("GET", "/caller-identity").status_code == 200, "whoever asked could go on asking"
    log = (tmp_path / "log").read_text()
    assert not [secret for secret in (*keys, attacked.token) if secret in log]
    assert "Traceback" not in log, log[-4000:]


def asked(server: Server, settings: Path, chosen: list[str]) -> str:
    """What the tool told, having found nothing to complain of."""
    excluded = [word for name in NOT_ASKED for word in ("--exclude-operation-id", name)]
    ran = subprocess.run(
        [
            Path(sys.executable).parent / "schemathesis",
            *("--config-file", settings, "run", f"{server.url}/api/v2/openapi.json", "--no-color", *excluded),
            *("--checks", CHECKS, "--max-response-time", "10", "--seed", "20", "--generation-deterministic"),
            *("--continue-on-failure", *chosen),
        ],
        cwd=settings.parent,
        capture_output=True,
        text=True,
        timeout=SECONDS * 3,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout[-8000:]
    return ran.stdout
