"""The official server-side SDK for Python, set to one of our servers and closed with all that it opened."""

import gc
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import ldclient
from ldclient.config import Config

START_WAIT = 10.0
END_WAIT = 10.0


@contextmanager
def following(url: str, sdk_key: str, start_wait: float = START_WAIT, **options: Any) -> Iterator[ldclient.LDClient]:
    """An SDK that follows an environment until the block ends; options are those of its ``Config``.

    Events are sent only when ``send_events`` says so.
    """
    others = set(threading.enumerate())
    uris = {"base_uri": url, "stream_uri": url, "events_uri": url}
    client = ldclient.LDClient(
        Config(sdk_key, **{"send_events": False, "diagnostic_opt_out": True, **uris, **options}), start_wait=start_wait
    )
    own = [each for each in set(threading.enumerate()) - others if each.name.startswith(("ldclient", "FDv2"))]
    try:
        yield client
    finally:
        client.close()
        for thread in own:
            thread.join(END_WAIT)
        del client
        _collect_its_sockets()


def _collect_its_sockets() -> None:
    """The SDK leaves the sockets of refused and of closed streams to the garbage collector."""
    with warnings.catch_warnings(action="ignore", category=ResourceWarning):
        gc.collect()
