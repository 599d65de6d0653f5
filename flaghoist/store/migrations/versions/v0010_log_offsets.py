"""how far each partition of a shared event log is in the lake"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "log_offsets",
        sa.Column("partition", sa.String(), primary_key=True),
        sa.Column("offset", sa.BigInteger(), nullable=False),
    )
