"""A mapping that is never altered, of which the next state costs what has changed, however much there is."""

from collections.abc import ItemsView, Iterator, Mapping, ValuesView
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")

# So many changes lie over what is shared before both are made one: each of them is gone through at every change.
CHANGES_MAX = 64


class Layers(Mapping[K, V], Generic[K, V]):
    """What is shared by many states, and what this one has that differs (None: it is gone)."""

    __slots__ = ("_changed", "_shared")

    def __init__(self, shared: dict[K, V]) -> None:
        """``shared`` must not be altered from here on."""
        self._shared = shared
        self._changed: dict[K, V | None] = {}

    def with_changes(self, changed: Mapping[K, V | None]) -> "Layers[K, V]":
        """The next state, in which some keys have another value, or (None) have none."""
        following = Layers(self._shared)
        following._changed = {**self._changed, **changed}
        return following if len(following._changed) <= CHANGES_MAX else Layers(following._whole())

    def __getitem__(self, key: K) -> V:
        value = self._changed[key] if key in self._changed else self._shared[key]
        if value is None:
            raise KeyError(key)
        return value

    def __contains__(self, key: object) -> bool:
        return self._changed[key] is not None if key in self._changed else key in self._shared

    def __iter__(self) -> Iterator[K]:
        changed = self._changed
        yield from (key for key in self._shared if key not in changed)
        yield from (key for key, value in changed.items() if value is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def items(self) -> ItemsView[K, V]:
        """Keys with their values."""
        return self._whole().items()

    def values(self) -> ValuesView[V]:
        """The values alone."""
        return self._whole().values()

    def _whole(self) -> dict[K, V]:
        if not self._changed:
            return self._shared
        whole: dict[K, V | None] = {**self._shared, **self._changed}
        return {key: value for key, value in whole.items() if value is not None}
