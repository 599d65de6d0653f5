"""The tables beside the lake: which files are in it, and small tallies of what events have told."""

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, Text

from flaghoist.store.tables import metadata

inbox_progress = Table(
    "inbox_progress",
    metadata,
    Column("inbox", String, primary_key=True),
    Column("position", BigInteger, nullable=False),  # all up to here is in the lake
    Column("updated_at", BigInteger, nullable=False),
)

# Where in a shared log that position is: one row beside that of each partition.
log_offsets = Table(
    "log_offsets",
    metadata,
    Column("partition", String, primary_key=True),
    Column("offset", BigInteger, nullable=False),  # of the last record that is in the lake
)

lake_files = Table(
    "lake_files",
    metadata,
    Column("path", String, primary_key=True),  # relative to the lake's folder
    Column("environment", String, nullable=False),
    Column("dataset", String, nullable=False),  # exposures or outcomes
    Column("day", String, nullable=False),  # UTC day of receipt, 2026-11-23
    Column("rows", BigInteger, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("replaced_at", BigInteger),  # merged into another file; deleted when no reader can still hold it
    Index("lake_files_by_day", "environment", "dataset", "day"),
    Index("lake_files_replaced", "replaced_at"),
)

# Facts that do not count any more: of an event that came to two inboxes, the copy that was received later.
superseded_facts = Table(
    "superseded_facts",
    metadata,
    Column("environment", String, primary_key=True),
    Column("position", BigInteger, primary_key=True),
    Column("unit", String, primary_key=True),  # in digits: 64 bits without a sign
)

# Up to when events were deleted because they were old: whatever asks for more has to say so.
forgotten_events = Table(
    "forgotten_events",
    metadata,
    Column("environment", String, primary_key=True),
    Column("before", BigInteger, nullable=False),
)

flag_activity = Table(
    "flag_activity",
    metadata,
    Column("environment", String, primary_key=True),
    Column("flag", String, primary_key=True),
    Column("first_requested", BigInteger, nullable=False),
    Column("last_requested", BigInteger, nullable=False),
    Column("default_value", Text),  # JSON of the default that callers named last
)

flag_evaluations = Table(
    "flag_evaluations",
    metadata,
    Column("environment", String, primary_key=True),
    Column("flag", String, primary_key=True),
    Column("hour", BigInteger, primary_key=True),  # milliseconds at which the hour began
    Column("variation", Integer, primary_key=True),  # -1 where the caller's default was served
    Column("evaluations", BigInteger, nullable=False),
    Index("flag_evaluations_by_hour", "hour"),
)

event_keys = Table(
    "event_keys",
    metadata,
    Column("environment", String, primary_key=True),
    Column("kind", String, primary_key=True),
    Column("key", String, primary_key=True),
    Column("first_seen", BigInteger, nullable=False),
    Column("last_seen", BigInteger, nullable=False),
    Column("last_value_at", BigInteger),  # when one last carried a number
    Column("events", BigInteger, nullable=False),
)

event_units = Table(
    "event_units",
    metadata,
    Column("environment", String, primary_key=True),
    Column("kind", String, primary_key=True),
    Column("key", String, primary_key=True),
    Column("unit_kind", String, primary_key=True),
    Column("last_seen", BigInteger, nullable=False),
)

context_kinds = Table(
    "context_kinds",
    metadata,
    Column("environment", String, primary_key=True),
    Column("kind", String, primary_key=True),
    Column("first_seen", BigInteger, nullable=False),
    Column("last_seen", BigInteger, nullable=False),
)

dropped_events = Table(
    "dropped_events",
    metadata,
    Column("environment", String, primary_key=True),
    Column("day", BigInteger, primary_key=True),  # milliseconds at which the UTC day began
    Column("reason", String, primary_key=True),
    Column("events", BigInteger, nullable=False),
)

connected_sdks = Table(
    "connected_sdks",
    metadata,
    Column("environment", String, primary_key=True),
    Column("name", String, primary_key=True),
    Column("version", String, primary_key=True),
    Column("wrapper", String, primary_key=True),  # name/version, or empty
    Column("first_seen", BigInteger, nullable=False),
    Column("last_seen", BigInteger, nullable=False),
    Column("starts", BigInteger, nullable=False),
    Column("dropped_events", BigInteger, nullable=False),  # as the SDK itself reports
)
