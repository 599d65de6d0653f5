"""Everything that can be set: flags of ``flaghoist serve``, each also as ``FLAGHOIST_*``."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any

from flaghoist.base.sizes import GIBIBYTE, MEBIBYTE


def _setting(
    default: Any,
    text: str,
    *,
    secret: bool = False,
    between: tuple[int, int] = (0, 2**31 - 1),
    among: Sequence[str] = (),
) -> Any:
    """``between`` bounds whole numbers, both ends included; ``among`` lists what else is possible."""
    return field(default=default, metadata={"help": text, "secret": secret, "between": between, "among": among})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Each field is a command-line flag (``--data-dir``) and a variable (``FLAGHOIST_DATA_DIR``)."""

    host: str = _setting("127.0.0.1", "address to listen on")
    port: int = _setting(8800, "port to listen on; 0 picks a free one", between=(0, 65535))
    tls_cert: str = _setting("", "PEM file with the certificate and its chain, to serve HTTPS; needs tls_key")
    tls_key: str = _setting("", "PEM file with the certificate's key, not encrypted; needs tls_cert")
    data_dir: Path = _setting(Path("data"), "folder that holds state and events")
    database_url: str = _setting("", "postgresql://… to keep state there; events stay in the data folder", secret=True)
    database_seconds: int = _setting(
        30, "how long PostgreSQL may take over one statement before it is given up", between=(1, 3600)
    )
    workers: int = _setting(1, "processes that serve, on one address; about one for each core", between=(1, 64))
    event_log_url: str = _setting(
        "",
        "kafka://host:port/topic or nats://host:port/stream that takes events for all nodes [an inbox on disk]",
        secret=True,
    )
    nudge_url: str = _setting(
        "",
        "nats://… or redis://… to nudge other nodes; else PostgreSQL does, or sockets in the data folder",
        secret=True,
    )
    lake_dir: str = _setting("", "folder of facts, shared by all nodes [lake in the data folder]")
    lake_url: str = _setting("", "s3://bucket/prefix of facts, shared by all nodes, in place of lake_dir")
    lake_s3_endpoint: str = _setting("", "https://… of an S3 server other than AWS, for lake_url")
    lake_cache_bytes: int = _setting(
        10 * GIBIBYTE, "most bytes of facts from lake_url that are kept in the data folder", between=(0, 2**63 - 1)
    )
    analysis_url: str = _setting(
        "", "clickhouse://…, spark://…, sc://… or trino://…, which answers for experiments [DuckDB]", secret=True
    )
    secret_key: str = _setting(
        "", "32 bytes in base64 that secrets at rest are sealed with; else secret.key in the data folder", secret=True
    )
    access_token: str = _setting("", "the first admin token, for an empty store (else one is made)", secret=True)
    owner_email: str = _setting("owner@example.com", "who owns the account, for an empty store")
    beta_gate: str = _setting(
        "permissive", "'strict' asks LD-API-Version: beta of beta operations", among=("permissive", "strict")
    )
    outbound_allow: str = _setting(
        "", "networks and hosts, with commas, that webhooks may reach beyond the public internet"
    )
    rate_limit: int = _setting(0, "REST requests per access token in 10 seconds; 0 means no limit")
    import_rate_limit: int = _setting(0, "event imports per access token in 10 seconds; 0 means no limit")
    answer_seconds: int = _setting(60, "how long a REST request may take before it is given up", between=(1, 3600))
    body_limit: int = _setting(10 * MEBIBYTE, "largest request body, in bytes on the wire")
    inflated_limit: int = _setting(20 * MEBIBYTE, "largest request body after gunzip, in bytes")
    heartbeat_seconds: int = _setting(60, "time between comments on idle streams", between=(1, 3600))
    idle_minutes: int = _setting(60, "for which an environment that no SDK asks for stays in memory; 0 means for ever")
    max_lateness_hours: int = _setting(72, "how old an imported event may be under event-time attribution")
    event_retention_days: int = _setting(0, "days for which events are kept; 0 means for ever", between=(0, 36_500))
    audit_retention_days: int = _setting(
        0, "days for which entries of the audit log are kept; 0 means for ever", between=(0, 36_500)
    )
    migrate_on_start: str = _setting("yes", "'no' refuses to start on an older schema", among=("yes", "no"))
    inbox_limit: int = _setting(
        10 * GIBIBYTE, "most bytes of events that may wait on disk; 0 means no limit", between=(0, 2**63 - 1)
    )
    disk_reserve: int = _setting(
        64 * MEBIBYTE, "bytes of the disk that events leave free for everything else", between=(0, 2**63 - 1)
    )
    log_level: str = _setting("info", "debug, info, warning or error", among=("debug", "info", "warning", "error"))
    log_format: str = _setting("text", "'json' writes one JSON object a line", among=("text", "json"))
    access_log: str = _setting("no", "'yes' logs each request, by its route", among=("yes", "no"))
    metrics_token: str = _setting("", "what /metrics asks for; without it only this machine is answered", secret=True)
    otlp_endpoint: str = _setting("", "http://… of an OpenTelemetry collector that is sent spans")
    drain_seconds: int = _setting(
        0, "how long to go on serving after SIGTERM, no longer ready, until balancers have noticed", between=(0, 300)
    )

    @classmethod
    def load(cls, flags: Mapping[str, Any], environ: Mapping[str, str] | None = None) -> "Settings":
        """Flags given on the command line win over the environment, which wins over the defaults.

        Raises ``ValueError`` naming the setting that cannot be read.
        """
        environ = os.environ if environ is None else environ
        chosen: dict[str, Any] = {}
        for each in fields(cls):
            variable = f"FLAGHOIST_{each.name.upper()}"
            given = flags.get(each.name)
            if given is None:
                given = environ.get(variable) or None
            if given is not None:
                chosen[each.name] = _typed(each, given, variable)
        return cls(**chosen)

    def described(self) -> dict[str, str]:
        """Every setting as text, secrets masked."""
        shown = {each.name: str(getattr(self, each.name)) for each in fields(self)}
        secrets = {each.name for each in fields(self) if each.metadata["secret"]}
        return {name: "(set)" if text and name in secrets else text for name, text in shown.items()}


def _typed(each: Field[Any], given: Any, variable: str) -> Any:
    if each.type in (int, "int"):
        return _whole(given, each.metadata["between"], variable)
    if each.type in (Path, "Path"):
        return Path(given)
    among = each.metadata["among"]
    if among and given not in among:
        raise ValueError(f"{variable} must be one of {', '.join(among)}, not '{given}'")
    return str(given)


def _whole(given: Any, between: tuple[int, int], variable: str) -> int:
    least, most = between
    try:
        number = int(given)
    except ValueError:
        raise ValueError(f"{variable} must be a whole number, not '{given}'") from None
    if not least <= number <= most:
        raise ValueError(f"{variable} must be between {least} and {most}, not {number}")
    return number
