"""which copy of an event counts that was sent to several inboxes"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("claims", sa.Column("position", sa.BigInteger(), nullable=False, server_default="0"))
    op.create_table(
        "superseded_facts",
        sa.Column("environment", sa.String(), primary_key=True),
        sa.Column("position", sa.BigInteger(), primary_key=True),
        sa.Column("unit", sa.String(), primary_key=True),
    )
