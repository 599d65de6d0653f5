"""A context that nobody may look at: what can be answered for it is the answer for everybody."""

from collections.abc import Iterator, Mapping
from typing import Any, NoReturn


class Seen(Exception):
    """The context was looked at: the answer depends on it."""


class _Unseen(Mapping[str, Mapping[str, Any]]):
    """The kinds of such a context; every look raises ``Seen``."""

    def __getitem__(self, kind: str) -> NoReturn:
        raise Seen

    def __iter__(self) -> Iterator[str]:
        raise Seen

    def __len__(self) -> int:
        raise Seen


UNSEEN = _Unseen()
