"""outlines of changes, which the audit log is searched by"""

import json

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    outlines = op.create_table(
        "change_outlines",
        sa.Column("at", sa.BigInteger(), primary_key=True),
        sa.Column("seq", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("member_id", sa.String(), nullable=False),
        sa.Column("token_id", sa.String(), nullable=False),
        sa.Column("accesses", sa.Text(), nullable=False),
        sqlite_with_rowid=False,
    )
    connection = op.get_bind()
    query = sa.text("SELECT * FROM changes WHERE seq > :seq ORDER BY seq LIMIT 500")
    seq = 0
    while found := connection.execute(query, {"seq": seq}).mappings().all():
        connection.execute(sa.insert(outlines), [_outline(change) for change in found])
        seq = found[-1]["seq"]


def _outline(change: sa.RowMapping) -> dict[str, object]:
    body = json.loads(change["body"])
    actor = body.get("actor") or {}
    accesses = [(access["action"], access["resource"]) for access in body.get("accesses") or ()]
    return {
        **{name: change[name] for name in ("at", "seq", "id", "kind", "address", "name")},
        "member_id": (actor.get("member") or {}).get("_id", ""),
        "token_id": (actor.get("token") or {}).get("_id", ""),
        "accesses": json.dumps(accesses, ensure_ascii=False, separators=(",", ":")),
    }
