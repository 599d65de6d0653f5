"""Puts the built console into wheel and sdist, so that whoever installs them needs no Node."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Console(BuildHookInterface):
    """Builds the console before it is packed, if that has not been done."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling; an editable install is served from the tree and waits for nobody's build."""
        root = Path(self.root)
        if version == "editable" or (root / "flaghoist" / "console" / "dist" / "index.html").exists():
            return
        if not (root / "web").exists() or not shutil.which("npm"):
            self.app.display_warning("flaghoist: packed without the console; `make console` builds it first")
            return
        self.app.display_info("flaghoist: building the console")
        for command in (["npm", "ci"], ["npm", "run", "build"]):
            subprocess.run(command, cwd=root / "web", check=True)
