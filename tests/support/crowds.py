"""Crowds who see variations and buy, told to a laboratory by import; and what results say of them."""

import time
from typing import Any

from laboratory import Laboratory

Event = dict[str, Any]


def exposure(user: str, variation: int, **attributes: Any) -> Event:
    context = {"kind": "user", "key": user, **attributes}
    return {"kind": "feature", "key": "button", "variation": variation, "context": context, "creationDate": now()}


def sale(user: str, amount: float | None = None, **more: Any) -> Event:
    number = {} if amount is None else {"metricValue": amount}
    return {"kind": "custom", "key": "sold", "contextKeys": {"user": user}, "creationDate": now(), **number, **more}


def now() -> int:
    return int(time.time() * 1000)


def tell(lab: Laboratory, *events: Event) -> None:
    """Import events, each of which must be taken."""
    answer = lab.server.call(
        "POST",
        f"/v2/event-data-import/{lab.project}/{lab.environment}?strict=true",
        json=list(events),
        headers={"X-LaunchDarkly-Event-Schema": "4", "X-Import-Extensions": "1"},
    )
    assert answer.status_code == 202, answer.text
    assert answer.json() == {"accepted": len(events), "rejected": [], "duplicates": 0}


def ask(lab: Laboratory, metric: str = "sold", more: str = "", key: str = "colour") -> Any:
    return lab.server.ok("GET", f"{lab.path}/{key}/metrics/{metric}/results?expand=traffic{more}")


def arm(shown: Any, name: str, place: int = 0) -> Any:
    return next(each for each in shown["results"][place]["treatmentResults"] if each["treatmentName"] == name)


def crowd(lab: Laboratory, sizes: tuple[int, ...], buyers: tuple[int, ...]) -> None:
    """So many people see each variation, and so many of those buy."""
    seen = [exposure(f"p{arm}-{number}", arm) for arm, size in enumerate(sizes) for number in range(size)]
    bought = [sale(f"p{arm}-{number}", 10) for arm, count in enumerate(buyers) for number in range(count)]
    tell(lab, *seen, *bought)
