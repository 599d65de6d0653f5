"""How much of the disk waiting events may take, and how much stays free for everything else."""

import os
from dataclasses import dataclass
from pathlib import Path

from flaghoist.base.sizes import MEBIBYTE


@dataclass(frozen=True, slots=True)
class Bounds:
    """``inbox_bytes`` is the most that may wait, ``free_bytes`` what stays free on the same disk; 0 means no bound."""

    inbox_bytes: int = 0
    free_bytes: int = 0

    def objection(self, folder: Path, taken_bytes: int) -> str:
        """Why nothing more may be written to a folder that holds so much already; empty if it may."""
        if self.inbox_bytes and taken_bytes >= self.inbox_bytes:
            return f"{taken_bytes // MEBIBYTE} MiB of events wait, as many as inbox_limit allows"
        if self.free_bytes:
            disk = os.statvfs(folder)
            if (free := disk.f_bavail * disk.f_frsize) < self.free_bytes:
                return f"{free // MEBIBYTE} MiB are free on the disk, less than disk_reserve"
        return ""
