"""Which bucket a setting names, and what must be installed for it."""

import importlib.util
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from flaghoist.store.facts.places.bucket import Bucket

CONNECT_SECONDS, REQUEST_SECONDS, RETRY_SECONDS = 3, 30, 10
"""Short: who waits for an answer is told, and events wait where they are."""


def bucket_at(url: str, folder: Path, *, endpoint: str = "", cache_bytes: int, spare_bytes: int = 0) -> "Bucket":
    """The bucket of ``lake_url``, not yet connected; credentials and region are in the usual ``AWS_*`` variables.

    Raises ``ValueError`` naming what is wrong with the address, or the extra that is not installed.
    """
    address = urlsplit(url)
    if address.scheme != "s3" or not address.hostname or address.query or address.fragment or address.username:
        raise ValueError(f"FLAGHOIST_LAKE_URL must be s3://bucket/prefix, not '{url}'")
    if endpoint and urlsplit(endpoint).scheme not in ("http", "https"):
        raise ValueError(f"FLAGHOIST_LAKE_S3_ENDPOINT must begin with https:// or http://, not '{endpoint}'")
    if importlib.util.find_spec("obstore") is None:
        raise ValueError(
            "FLAGHOIST_LAKE_URL asks for object storage, but obstore is not installed: pip install 'flaghoist[s3]'"
        )
    from obstore.store import S3Store

    from flaghoist.store.facts.places.bucket import Bucket

    prefix = address.path.strip("/")
    more = {"endpoint": endpoint} if endpoint else {}
    store = S3Store(
        address.hostname,
        prefix=prefix or None,
        checksum_algorithm="SHA256",
        client_options={
            "allow_http": endpoint.startswith("http://"),
            "connect_timeout": timedelta(seconds=CONNECT_SECONDS),
            "timeout": timedelta(seconds=REQUEST_SECONDS),
        },
        retry_config={"max_retries": 2, "retry_timeout": timedelta(seconds=RETRY_SECONDS)},
        **more,  # type: ignore[arg-type]
    )
    name = f"s3://{address.hostname}/{prefix}".rstrip("/")
    return Bucket(store, name, folder, cache_bytes=cache_bytes, spare_bytes=spare_bytes)
