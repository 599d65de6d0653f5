"""A flag is new, active, inactive or launched, by what SDKs report and what it is set to."""

from typing import Any

import pytest

from flaghoist.base import clock
from flaghoist.base.clock import DAY_MS
from flaghoist.core.work import Work
from flaghoist.resources.flagging.flags import statuses

Body = dict[str, Any]
SHARES = [{"variation": 0, "weight": 50000}, {"variation": 1, "weight": 50000}]
ON = {"on": True}


def status(world: Any, *, days: float, requested: float | None) -> Body:
    """The status of flag ``x`` in ``test``, some days after its last change; ``requested`` is how long ago, in days."""

    def ask(work: Work) -> Body:
        work.now += int(days * DAY_MS)
        flag = work.read(world.address("x"))
        request = (None, None) if requested is None else (work.now - int(requested * DAY_MS), "code's own")
        return statuses.status(work, flag, work.facets(flag, ["test"])["test"], request)

    shown: Body = world.do(ask)
    return shown


@pytest.mark.parametrize(
    ("config", "days", "requested", "name"),
    [
        ({}, 6.9, None, "new"),
        ({}, 7.1, None, "inactive"),
        (ON, 1, 0.1, "active"),
        (ON, 8, 7.1, "inactive"),
        ({}, 8, 0.1, "active"),
        (ON, 6.9, 0.1, "active"),
        (ON, 7.1, 0.1, "launched"),
        (ON, 7.1, 6.9, "launched"),
        ({**ON, "fallthrough": {"variation": None, "rollout": {"variations": SHARES}}}, 8, 0.1, "active"),
        ({**ON, "targets": [{"variation": 1, "values": ["ann"]}]}, 8, 0.1, "active"),
        ({**ON, "targets": [{"variation": 0, "values": ["ann"]}]}, 8, 0.1, "launched"),
        ({**ON, "prerequisites": [{"key": "gate", "variation": 0}]}, 8, 0.1, "active"),
    ],
)
def test_the_status_follows_from_requests_and_targeting(
    world: Any, config: Body, days: float, requested: float | None, name: str
) -> None:
    world.flag("gate")
    world.flag("x")
    world.patch("x", {"environments": {"test": config}})
    assert status(world, days=days, requested=requested)["name"] == name


def test_what_is_not_known_is_not_said(world: Any) -> None:
    world.flag("x")
    assert status(world, days=1, requested=None) == {"name": "new"}
    shown = status(world, days=1, requested=0)
    assert (shown["name"], shown["default"]) == ("active", "code's own")
    assert shown["lastRequested"] > clock.rfc3339(clock.now_ms())
