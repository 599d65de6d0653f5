"""What a request asks of a read: paging, order, expansion, filters, environments."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flaghoist.base.errors import Invalid

_TRUE = frozenset({"true", "1", "yes", "t"})
_LARGEST = 2**63 - 1  # what both stores can compare a time with


@dataclass(frozen=True, slots=True)
class Query:
    """The query string, read the way the API documents it; unknown parameters are ignored."""

    values: Mapping[str, Sequence[str]]

    def text(self, name: str, default: str = "") -> str:
        """The first value of a parameter."""
        found = self.values.get(name)
        return found[0] if found else default

    def all(self, name: str) -> list[str]:
        """Every value of a repeatable parameter, also when joined by commas."""
        return [part for value in self.values.get(name, ()) for part in value.split(",") if part]

    def flag(self, name: str, *, default: bool = False) -> bool:
        """A yes-or-no parameter; present without a value means yes."""
        if name not in self.values:
            return default
        value = self.text(name).lower()
        return value in _TRUE or value == ""

    def number(self, name: str) -> int | None:
        """A whole number of at most 64 bits, or nothing if absent; raises ``Invalid`` for anything else."""
        value = self.text(name)
        if not value:
            return None
        try:
            number = int(value)
        except ValueError:
            raise Invalid(f"the query parameter '{name}' must be a whole number, not '{value[:80]}'") from None
        if abs(number) > _LARGEST:
            raise Invalid(f"the query parameter '{name}' is beyond 64 bits: '{value[:80]}'")
        return number

    def page(self, default: int, most: int) -> tuple[int, int]:
        """``(limit, offset)``; a limit beyond the most is brought down to it."""
        limit = self.number("limit")
        offset = self.number("offset") or 0
        if limit is not None and limit < 0:
            raise Invalid(f"the query parameter 'limit' must not be negative, and {limit} is")
        if offset < 0:
            raise Invalid(f"the query parameter 'offset' must not be negative, and {offset} is")
        return (default if not limit else min(limit, most)), offset

    def sort(self) -> list[tuple[str, bool]]:
        """``(field, descending)`` in order of weight."""
        return [(part.lstrip("-"), part.startswith("-")) for part in self.all("sort")]

    @property
    def expand(self) -> frozenset[str]:
        """The members asked to be expanded."""
        return frozenset(self.all("expand"))
