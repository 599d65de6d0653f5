"""A change as people read it: the entry of the audit log, which is also the body of a webhook."""

from collections.abc import Callable, Mapping
from typing import Any

from flaghoist.core import addresses, places, wording
from flaghoist.core.journal import Change
from flaghoist.core.resource import Body
from flaghoist.core.work import Work

LOG = "/api/v2/auditlog"
_RELATED = {"flag": "relatedFlag", "experiment": "relatedExperiment", "aiconfig": "relatedAIConfig"}


def entry(change: Change, *, account_id: str, name_of: Callable[[str], str]) -> Body:
    """The entry of a change as lists show it; ``name_of`` tells the name of what is at an address."""
    resources = list(dict.fromkeys([access.address for access in change.accesses])) or [change.address]
    told = wording.lines(change, name_of)
    target = _target(change, resources)
    shown: Body = {
        "_links": _links(change, resources[0]),
        "_id": change.id,
        "_accountId": account_id,
        "date": change.at,
        "accesses": [access.json() for access in change.accesses],
        "kind": change.kind,
        "name": target["name"],
        "description": "\n".join([f"* {line}" for line in told]),
        "shortDescription": _short(told),
        "titleVerb": wording.verb(change),
        "title": _title(change, target, _where(resources, name_of)),
        "target": target,
        "subject": _subject(change.actor),
        **_author(change.actor),
        **_related(change.address),
    }
    parent = _parent(resources[0], name_of)
    if parent:
        shown["parent"] = parent
    if change.comment:
        shown["comment"] = change.comment
    return shown


def whole_entry(change: Change, *, account_id: str, name_of: Callable[[str], str]) -> Body:
    """The entry of a change with what was asked for, and the document before and after."""
    shown = entry(change, account_id=account_id, name_of=name_of)
    if change.before is not None:
        shown["previousVersion"] = {**change.before, "_version": change.version_before}
    if change.after is not None:
        shown["currentVersion"] = {**change.after, "_version": change.version_after}
    if isinstance(change.patch, list):
        shown["delta"] = change.patch
    elif change.patch is not None:
        shown["merge"] = change.patch
    return shown


class Names:
    """What things are called, each looked up once; what is gone or has no name goes by its key or address."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._known: dict[str, str] = {}

    def __call__(self, address: str) -> str:
        if address not in self._known:
            document = self._work.find(address)
            body = document.body if document else {}
            self._known[address] = body.get("name") or body.get("email") or addresses.name(address)
        return self._known[address]


def account_id(work: Work) -> str:
    """The id of the account, which every entry tells."""
    return str(work.read(addresses.ACCOUNT).body["_id"])


def _links(change: Change, resource: str) -> Body:
    links = {
        "parent": _json(LOG),
        "self": _json(f"{LOG}/{change.id}"),
        **_places(resource),
    }
    project = addresses.step(resource, "proj")
    if project:
        links["details"] = _html(f"/settings/audit?entry={change.id}")
    return links


def _places(address: str) -> Body:
    found = {}
    if path := places.api_path(address):
        found["canonical"] = _json(path)
    if path := places.console_path(address):
        found["site"] = _html(path)
    return found


def _target(change: Change, resources: list[str]) -> Body:
    return {"_links": _places(resources[0]), "name": _name(change), "resources": resources}


def _name(change: Change) -> str:
    """People are called by their names; all else is, too, but says so in one member."""
    body = change.after or change.before or {}
    return _full_name(body) if change.kind == "member" and "email" in body else change.name


def _parent(resource: str, name_of: Callable[[str], str]) -> Body:
    """The environment a resource lies in, or its project where it lies in all of them."""
    above = addresses.parent(resource).removesuffix(":env/*")
    if above == addresses.ACCOUNT:
        return {}
    return {"_links": _places(above), "name": name_of(above), "resource": above}


def _where(resources: list[str], name_of: Callable[[str], str]) -> str:
    found = {addresses.step(each, "env"): each for each in resources if addresses.last(each)[0] != "env"}
    names = [name_of(f"{addresses.project_of(each)}:env/{key}") for key, each in found.items() if key not in ("", "*")]
    return f" in {' and '.join([f'`{name}`' for name in names])}" if names else ""


def _title(change: Change, target: Body, where: str) -> str:
    member, name = change.actor.get("member"), _subject(change.actor)["name"]
    who = f"[{name}](mailto:{member['email']})" if member else name
    site = target["_links"].get("site")
    what = f"[{target['name']}]({site['href']})" if site else target["name"]
    return f"{who} {wording.verb(change)} {what}{where}"


def _short(told: list[str]) -> str:
    if len(told) < 2:
        return told[0] if told else ""
    return f"{told[0]} and {len(told) - 1} more"


def _subject(actor: Mapping[str, Any]) -> Body:
    member, token = actor.get("member"), actor.get("token")
    if member:
        return {"_links": {"self": _json(f"/api/v2/members/{member['_id']}")}, "name": _full_name(member)}
    if token:
        name = token.get("name") or token["ending"]
        return {"_links": {"self": _json(f"/api/v2/tokens/{token['_id']}")}, "name": name}
    return {"name": actor["name"]}


def _author(actor: Mapping[str, Any]) -> Body:
    found: Body = {}
    if member := actor.get("member"):
        names = {name: member[name] for name in ("_id", "email", "firstName", "lastName") if name in member}
        links = {"parent": _json("/api/v2/members"), "self": _json(f"/api/v2/members/{member['_id']}")}
        found["member"] = {"_links": links, **names}
    if token := actor.get("token"):
        links = {"parent": _json("/api/v2/tokens"), "self": _json(f"/api/v2/tokens/{token['_id']}")}
        found["token"] = {"_links": links, **token}
    return found


def _related(address: str) -> Body:
    kinds = {part.partition("/")[0] for part in address.split(":")}
    return {member: {"key": addresses.step(address, kind)} for kind, member in _RELATED.items() if kind in kinds}


def _full_name(person: Mapping[str, Any]) -> str:
    return f"{person.get('firstName', '')} {person.get('lastName', '')}".strip() or str(person["email"])


def _json(href: str) -> dict[str, str]:
    return {"href": href, "type": "application/json"}


def _html(href: str) -> dict[str, str]:
    return {"href": href, "type": "text/html"}
