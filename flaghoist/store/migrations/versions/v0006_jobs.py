"""jobs, and how far those have come who follow the changes"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True),
        sa.Column("queue", sa.String(), nullable=False),
        sa.Column("lane", sa.String(), nullable=False),
        sa.Column("uniq", sa.String(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("due_at", sa.BigInteger()),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("died_at", sa.BigInteger()),
        sa.Column("error", sa.String(), nullable=False),
    )
    op.create_index("jobs_by_uniq", "jobs", ["queue", "uniq"], unique=True)
    op.create_index("jobs_by_due", "jobs", ["queue", "due_at"])
    op.create_index("jobs_by_lane", "jobs", ["queue", "lane", "due_at"])
    op.create_index("jobs_by_end", "jobs", ["died_at"])
    op.create_table(
        "followers",
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
    )
