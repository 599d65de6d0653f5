"""From a path to what serves it: a tree of path segments, literal names before parameters."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Generic, TypeVar
from urllib.parse import unquote

T = TypeVar("T")


@dataclass(slots=True)
class _Node(Generic[T]):
    literals: dict[str, "_Node[T]"] = field(default_factory=dict)
    parameter: "_Node[T] | None" = None
    targets: dict[str, tuple[T, tuple[str, ...]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Match(Generic[T]):
    """What a path leads to: the methods there, each with its target and parameters."""

    targets: dict[str, tuple[T, tuple[str, ...]]]
    values: tuple[str, ...]

    def target(self, method: str) -> tuple[T, dict[str, str]] | None:
        """The target for a method with its named parameters, or nothing."""
        found = self.targets.get(method)
        return found and (found[0], dict(zip(found[1], self.values, strict=True)))


class Routes(Generic[T]):
    """A table of ``(method, template)`` → target; templates name parameters in braces: ``/flags/{projectKey}``."""

    def __init__(self) -> None:
        self._root: _Node[T] = _Node()

    def add(self, method: str, template: str, target: T) -> None:
        """Register a target; the same method and path twice is a mistake of ours."""
        node = self._root
        names: list[str] = []
        for segment in _segments(template):
            if segment.startswith("{"):
                names.append(segment[1:-1])
                node.parameter = node.parameter or _Node()
                node = node.parameter
            else:
                node = node.literals.setdefault(segment, _Node())
        assert method not in node.targets, f"{method} {template} is registered twice"
        node.targets[method] = (target, tuple(names))

    def find(self, raw_path: str, method: str) -> Match[T] | None:
        """The most literal match of a still percent-encoded path, preferring one that serves ``method``.

        Doubled and trailing slashes are ignored. A path known only for other methods is returned too, so that
        the caller can answer 405 with what is allowed.
        """
        segments = [unquote(segment) for segment in _segments(raw_path)]
        fallback: Match[T] | None = None
        for match in self._walk(self._root, segments, 0, ()):
            if method in match.targets:
                return match
            fallback = fallback or match
        return fallback

    def _walk(self, node: _Node[T], segments: list[str], at: int, values: tuple[str, ...]) -> Iterable[Match[T]]:
        if at == len(segments):
            if node.targets:
                yield Match(node.targets, values)
            return
        literal = node.literals.get(segments[at])
        if literal is not None:
            yield from self._walk(literal, segments, at + 1, values)
        if node.parameter is not None:
            yield from self._walk(node.parameter, segments, at + 1, (*values, segments[at]))


def _segments(path: str) -> list[str]:
    return [segment for segment in path.split("/") if segment]
