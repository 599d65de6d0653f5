"""Which engine a setting names, and what must be installed for it."""

import importlib.util
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from flaghoist.store.facts.engines.port import Engine

FORMS = (
    "clickhouse://user:password@host:8123/database?lake=…",
    "spark://host:7077?lake=…",
    "sc://host:15002?lake=…",
    "trino://user@host:8080/catalog/schema?scratch=catalog.schema&lake=…",
)


def engine_at(url: str) -> Engine | None:
    """The engine of ``analysis_url``, not yet connected; None for DuckDB in this process.

    Raises ``ValueError`` naming what is wrong with the address, or the extra that is not installed.
    """
    if not url:
        return None
    try:
        address = urlsplit(url)
        port = address.port
    except ValueError as error:
        raise ValueError(f"FLAGHOIST_ANALYSIS_URL cannot be read: {error}") from None
    if address.scheme not in _OPEN:
        raise ValueError(f"FLAGHOIST_ANALYSIS_URL begins with none of the engines known: {', '.join(FORMS)}")
    extra, packages, options, opens = _OPEN[address.scheme]
    missing = [package for package in packages if importlib.util.find_spec(package) is None]
    if missing:
        raise ValueError(
            f"FLAGHOIST_ANALYSIS_URL asks for {address.scheme}, but {', '.join(missing)} is not installed: "
            f"pip install 'flaghoist[{extra}]'"
        )
    if not address.hostname:
        raise ValueError(f"FLAGHOIST_ANALYSIS_URL names no host: {FORMS}")
    return opens(address, port, _options(address, options))


def _options(address: SplitResult, known: tuple[str, ...]) -> dict[str, str]:
    given = {name: values[-1] for name, values in parse_qs(address.query).items()}
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise ValueError(f"FLAGHOIST_ANALYSIS_URL has '{unknown[0]}'; {address.scheme} knows {', '.join(known)}")
    return {name: given.get(name, "") for name in known}


def _clickhouse(address: SplitResult, port: int | None, options: dict[str, str]) -> Engine:
    from flaghoist.store.facts.engines.clickhouse import ClickHouseEngine
    from flaghoist.store.facts.engines.clickhouse_http import http_client

    secure = options["secure"] == "true"
    connect = partial(
        http_client,
        address.hostname or "",
        port or (8443 if secure else 8123),
        user=unquote(address.username or ""),
        password=unquote(address.password or ""),
        database=address.path.strip("/"),
        secure=secure,
    )
    return ClickHouseEngine(connect, lake=options["lake"], cluster=options["cluster"])


def _spark(address: SplitResult, port: int | None, options: dict[str, str]) -> Engine:
    from flaghoist.store.facts.engines.spark import SparkEngine

    place = f"{address.scheme}://{address.netloc}"

    def connect() -> Any:
        from pyspark.sql import SparkSession

        builder = SparkSession.builder.appName("flaghoist")
        return (builder.remote(place) if address.scheme == "sc" else builder.master(place)).getOrCreate()

    return SparkEngine(connect, lake=options["lake"])


def _trino(address: SplitResult, port: int | None, options: dict[str, str]) -> Engine:
    from flaghoist.store.facts.engines.trino import TrinoEngine

    catalog, _, schema = address.path.strip("/").partition("/")
    for name, given in (("catalog and schema", catalog and schema), ("scratch", options["scratch"])):
        if not given:
            raise ValueError(f"FLAGHOIST_ANALYSIS_URL names no {name}: {FORMS[-1]}")
    secure = options["secure"] == "true" or bool(address.password)  # Trino takes passwords over TLS alone

    host = address.hostname or ""

    def connect() -> Any:
        from trino.auth import BasicAuthentication
        from trino.dbapi import Connection

        user = unquote(address.username or "flaghoist")
        return Connection(
            host=host,
            port=port or (443 if secure else 8080),
            user=user,
            http_scheme="https" if secure else "http",
            auth=BasicAuthentication(user, unquote(address.password)) if address.password else None,
        )

    return TrinoEngine(connect, tables=f"{catalog}.{schema}", scratch=options["scratch"], lake=options["lake"])


_Open = Callable[[SplitResult, int | None, dict[str, str]], Engine]
_OPEN: dict[str, tuple[str, tuple[str, ...], tuple[str, ...], _Open]] = {
    "clickhouse": ("clickhouse", ("sqlglot",), ("lake", "cluster", "secure"), _clickhouse),
    "spark": ("spark", ("sqlglot", "pyspark"), ("lake",), _spark),
    "sc": ("spark", ("sqlglot", "pyspark"), ("lake",), _spark),
    "trino": ("trino", ("sqlglot", "trino"), ("lake", "scratch", "secure"), _trino),
}
"""By scheme: the extra, its packages, the options, and what opens it."""
