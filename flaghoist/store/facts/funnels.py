"""How far units got on the steps of a funnel."""

from collections.abc import Sequence

import duckdb

from flaghoist.store.facts.judgement import COUNTED

_PLACE = "((moment::HUGEINT << 64) + position)"


def keep_reached(
    cursor: duckdb.DuckDBPyConnection, steps: Sequence[str], *, in_order: bool, through: int | None
) -> None:
    """In ``valued``, treat units that did not come all the way as if they had no event.

    ``steps`` are tables like ``judged``, the last one that of the metric itself.
    """
    until = "" if through is None else f" AND moment <= {through}"
    for number, judged in enumerate(steps):
        counted = f"SELECT unit, {_PLACE} AS place FROM {judged} WHERE verdict = {COUNTED}{until}"
        before = f"JOIN step_{number - 1} AS before USING (unit)" if number else ""
        later = "WHERE here.place > before.place" if number and in_order else ""
        cursor.execute(
            f"""
            CREATE OR REPLACE TEMP TABLE step_{number} AS
            SELECT unit, min(here.place) AS place FROM ({counted}) AS here {before} {later} GROUP BY unit
            """
        )
    cursor.execute(f"UPDATE valued SET y = 0, events = 0 WHERE unit NOT IN (SELECT unit FROM step_{len(steps) - 1})")
