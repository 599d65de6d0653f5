"""Where the lake is, as set."""

from pathlib import Path

from flaghoist.app.upgrading import CannotStart
from flaghoist.base.settings import Settings
from flaghoist.store.facts.places.address import bucket_at
from flaghoist.store.facts.places.folder import Folder
from flaghoist.store.facts.places.port import Place


def lake_place(settings: Settings, *, copies: Path | None = None) -> Place:
    """The folder or the bucket that settings name, not yet connected; raises ``CannotStart``.

    What is read from a bucket is copied to a folder in the data folder, or to ``copies``, which then keeps none.
    """
    if not settings.lake_url:
        return Folder(Path(settings.lake_dir or settings.data_dir / "lake"))
    if settings.lake_dir:
        raise CannotStart("FLAGHOIST_LAKE_DIR and FLAGHOIST_LAKE_URL are both set: the lake is in one place")
    try:
        return bucket_at(
            settings.lake_url,
            copies or settings.data_dir / "lake-cache",
            endpoint=settings.lake_s3_endpoint,
            cache_bytes=0 if copies else settings.lake_cache_bytes,
            spare_bytes=2 * settings.disk_reserve,
        )
    except ValueError as error:
        raise CannotStart(str(error)) from None
