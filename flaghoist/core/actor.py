"""Who is acting: a member, a token, or the server itself."""

from dataclasses import dataclass
from typing import Any

from flaghoist.policy.decide import Grant
from flaghoist.policy.roles import base_role


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Somebody known, with what they may do.

    ``member`` and ``token`` are summaries as the audit log shows them. A personal token acts as its member; a service
    token has none, yet ``member_id`` still names who made it.
    """

    name: str
    grant: Grant
    kind: str
    member_id: str = ""
    member: dict[str, Any] | None = None
    token: dict[str, Any] | None = None
    api_version: int | None = None

    def json(self) -> dict[str, Any]:
        """As a change records its author."""
        return {"name": self.name, "kind": self.kind, "member": self.member, "token": self.token}


def server() -> Actor:
    """The server acting for itself: first start, schedules, upkeep."""
    return Actor(name="Flaghoist", grant=Grant.of([base_role("owner")]), kind="server")
