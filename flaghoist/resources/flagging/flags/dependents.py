"""Which flags have a flag as a prerequisite, by environment."""

import msgspec

from flaghoist.core import addresses
from flaghoist.core.resource import Body
from flaghoist.core.work import Document, Work
from flaghoist.resources.flagging.flags.prerequisites import dependents
from flaghoist.rest.render import link, site
from flaghoist.rest.shapes import LinkRep, Links


class DependentFlagRep(msgspec.Struct, rename="camel"):
    """A flag that depends on another."""

    name: str
    key: str
    links: Links = msgspec.field(name="_links")
    site: LinkRep = msgspec.field(name="_site")


class DependentFlagsRep(msgspec.Struct, rename="camel"):
    """The flags that depend on one in an environment."""

    items: list[DependentFlagRep]
    links: Links = msgspec.field(name="_links")
    site: LinkRep = msgspec.field(name="_site")


class DependentEnvironmentRep(DependentFlagRep, rename="camel"):
    """An environment in which it depends."""


class DependentAnywhereRep(msgspec.Struct, rename="camel"):
    """A flag that depends on another, with the environments where it does."""

    name: str
    key: str
    environments: list[DependentEnvironmentRep]


class DependentsAnywhereRep(msgspec.Struct, rename="camel"):
    """The flags that depend on one, wherever they do."""

    items: list[DependentAnywhereRep]
    links: Links = msgspec.field(name="_links")
    site: LinkRep = msgspec.field(name="_site")


def in_environment(work: Work, flag: Document, environment: Document) -> Body:
    """Those of one environment, by key."""
    project, key = addresses.step(flag.address, "proj"), environment.body["key"]
    found = sorted({name for name, where, _ in dependents(work, flag.address) if where == key})
    return {
        "items": [
            {
                "name": _flag_name(work, flag, name),
                "key": name,
                "_links": {"self": link("/api/v2/flags", project, name)},
                "_site": site(project, key, "flags", name),
            }
            for name in found
        ],
        **_around(project, flag, key),
    }


def anywhere(work: Work, flag: Document) -> Body:
    """Those of every environment, by key, each with its environments in the project's order."""
    project = addresses.step(flag.address, "proj")
    places: dict[str, set[str]] = {}
    for name, where, _ in dependents(work, flag.address):
        places.setdefault(name, set()).add(where)
    environments = work.collection("env", flag.parent)
    return {
        "items": [
            {
                "name": _flag_name(work, flag, name),
                "key": name,
                "environments": [
                    {
                        "name": environment.body["name"],
                        "key": environment.body["key"],
                        "_links": {"self": link("/api/v2/flags", project, name)},
                        "_site": site(project, environment.body["key"], "flags", name),
                    }
                    for environment in environments
                    if environment.body["key"] in places[name]
                ],
            }
            for name in sorted(places)
        ],
        **_around(project, flag, "~"),
    }


def _around(project: str, flag: Document, environment_key: str) -> Body:
    key = flag.body["key"]
    within = (project, key) if environment_key == "~" else (project, environment_key, key)
    return {
        "_links": {
            "self": link("/api/v2/flags", *within, "dependent-flags"),
            "parent": link("/api/v2/flags", project, key),
        },
        "_site": site(project, environment_key, "flags", key),
    }


def _flag_name(work: Work, flag: Document, key: str) -> str:
    return str(work.read(f"{flag.parent}:env/*:flag/{key}").body["name"])
