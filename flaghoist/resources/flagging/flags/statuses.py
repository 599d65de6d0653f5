"""How much a flag is used: new, active, inactive, or launched and ready to be removed from code."""

from collections.abc import Mapping
from typing import Any, Protocol

from flaghoist.base import clock
from flaghoist.base.clock import DAY_MS
from flaghoist.core import addresses
from flaghoist.core.resource import Body
from flaghoist.core.work import Document, Facet, Work
from flaghoist.resources.flagging.flags import targeting
from flaghoist.rest.render import link

QUIET_MS = 7 * DAY_MS
"""A week: for so long a flag is new, and after so long without a request or a change it has come to rest."""


Request = tuple[int | None, Any]
"""When a flag was last requested, in milliseconds, and the default value that code gives; None where unknown."""

NEVER: Request = (None, None)


class Activity(Protocol):
    """What SDKs have reported of flags in an environment."""

    def flag_status(self, environment_id: str, flag_key: str) -> Request:
        """The last request of one flag."""
        ...

    def flag_statuses(self, environment_id: str) -> Mapping[str, Request]:
        """The last request of every flag that has been requested, by key."""
        ...


def last_request(work: Work, environment: Document, flag: Document) -> Request:
    """The last request of one flag, where somebody counts."""
    activity: Activity | None = work.services.get("activity")
    return activity.flag_status(environment.body["_id"], flag.body["key"]) if activity else NEVER


def last_requests(work: Work, environment: Document) -> Mapping[str, Request]:
    """The last requests of all flags, by key."""
    activity: Activity | None = work.services.get("activity")
    return activity.flag_statuses(environment.body["_id"]) if activity else {}


def status(work: Work, flag: Document, config: Facet, request: Request) -> Body:
    """``{"name": …, "lastRequested": …, "default": …}``, the last two where they are known."""
    requested_at, default = request
    shown: Body = {"name": _name(work.now, requested_at, flag, config)}
    if requested_at is not None:
        shown["lastRequested"] = clock.rfc3339(requested_at)
    if default is not None:
        shown["default"] = default
    return shown


def linked(environment: Document, flag: Document, shown: Body) -> Body:
    """A status with its links."""
    project = addresses.step(flag.address, "proj")
    own = link("/api/v2/flag-statuses", project, environment.body["key"], flag.body["key"])
    return {"_links": {"parent": link("/api/v2/flags", project, flag.body["key"]), "self": own}, **shown}


def _name(now: int, requested_at: int | None, flag: Document, config: Facet) -> str:
    if requested_at is None:
        return "new" if now - flag.created_at < QUIET_MS else "inactive"
    if now - requested_at > QUIET_MS:
        return "inactive"
    at_rest = now - config.updated_at > QUIET_MS
    return "launched" if at_rest and config.body["on"] and len(_served(config.body)) == 1 else "active"


def _served(config: Body) -> set[int]:
    """The variations that somebody may get while the flag is on."""
    found = {index for _, serve in targeting.serves(config) for index in targeting.served(serve)}
    for field in ("targets", "contextTargets"):
        found |= {target["variation"] for target in config[field] if target["values"]}
    return found | ({config.get("offVariation", -1)} if config["prerequisites"] else set())
