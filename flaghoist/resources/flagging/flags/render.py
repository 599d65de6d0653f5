"""How a flag is shown: itself, and what it does in the environments that were asked for."""

from collections.abc import Sequence
from typing import Any

from flaghoist.base.errors import NotFound
from flaghoist.core import addresses
from flaghoist.core.resource import Body
from flaghoist.core.work import Document, Facet
from flaghoist.resources.flagging.flags import targeting, variations
from flaghoist.rest import filters
from flaghoist.rest.query import Query
from flaghoist.rest.render import Look, link, site

PAGED_SINCE = 20240415
"""From this version on, a list has environments only where it asks for some."""

SUMMARY_SINCE = 20191212
_HIDDEN = frozenset({"environments", "purpose", "migrationSettings"})
_LONG = frozenset({"targets", "contextTargets", "rules", "prerequisites"})


def render(look: Look, flag: Document) -> Body:
    """One flag for whoever looks at it."""
    project = addresses.step(flag.address, "proj")
    shown = {name: value for name, value in flag.body.items() if name not in _HIDDEN}
    shown |= {
        "kind": variations.kind(flag.body["variations"]),
        "_version": flag.version,
        "creationDate": flag.created_at,
        "variationJsonSchema": None,
        "goalIds": [],
        "experiments": {"baselineIdx": 0, "items": []},
        "_links": {
            "parent": link("/api/v2/flags", project),
            "self": link("/api/v2/flags", project, flag.body["key"]),
        },
        **_maintainers(look, flag),
    }
    if look.detail:
        shown["_access"] = look.access(flag)
    if "purpose" in flag.body:
        shown["_purpose"] = flag.body["purpose"]
    if "migrationSettings" in flag.body and look.expands("migrationSettings"):
        shown["migrationSettings"] = flag.body["migrationSettings"]
    shown |= _environments(look, flag)
    return shown


def asked_environments(query: Query) -> list[str]:
    """The environments that a list is asked for, by ``env`` or by the filter ``filterEnv``."""
    conditions = filters.pairs(query.text("filter"))
    filtered = [condition.text for condition in conditions if condition.field == "filterEnv"]
    return list(dict.fromkeys([*query.all("env"), *filtered]))


def _environments(look: Look, flag: Document) -> Body:
    """What the flag does in the environments to be shown; nothing where it is shown without any."""
    is_listed = bool(look.page) and look.page[0].kind == flag.kind
    keys = look.once("flag environments", lambda: _environment_keys(look, flag, is_listed=is_listed))
    if keys is None:
        return {}
    if is_listed:
        facets = look.once("flag facets", lambda: look.work.facets_of(look.page, keys))[flag.address]
    else:
        facets = look.work.facets(flag, keys)
    return {"environments": {key: _config(look, flag, key, facet) for key, facet in facets.items()}}


def _environment_keys(look: Look, flag: Document, *, is_listed: bool) -> Sequence[str] | None:
    named = asked_environments(look.query) if is_listed else look.query.all("env")
    known = [environment.body["key"] for environment in look.work.collection("env", flag.parent)]
    for key in named:
        if key not in known:
            raise NotFound(f"there is no environment '{key}'; possible: {', '.join(known)}")
    if named:
        return named
    return known if look.detail or (is_listed and look.version.number < PAGED_SINCE) else None


def _config(look: Look, flag: Document, key: str, facet: Facet) -> Body:
    project = addresses.step(flag.address, "proj")
    names = look.once(
        "environment names",
        lambda: {each.body["key"]: each.body["name"] for each in look.work.collection("env", flag.parent)},
    )
    shown = {
        **facet.body,
        "archived": flag.body["archived"],
        "sel": targeting.mark("sel", flag.address, key),
        "lastModified": facet.updated_at,
        "version": look.work.facet_version(flag, facet),
        "_site": site(project, key, "flags", flag.body["key"]),
        "_environmentName": names[key],
        "_summary": summary(flag.body, facet.body),
    }
    if look.detail:
        shown["_access"] = look.access(flag, environment=key)
    if not look.expands("migrationSettings"):
        shown.pop("migrationSettings", None)
    if not look.detail and look.query.flag("summary", default=look.version.number >= SUMMARY_SINCE):
        return {name: value for name, value in shown.items() if name not in _LONG}
    return shown


def summary(flag: Body, config: Body) -> Body:
    """How each variation is served, in numbers."""
    counted: list[Body] = [{"rules": 0, "nullRules": 0, "targets": 0, "contextTargets": 0} for _ in flag["variations"]]
    for rule in config["rules"]:
        for index in targeting.served(rule):
            counted[index]["rules"] += 1
    for field in ("targets", "contextTargets"):
        for target in config[field]:
            counted[target["variation"]][field] += len(target["values"])
    fallthrough = config["fallthrough"]
    if "rollout" in fallthrough:
        for share in fallthrough["rollout"]["variations"]:
            found = counted[share["variation"]]
            found["rollout"] = found.get("rollout", 0) + share["weight"]
            if "bucketBy" in fallthrough["rollout"]:
                found["bucketBy"] = fallthrough["rollout"]["bucketBy"]
    else:
        counted[fallthrough["variation"]]["isFallthrough"] = True
    if "offVariation" in config:
        counted[config["offVariation"]]["isOff"] = True
    return {
        "variations": {str(index): found for index, found in enumerate(counted)},
        "prerequisites": len(config["prerequisites"]),
    }


def _maintainers(look: Look, flag: Document) -> Body:
    """The maintainer as a summary, a member or a team, where there still is one."""
    member = look.member(flag.body.get("maintainerId", ""))
    shown: Body = {"_maintainer": member} if member else {}
    key = flag.body.get("maintainerTeamKey", "")
    team: Any = look.once(f"team {key}", lambda: look.work.find(f"team/{key}")) if key else None
    if team is not None:
        links = {
            "parent": link("/api/v2/teams"),
            "self": link("/api/v2/teams", key),
            "roles": link("/api/v2/teams", key, "roles"),
        }
        shown["_maintainerTeam"] = {"key": key, "name": team.body["name"], "_links": links}
    return shown
