"""What a change needs permission for, read off the difference between before and after."""

from typing import Any, NamedTuple

from flaghoist.core.resource import Body, Resource


class Access(NamedTuple):
    """An action upon an address: what policy decides and what the audit entry lists."""

    action: str
    address: str

    def json(self) -> dict[str, str]:
        """As the audit log writes it."""
        return {"action": self.action, "resource": self.address}


def accesses(resource: Resource, address: str, before: Body, after: Body) -> list[Access]:
    """The (action, address) pairs that turn ``before`` into ``after``, in the order of the fields."""
    found: dict[Access, None] = {}
    for name in changed(before, after):
        if resource.facets and name == resource.facets.field:
            for access in _facet_accesses(resource, address, before.get(name) or {}, after.get(name) or {}):
                found[access] = None
            continue
        for action in sorted(resource.actions_for(name, before.get(name), after.get(name), resource.guards)):
            found[Access(action, address)] = None
    return list(found)


def changed(before: Body, after: Body) -> list[str]:
    """The members that differ, in the order of ``after``."""
    return [name for name in {**after, **before} if before.get(name) != after.get(name)]


def _facet_accesses(resource: Resource, address: str, before: Body, after: Body) -> list[Access]:
    found: dict[Access, None] = {}
    for environment in changed(before, after):
        there = address.replace("env/*", f"env/{environment}")
        old: dict[str, Any] = before.get(environment) or {}
        new: dict[str, Any] = after.get(environment) or {}
        for name in changed(old, new):
            for action in sorted(resource.actions_for(name, old.get(name), new.get(name), resource.facet_guards)):
                found[Access(action, there)] = None
    return list(found)
