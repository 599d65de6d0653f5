"""what processes that share one state know of each other: leases, counters, inboxes, claims"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "leases",
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "counters",
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("window_start", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("counters_by_end", "counters", ["ends_at"])
    op.create_table(
        "inboxes",
        sa.Column("inbox", sa.String(), primary_key=True),
        sa.Column("through", sa.BigInteger(), nullable=False),
        sa.Column("alive_until", sa.BigInteger(), nullable=False),
        sa.Column("is_carried_over", sa.Integer(), nullable=False),
    )
    op.create_table(
        "claims",
        sa.Column("digest", sa.LargeBinary(), primary_key=True),
        sa.Column("until", sa.BigInteger(), nullable=False),
    )
    op.create_index("claims_by_end", "claims", ["until"])
