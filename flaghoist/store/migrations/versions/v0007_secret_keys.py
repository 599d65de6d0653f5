"""which keys secrets are sealed with"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "secret_keys",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("proof", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("covers", sa.Text(), nullable=False),
    )
