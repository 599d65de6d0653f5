"""up to when events were deleted because they were old"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "forgotten_events",
        sa.Column("environment", sa.String(), primary_key=True),
        sa.Column("before", sa.BigInteger(), nullable=False),
    )
