"""what processes show each other of the events they receive, while somebody watches"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    # Nothing that must outlive a crash: PostgreSQL need not write it twice.
    prefixes = ["UNLOGGED"] if op.get_bind().dialect.name == "postgresql" else []
    op.create_table(
        "watched_environments",
        sa.Column("environment_id", sa.String(), primary_key=True),
        sa.Column("process", sa.String(), primary_key=True),
        sa.Column("until", sa.BigInteger(), nullable=False),
        prefixes=prefixes,
    )
    op.create_table(
        "sightings",
        sa.Column("environment_id", sa.String(), primary_key=True),
        sa.Column("process", sa.String(), primary_key=True),
        sa.Column("number", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("record", sa.LargeBinary(), nullable=False),
        prefixes=prefixes,
    )
