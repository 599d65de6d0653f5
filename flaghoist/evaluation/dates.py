"""Instants in clauses and contexts: RFC 3339 date-times."""

import re
from datetime import datetime

# RFC 3339, section 5.6, without leap seconds.
_DATE_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt]"
    r"[0-2][0-9]:[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?"
    r"(?:[Zz]|[+-][0-2][0-9]:[0-5][0-9])"
)


def parse_date_time(text: str) -> float | None:
    """Milliseconds since the Unix epoch, or None for anything but a date, a time and a zone.

    Fractions count to the microsecond; what is finer is cut off.
    """
    if not _DATE_TIME.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text.upper()).timestamp() * 1000.0
    except ValueError:  # the 31st of June, hour 29
        return None
