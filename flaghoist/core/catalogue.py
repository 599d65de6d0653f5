"""Every kind of document there is, by name: how core meets families without knowing them."""

from collections.abc import Iterable, Iterator

from flaghoist.core.resource import Resource


class Catalogue:
    """The resources of all families."""

    def __init__(self, resources: Iterable[Resource]) -> None:
        self._by_kind = {resource.kind: resource for resource in resources}

    def __getitem__(self, kind: str) -> Resource:
        return self._by_kind[kind]

    def __iter__(self) -> Iterator[Resource]:
        return iter(self._by_kind.values())
