"""What is released carries the console: whoever installs it from a wheel needs no Node to get its pages."""

import os
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import people
import pytest
import requests
from toolchains import ROOT

pytestmark = pytest.mark.world
INDEX = "flaghoist/console/dist/index.html"


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the sdist of this tree."""
    assert people.console_is_built(), "run `make console` first: it builds the console"
    folder = tmp_path_factory.mktemp("packages")
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return folder


def test_wheel_and_sdist_carry_the_same_console(packages: Path) -> None:
    (wheel,), (sdist,) = packages.glob("*.whl"), packages.glob("*.tar.gz")
    with zipfile.ZipFile(wheel) as packed:
        in_wheel = {name for name in packed.namelist() if name.startswith("flaghoist/console/dist/")}
        page = packed.read(INDEX).decode()
    with tarfile.open(sdist) as packed_source:
        in_sdist = {name.partition("/")[2] for name in packed_source.getnames() if "/console/dist/" in name}
    assert in_wheel == in_sdist
    named = set(re.findall(r'(?:src|href)="/([^"]+)"', page))
    assert {f"flaghoist/console/dist/{name}" for name in named} <= in_wheel


def test_an_sdist_becomes_a_wheel_without_node(packages: Path, tmp_path: Path) -> None:
    (sdist,) = packages.glob("*.tar.gz")
    with tarfile.open(sdist) as packed:
        packed.extractall(tmp_path, filter="data")
    (source,) = tmp_path.iterdir()
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / "made")]
    done = subprocess.run(command, cwd=source, capture_output=True, text=True, timeout=120, env=without_node())
    assert done.returncode == 0, done.stderr
    (wheel,) = (tmp_path / "made").glob("*.whl")
    assert INDEX in zipfile.ZipFile(wheel).namelist()


def test_an_installed_wheel_shows_the_console_without_node(packages: Path, tmp_path: Path) -> None:
    (wheel,) = packages.glob("*.whl")
    home = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(home)], check=True, timeout=60)
    (site_packages,) = home.glob("lib/python*/site-packages")
    with zipfile.ZipFile(wheel) as packed:  # what pip does with a wheel of pure Python
        packed.extractall(site_packages)
    # What it needs is taken from the tree's environment, behind its own packages and without its editable install.
    (tree,) = (Path(path) for path in sys.path if path.endswith("site-packages"))
    python = [str(home / "bin" / "python"), "-c", SERVE.format(needed=str(tree))]
    process = subprocess.Popen(python, cwd=tmp_path, stdout=subprocess.PIPE, text=True, env=without_node())
    try:
        assert process.stdout is not None
        url = next(line.rpartition(" on ")[2].strip() for line in process.stdout if " on http://" in line)
        with requests.Session() as session:
            page = session.get(url, headers={"Accept": "text/html"}, timeout=10)
            assert page.status_code == 200
            script = re.search(r'<script type="module"[^>]* src="([^"]+)"', page.text)
            assert script, page.text
            assert session.get(url + script[1], timeout=10).ok
    finally:
        process.terminate()
        assert process.wait(30) == 0
        process.stdout.close()


SERVE = """
import sys
sys.path.append({needed!r})
import flaghoist, flaghoist.cli
assert flaghoist.__file__.startswith(sys.prefix), flaghoist.__file__
sys.exit(flaghoist.cli.main(["serve", "--port", "0"]))
"""


def without_node() -> dict[str, str]:
    """An environment in which nobody finds Node, npm or this tree."""
    kept = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PATH")}
    return {**kept, "PATH": "/nowhere"}
