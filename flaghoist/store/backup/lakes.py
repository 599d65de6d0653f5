"""The lake of a backup: put where it is to be, or found to be there."""

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

from flaghoist.store.backup.manifest import Manifest
from flaghoist.store.backup.refused import BackupRefused
from flaghoist.store.facts.places.port import Place

NAMED_MOST = 3


@contextlib.contextmanager
def filled(place: Place | None, manifest: Manifest, unpacked: Path) -> Iterator[None]:
    """The place has all files that belong to the state, of which some are ``unpacked``; if all goes well inside.

    None leaves them where they were unpacked. Raises ``BackupRefused``, and leaves the place as it was.
    """
    if place is None:
        if manifest.lake_stays:
            raise BackupRefused(
                f"the backup holds no lake, since that was to stay in {manifest.lake_stays}: "
                "say with lake_url or lake_dir where it is"
            )
        yield
    elif manifest.lake_stays:
        _require_all(place, manifest)
        yield
    else:
        with _moved(place, unpacked):
            yield


def _require_all(place: Place, manifest: Manifest) -> None:
    there = {found.path: found.bytes for found in place.found()}
    missing = [each.path for each in manifest.lake if each.path not in there]
    if missing:
        raise BackupRefused(
            f"{place.name} lacks {len(missing)} of the {len(manifest.lake)} files of the lake that the backup goes "
            f"with: {', '.join(missing[:NAMED_MOST])}; bring back what was there at {manifest.created_at} "
            "(earlier versions of the objects, or a copy), or restore a backup that holds its lake"
        )
    for each in manifest.lake:
        if there[each.path] != each.bytes:
            raise BackupRefused(
                f"{place.named(each.path)} has {there[each.path]} bytes, and had {each.bytes} when the backup was taken"
            )


@contextlib.contextmanager
def _moved(place: Place, unpacked: Path) -> Iterator[None]:
    if (found := next(iter(place.found()), None)) is not None:
        raise BackupRefused(f"{place.name} is not empty: it holds {found.path}; name a new folder or prefix")
    moved: list[str] = []
    try:
        for source in sorted(path for path in unpacked.rglob("*") if path.is_file()):
            path = source.relative_to(unpacked).as_posix()
            moved.append(path)
            place.adopt(path, source)
        shutil.rmtree(unpacked, ignore_errors=True)  # there is none of an empty lake
        yield
    except BaseException:
        place.delete(moved, days_are_over=True)
        raise
