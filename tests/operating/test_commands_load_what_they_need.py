"""The command line tells of every command at once, and none of them waits for what only another needs."""

import subprocess
import sys

import pytest

from flaghoist.cli import COMMANDS, main

FOR_SERVERS = {"aiohttp", "scipy", "numpy", "uvicorn"}
FOR_STATE = {"alembic", "duckdb", "sqlalchemy"}


def loaded_by(*words: str) -> set[str]:
    """The packages that a command has loaded when it ends."""
    told = "print(*{name.partition('.')[0] for name in sys.modules})"
    program = f"import sys\nfrom flaghoist.cli import main\ntry:\n    main({list(words)})\nfinally:\n    {told}"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    return set(ended.stdout.splitlines()[-1].split())


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, _, text in COMMANDS])
def test_every_command_tells_of_itself(name: str, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    main([])
    assert text.split(",")[0][:40] in capsys.readouterr().out
    with pytest.raises(SystemExit, match="0"):
        main([name, "--help"])
    told = capsys.readouterr().out
    assert "--data-dir" in told and "FLAGHOIST_DATA_DIR" in told


def test_an_unknown_command_is_refused_with_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["serf"])
    told = capsys.readouterr().err
    assert "serf" in told and "secret-key" in told


@pytest.mark.parametrize("words", [("--help",), ("settings",)], ids=" ".join)
def test_what_only_tells_loads_next_to_nothing(words: tuple[str, ...]) -> None:
    assert not loaded_by(*words) & (FOR_SERVERS | FOR_STATE)


@pytest.mark.parametrize("name", ["doctor", "migrate", "backup", "restore", "sign-in-link", "secret-key"])
def test_what_looks_after_a_server_does_not_load_one(name: str) -> None:
    loaded = loaded_by(name, "--help")
    assert "sqlalchemy" in loaded, "else this test shows nothing"
    assert not loaded & FOR_SERVERS
