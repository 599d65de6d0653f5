"""How far units got on the steps of a funnel."""

from collections.abc import Sequence

from flaghoist.store.facts.engines.port import Session
from flaghoist.store.facts.judgement import COUNTED


def keep_reached(session: Session, steps: Sequence[str], *, in_order: bool, through: int | None) -> None:
    """In ``valued``, treat units that did not come all the way as if they had no event.

    ``steps`` are tables like ``judged``, the last one that of the metric itself.
    """
    until = "" if through is None else f" AND moment <= {through}"
    for number, judged in enumerate(steps):
        counted = f"SELECT unit, place_of(moment, position, 0) AS place FROM {judged} WHERE verdict = {COUNTED}{until}"
        before = f"JOIN step_{number - 1} AS earlier ON here.unit = earlier.unit" if number else ""
        later = "WHERE here.place > earlier.place" if number and in_order else ""
        session.keep(
            f"step_{number}",
            f"SELECT here.unit, min(here.place) AS place FROM ({counted}) AS here {before} {later} GROUP BY here.unit",
        )
    session.keep(
        "valued",
        f"""
        SELECT valued.unit, valued.variation, valued.slice,
          CASE WHEN last_step.unit IS NULL THEN 0 ELSE valued.events END AS events,
          CASE WHEN last_step.unit IS NULL THEN 0 ELSE valued.y END AS y
        FROM valued LEFT JOIN step_{len(steps) - 1} AS last_step ON valued.unit = last_step.unit
        """,
    )
