"""Who looks after a metric or a group: a member or a team, never both."""

from typing import Any

from flaghoist.base.errors import Invalid
from flaghoist.core import addresses
from flaghoist.core.resource import Body
from flaghoist.core.work import Document, Work
from flaghoist.rest.render import Look, link

MEMBER, TEAM = "maintainerId", "maintainerTeamKey"


def check_maintainer(work: Work, before: Body | None, after: Body) -> None:
    """Refuse a maintainer who does not exist; one who has left since does not stand in the way of other changes."""
    if after.get(MEMBER) and after.get(TEAM):
        raise Invalid(f"'{MEMBER}' and '{TEAM}' cannot both be set; remove one of them")
    for name, kind in ((MEMBER, "member"), (TEAM, "team")):
        wanted = after.get(name)
        if wanted and wanted != (before or {}).get(name) and work.find(f"{kind}/{wanted}") is None:
            raise Invalid(f"{name}: there is no {kind} '{wanted}'")


def settle_maintainer(before: Body | None, after: Body) -> None:
    """Whoever is named takes the place of whoever was there, member or team."""
    if before is None or not (after.get(MEMBER) and after.get(TEAM)):
        return
    for named, other in ((MEMBER, TEAM), (TEAM, MEMBER)):
        if after[named] != before.get(named) and after[other] == before.get(other):
            del after[other]
            return


def team_of(look: Look, body: Body) -> Document | None:
    """The team that maintains something, if one does."""
    key = body.get(TEAM)
    return look.once(f"team {key}", lambda: look.work.find(f"team/{key}")) if key else None


def team_summary(team: Document) -> dict[str, Any]:
    """A team in a few members (``MemberTeamSummaryRep``, which also holds all of ``MaintainerTeam``)."""
    key = addresses.name(team.address)
    return {
        "_links": {
            "parent": link("/api/v2/teams"),
            "roles": link("/api/v2/teams", key, "roles"),
            "self": link("/api/v2/teams", key),
        },
        "key": key,
        "name": team.body.get("name", key),
        "customRoleKeys": team.body.get("customRoleKeys", []),
    }
