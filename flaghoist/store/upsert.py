"""Insert, or fold into the row that is there: the same on SQLite and PostgreSQL."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Table, case, func
from sqlalchemy.dialects import postgresql, sqlite


def upsert(
    connection: Connection,
    table: Table,
    rows: Sequence[dict[str, Any]],
    *,
    add: Sequence[str] = (),
    highest: Sequence[str] = (),
    replace: Sequence[str] = (),
) -> None:
    """Insert rows; where the primary key exists, ``add`` to, take the ``highest`` of, or ``replace`` some columns.

    A null never replaces a value. Columns not named keep what they have.
    """
    if not rows:
        return
    dialect: Any = sqlite if connection.dialect.name == "sqlite" else postgresql
    statement = dialect.insert(table)
    new = statement.excluded
    folded: dict[str, Any] = {name: table.c[name] + new[name] for name in add}
    for name in highest:
        old = table.c[name]
        folded[name] = case((old.is_(None), new[name]), (new[name] > old, new[name]), else_=old)
    for name in replace:
        folded[name] = func.coalesce(new[name], table.c[name])
    keys = [column.name for column in table.primary_key]
    # In the order of keys, so that two writers never wait for each other in a circle.
    ordered = sorted(rows, key=lambda row: tuple(row[name] for name in keys))
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=folded), ordered)
