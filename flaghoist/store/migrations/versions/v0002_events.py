"""lake files, inbox progress, and tallies of events"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "inbox_progress",
        sa.Column("inbox", sa.String(), primary_key=True),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "lake_files",
        sa.Column("path", sa.String(), primary_key=True),
        sa.Column("environment", sa.String(), nullable=False),
        sa.Column("dataset", sa.String(), nullable=False),
        sa.Column("day", sa.String(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("replaced_at", sa.BigInteger()),
    )
    op.create_index("lake_files_by_day", "lake_files", ["environment", "dataset", "day"])
    op.create_index("lake_files_replaced", "lake_files", ["replaced_at"])
    op.create_table(
        "flag_activity",
        sa.Column("environment", sa.String(), primary_key=True),
        sa.Column("flag", sa.String(), primary_key=True),
        sa.Column("first_requested", sa.BigInteger(), nullable=False),
        sa.Column("last_requested", sa.BigInteger(), nullable=False),
        sa.Column("default_value", sa.Text()),
    )
    op.create_table(
        "flag_evaluations",
        sa.Column("environment", sa.String(), primary_key=True),
        sa.Column("flag", sa.String(), primary_key=True),
        sa.Column("hour", sa.BigInteger(), primary_key=True),
        sa.Column("variation", sa.Integer(), primary_key=True),
        sa.Column("evaluations", sa.BigInteger(), nullable=False),
    )
    op.create_index("flag_evaluations_by_hour", "flag_evaluations", ["hour"])
    op.create_table(
        "event_keys",
        sa.Column("environment", sa.String(), primary_key=True),
        sa.Column("kind", sa.String(), primary_key=True),
        sa.Column("key", sa.String(), primary_key=True),
        sa.Column("first_seen", sa.BigInteger(), nullable=False),
        sa.Column("last_seen", sa.BigInteger(), nullable=False),
        sa.Column("last_value_at", sa.BigInteger()),
        sa.Column("events", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "event_units",
        sa.Column("environment", sa.String(), primary_key=True),
        sa.Column("kind", sa.String(), primary_key=True),
        sa.Column("key", sa.String(), primary_key=True),
        sa.Column("unit_kind", sa.String(), primary_key=True),
        sa.Column("last_seen", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "context_kinds",
        sa.Column("environment", sa.String(), primary_key=True),
        sa.Column("kind", sa.String(), primary_key=True),
        sa.Column("first_seen", sa.BigInteger(), nullable=False),
        sa.Column("last_seen", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "dropped_events",
        sa.Column("environment", sa.String(), primary_key=True),
        sa.Column("day", sa.BigInteger(), primary_key=True),
        sa.Column("reason", sa.String(), primary_key=True),
        sa.Column("events", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "connected_sdks",
        sa.Column("environment", sa.String(), primary_key=True),
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("version", sa.String(), primary_key=True),
        sa.Column("wrapper", sa.String(), primary_key=True),
        sa.Column("first_seen", sa.BigInteger(), nullable=False),
        sa.Column("last_seen", sa.BigInteger(), nullable=False),
        sa.Column("starts", sa.BigInteger(), nullable=False),
        sa.Column("dropped_events", sa.BigInteger(), nullable=False),
    )
