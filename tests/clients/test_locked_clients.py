"""The JavaScript SDKs that tests drive come from any registry, are what they were, and run nothing on the way in."""

import json

from toolchains import CLIENTS

LOCK = (CLIENTS / "node" / "package-lock.json").read_text()


def test_the_lock_file_names_no_address() -> None:
    assert "://" not in LOCK, "write it anew with scripts/lock, which leaves addresses out"


def test_every_package_is_pinned_by_its_hash_and_brings_no_install_script() -> None:
    packages = {path: package for path, package in json.loads(LOCK)["packages"].items() if path}
    assert packages
    for path, package in packages.items():
        assert package["integrity"].startswith("sha512-"), path
        assert "hasInstallScript" not in package, path
