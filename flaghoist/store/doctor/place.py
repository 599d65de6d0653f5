"""The data folder itself: room, permissions, who has it open, and what was set aside in it."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from flaghoist.store.backup.restoring import RESTORING
from flaghoist.store.backup.taking import KEY, inboxes
from flaghoist.store.doctor.finding import Finding, note
from flaghoist.store.logs.home import homes, put_off_in

TIGHT_SHARE = 0.05


def findings(folder: Path, *, reserve: int) -> Iterator[Finding]:
    """What is wrong with the folder, and what is going on in it; ``reserve`` bytes of the disk are to stay free."""
    if (folder / RESTORING).exists():
        yield Finding(
            "restore-unfinished",
            f"a restore into {folder} was cut short or is under way",
            "if no restore runs, empty the folder (and its database) and restore again",
        )
    yield from _room(folder, reserve)
    yield from _permissions(folder)
    yield from _holders(folder)
    yield from _set_aside(folder)


def _room(folder: Path, reserve: int) -> Iterator[Finding]:
    disk = shutil.disk_usage(folder)
    if disk.free <= max(reserve, disk.total * TIGHT_SHARE):
        yield Finding(
            "disk-tight",
            f"{disk.free:,} of {disk.total:,} bytes are free on the disk of {folder}; "
            f"below {reserve:,} events are refused",
            "make room, or set event_retention_days and audit_retention_days",
        )


def _permissions(folder: Path) -> Iterator[Finding]:
    key = folder / KEY
    if key.exists() and key.stat().st_mode & 0o077:
        yield Finding("key-readable", f"others on this machine may read {key}", f"chmod 600 {key}")
    for path in (folder, *(path for path in folder.rglob("*") if path.name != KEY)):
        if not os.access(path, os.R_OK | os.W_OK, effective_ids=True) and path.exists():
            yield Finding(
                "not-ours",
                f"{path} cannot be read and written by this user",
                "run the server and its commands as one user, and give it the folder: chown -R",
            )
            return
    if folder.stat().st_mode & 0o007:
        yield note("folder-open", f"every user of this machine may look into {folder}", f"chmod 700 {folder}")


def _holders(folder: Path) -> Iterator[Finding]:
    for inbox in inboxes(folder):
        if _is_locked(inbox / "lock", fcntl.LOCK_SH):
            yield note("in-use", f"a server has {inbox} open")
    for home in homes(folder):
        if _is_locked(home / "lock", fcntl.LOCK_SH):
            yield note("in-use", f"a server has {home} open")
    for hold in (*folder.glob("inbox*/hold"), *folder.glob("log*/*/quarantine/hold"), *folder.glob("lake/hold")):
        if _is_locked(hold, fcntl.LOCK_EX):
            yield note(
                "held", f"a backup of {hold.parent} is under way, so nothing is deleted there", "let it come to its end"
            )


def _set_aside(folder: Path) -> Iterator[Finding]:
    for damaged in (*folder.glob("inbox*/damaged"), *folder.glob("lake/damaged")):
        if count := len(list(damaged.iterdir())):
            yield Finding(
                "damaged-kept",
                f"damaged files are kept in {damaged} ({count}): the log of that day tells what was lost with them",
                "check the disk; restore them from a backup if you need what they held, and move them away",
            )
    for quarantine in folder.glob("inbox*/quarantine"):
        if count := len(list(quarantine.glob("*.batch"))):
            yield Finding(
                "quarantine",
                f"batches of events that could not be read wait in {quarantine} ({count})",
                "they are tried again at each start: upgrade, or report what their first lines say",
            )
    for home in homes(folder):
        yield from _put_off_from_logs(home)


def _put_off_from_logs(home: Path) -> Iterator[Finding]:
    for partition, kept in put_off_in(home).items():
        yield Finding(
            "quarantine",
            f"batches of events that could not be read wait in {kept[0].parent} ({len(kept)}), "
            f"from the partition {partition} of the event log",
            "they are tried again, and count once, whenever the server of this data folder starts, whoever reads the "
            "partition: upgrade and restart it, or report what their first lines say",
        )


def _is_locked(path: Path, how: int) -> bool:
    """Whether another process holds a lock that one of this kind does not go with."""
    if not path.exists():
        return False
    with path.open("rb") as file:
        try:
            fcntl.flock(file, how | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
