"""The JavaScript of console and tests comes from any registry, is what it was, and runs nothing on the way in."""

import json
from pathlib import Path

import pytest
from toolchains import CLIENTS, ROOT

FOLDERS = (CLIENTS / "node", ROOT / "web")


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_the_lock_file_names_no_address(folder: Path) -> None:
    lock = (folder / "package-lock.json").read_text()
    assert "://" not in lock, "write it anew with scripts/lock, which leaves addresses out"


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_package_is_pinned_by_its_hash_and_brings_no_install_script(folder: Path) -> None:
    lock = json.loads((folder / "package-lock.json").read_text())
    packages = {path: package for path, package in lock["packages"].items() if path}
    assert packages
    for path, package in packages.items():
        assert package["integrity"].startswith("sha512-"), path
        assert "hasInstallScript" not in package, path


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_no_package_is_missing_that_another_names(folder: Path) -> None:
    packages = json.loads((folder / "package-lock.json").read_text())["packages"]
    present = {path.rpartition("node_modules/")[2] for path in packages}
    named = {name for package in packages.values() for name in package.get("optionalDependencies", ())}
    assert named <= present, "`npm ci` would refuse: choose a version that is there for other systems too"
