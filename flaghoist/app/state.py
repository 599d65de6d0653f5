"""Where the state store is."""

from flaghoist.base.settings import Settings
from flaghoist.store.database import sqlite_url


def state_url(settings: Settings) -> str:
    """The address of the state store, with the driver that speaks to it."""
    url = settings.database_url
    if not url:
        return sqlite_url(settings.data_dir)
    scheme, separator, rest = url.partition("://")
    if scheme in ("postgres", "postgresql"):
        return f"postgresql+psycopg{separator}{rest}"
    return url
