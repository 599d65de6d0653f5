"""Every kind of document there is, by name: how core meets families without knowing them."""

from collections.abc import Iterable, Iterator

from flaghoist.core import addresses
from flaghoist.core.guards import Access
from flaghoist.core.resource import Resource


class Catalogue:
    """The resources of all families."""

    def __init__(self, resources: Iterable[Resource]) -> None:
        self._by_kind = {resource.kind: resource for resource in resources}

    def __getitem__(self, kind: str) -> Resource:
        return self._by_kind[kind]

    def __iter__(self) -> Iterator[Resource]:
        return iter(self._by_kind.values())

    def secrets(self) -> dict[str, frozenset[str]]:
        """The secret members of each kind that has such."""
        return {resource.kind: resource.secret for resource in self if resource.secret}

    def sight(self, address: str) -> Access:
        """What whoever wants to see a document must be allowed: to view its project, or itself in the account."""
        resource = self._by_kind.get(addresses.last(address)[0])
        action = resource.view_action if resource else "viewProject"
        return Access(action, addresses.project_of(address) or address)
