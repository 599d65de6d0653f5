"""Settings that do not go together."""

from collections.abc import Iterator

from flaghoist.base.settings import Settings
from flaghoist.store.doctor.finding import Finding, note
from flaghoist.store.inbox import SEGMENT_BYTES


def contradictions(settings: Settings) -> Iterator[Finding]:
    """Each pair of settings of which one undoes the other."""
    days, hours = settings.event_retention_days, settings.max_lateness_hours
    if days and hours > days * 24:
        yield Finding(
            "settings-lateness",
            f"max_lateness_hours lets events be {hours} hours late, "
            f"and event_retention_days deletes them after {days} days",
            "lower the one or raise the other",
        )
    if settings.body_limit > settings.inflated_limit:
        yield Finding(
            "settings-limits",
            "body_limit is larger than inflated_limit, so bodies are refused that the first says are welcome",
            "raise inflated_limit to at least body_limit",
        )
    if 0 < settings.inbox_limit < SEGMENT_BYTES:
        yield Finding(
            "settings-inbox",
            f"inbox_limit is below one segment of the inbox ({SEGMENT_BYTES} bytes), so events are refused ever again",
            "raise inbox_limit, or set 0 for no limit",
        )
    if settings.database_url and (settings.data_dir / "state.db").exists():
        yield Finding(
            "settings-two-states",
            f"database_url is set, and there is another state in {settings.data_dir / 'state.db'} that nobody reads",
            "move state.db away, or leave database_url out to use it",
        )
    elsewhere = "lake_url" if settings.lake_url else "lake_dir" if settings.lake_dir else ""
    if elsewhere and any((settings.data_dir / "lake").glob("env=*")):
        yield Finding(
            "settings-two-lakes",
            f"{elsewhere} is set, and there are facts in {settings.data_dir / 'lake'} that nobody reads",
            f"move them to {elsewhere} while the server is stopped, or leave {elsewhere} out",
        )
    if settings.migrate_on_start == "no":
        yield note("settings-migrate", "migrate_on_start is 'no'", "run 'flaghoist migrate' after each upgrade")
