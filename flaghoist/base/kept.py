"""Bytes that many share while somebody asks for them, and that take no room while nobody does."""

from collections.abc import Callable

from flaghoist.base.figures import Tally

made = Tally("form", known=("joined", "compressed"))
"""How often this process has put together ("joined") or compressed what many are answered; once for each change."""


class Kept:
    """Made when asked for, and let go once nobody has asked between two rests."""

    __slots__ = ("_is_asked", "_kept", "_make")

    def __init__(self, make: Callable[[], bytes]) -> None:
        """``make`` must give the same bytes each time."""
        self._make = make
        self._kept: bytes | None = None
        self._is_asked = False

    def get(self) -> bytes:
        """The bytes, the same object for all who ask until the next rest but one."""
        self._is_asked = True
        if self._kept is None:
            self._kept = self._make()
            made.add("joined")
        return self._kept

    def rest(self) -> None:
        """Let go of them unless somebody has asked since the last rest."""
        if not self._is_asked:
            self._kept = None
        self._is_asked = False
