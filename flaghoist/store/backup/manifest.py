"""What a backup says of itself: what it holds, what made it, and a checksum of each part."""

from dataclasses import dataclass
from typing import Any

import msgspec

from flaghoist.store.backup.refused import BackupRefused

FORMAT, WITHOUT_LAKE = 1, 2
"""What knows only the first would take a backup that holds no lake for one of an empty lake."""
NAME = "manifest.json"


class Part(msgspec.Struct, frozen=True):
    """One file of a backup."""

    path: str
    bytes: int
    sha256: str


class LakeFile(msgspec.Struct, frozen=True):
    """One file that is not in the backup, by its path in the lake."""

    path: str
    bytes: int


class Manifest(msgspec.Struct, frozen=True):
    """Of a whole backup; ``schema`` is the newest migration of its state, ``rows`` counts each table's.

    A backup without the lake says in ``lake_stays`` where that was, and in ``lake`` what of it belongs to the state.
    """

    format: int
    flaghoist: str
    created_at: str
    schema: str
    store: str
    last_change: int
    rows: dict[str, int]
    batches: int
    lake_files: int
    has_key: bool
    parts: list[Part]
    put_off: int = 0
    lake_stays: str = ""
    lake: list[LakeFile] = []

    @classmethod
    def read(cls, raw: bytes) -> "Manifest":
        """Raises ``BackupRefused`` for what no backup of this format says."""
        try:
            known: Any = msgspec.json.decode(raw)
            if known["format"] > WITHOUT_LAKE:
                raise BackupRefused(
                    f"the backup has format {known['format']} and this program knows up to {WITHOUT_LAKE}: "
                    f"restore it with Flaghoist {known['flaghoist']} or newer"
                )
            return msgspec.convert(known, cls)
        except (msgspec.DecodeError, msgspec.ValidationError, KeyError, TypeError) as error:
            raise BackupRefused(f"{NAME} cannot be read: {error}") from None


@dataclass(frozen=True, slots=True)
class Found:
    """What was really there of a part."""

    bytes: int
    sha256: str


def compare(manifest: Manifest, found: dict[str, Found]) -> None:
    """Raises ``BackupRefused`` naming the first part that is missing, damaged, or not in the manifest."""
    for part in manifest.parts:
        there = found.get(part.path)
        if there is None:
            raise BackupRefused(f"the backup is not whole: {part.path} is missing")
        if (there.bytes, there.sha256) != (part.bytes, part.sha256):
            raise BackupRefused(f"the backup is damaged: {part.path} is not what was written (SHA-256 differs)")
    if unknown := found.keys() - {part.path for part in manifest.parts}:
        raise BackupRefused(f"the backup holds {min(unknown)}, which its manifest does not name")
