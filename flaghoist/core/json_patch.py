"""JSON Patch (RFC 6902) and merge patch (RFC 7386), as strict as the clients in the field allow."""

import copy
from collections.abc import Sequence
from typing import Any

from flaghoist.base import json
from flaghoist.base.errors import Conflict, Invalid

_MISSING = object()
COPIED_MAX = 100_000  # values; a large project is far smaller


def apply(body: Any, operations: Sequence[Any], failure: type[Exception] = Invalid) -> Any:
    """The body after all operations; the one given is left alone.

    Like the reference server, ``replace`` of an absent member adds it. Raises ``Invalid`` for a malformed operation,
    ``failure`` for one whose target is absent, ``Conflict`` for a ``test`` that does not hold.
    """
    patched = copy.deepcopy(body)
    copied = 0
    for index, operation in enumerate(operations):
        if not isinstance(operation, dict):
            raise Invalid(f"patch[{index}] must be an object with 'op' and 'path'", code="invalid_patch")
        step = _Step(index, operation, failure)
        copied += step.copies(patched)
        if copied > COPIED_MAX:
            raise Invalid(f"patch[{index}]: the patch copies more than {COPIED_MAX} values", code="invalid_patch")
        try:
            patched = step.apply(patched)
        except RecursionError:  # moved into one another, even flat values grow deep
            raise Invalid(f"patch[{index}]: the document is nested too deeply", code="invalid_patch") from None
    json.check_depth(patched)
    return patched


def merge(body: Any, patch: Any) -> Any:
    """The body with a merge patch laid over it: null removes a member, objects merge, all else replaces."""
    if not isinstance(patch, dict):
        return copy.deepcopy(patch)
    merged = dict(body) if isinstance(body, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge(merged.get(name), value)
    return merged


def parts(pointer: str) -> list[str]:
    """The names along a JSON pointer (RFC 6901)."""
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]


class _Step:
    """One operation of a JSON Patch."""

    def __init__(self, index: int, operation: dict[str, Any], failure: type[Exception]) -> None:
        self.where = f"patch[{index}]"
        self.operation = operation
        self.failure = failure

    def apply(self, body: Any) -> Any:
        match self.operation.get("op"):
            case "add":
                return self._add(body, self._path("path"), self._value())
            case "remove":
                return self._remove(body, self._path("path"))
            case "replace":
                return self._replace(body, self._path("path"), self._value())
            case "move":
                moved = self._get(body, self._path("from"))
                return self._add(self._remove(body, self._path("from")), self._path("path"), moved)
            case "copy":
                return self._add(body, self._path("path"), copy.deepcopy(self._get(body, self._path("from"))))
            case "test":
                self._test(body)
                return body
            case other:
                raise self._invalid(f"unknown op {other!r}; possible: add, copy, move, remove, replace, test")

    def copies(self, body: Any) -> int:
        """How many values this makes anew: copies of copies double each time."""
        if self.operation.get("op") != "copy":
            return 0
        ahead, found = [self._get(body, self._path("from"))], 0
        while ahead and found <= COPIED_MAX:
            item = ahead.pop()
            found += 1
            if isinstance(item, dict | list):
                ahead.extend(item.values() if isinstance(item, dict) else item)
        return found

    def _test(self, body: Any) -> None:
        path = self._path("path")
        found = self._find(body, path)
        expected = self._value()
        if not _same(None if found is _MISSING else found, expected):
            raise Conflict(f"{self.where}: the value at '{self.operation['path']}' is not the one the test expects")

    def _add(self, body: Any, path: list[str], value: Any) -> Any:
        if not path:
            return value
        holder = self._get(body, path[:-1])
        if isinstance(holder, list):
            at = len(holder) if path[-1] == "-" else self._index(holder, path[-1], len(holder))
            holder.insert(at, value)
        elif isinstance(holder, dict):
            holder[path[-1]] = value
        else:
            raise self._absent(path)
        return body

    def _replace(self, body: Any, path: list[str], value: Any) -> Any:
        if not path:
            return value
        holder = self._get(body, path[:-1])
        if isinstance(holder, list):
            holder[self._index(holder, path[-1], len(holder) - 1)] = value
        elif isinstance(holder, dict):
            holder[path[-1]] = value
        else:
            raise self._absent(path)
        return body

    def _remove(self, body: Any, path: list[str]) -> Any:
        if not path:
            raise self._invalid("the whole document cannot be removed")
        holder = self._get(body, path[:-1])
        if isinstance(holder, list):
            del holder[self._index(holder, path[-1], len(holder) - 1)]
        elif isinstance(holder, dict) and path[-1] in holder:
            del holder[path[-1]]
        else:
            raise self._absent(path)
        return body

    def _get(self, body: Any, path: list[str]) -> Any:
        found = self._find(body, path)
        if found is _MISSING:
            raise self._absent(path)
        return found

    def _find(self, body: Any, path: list[str]) -> Any:
        for name in path:
            if isinstance(body, list):
                at = _place(name, len(body) - 1)
                if at is None:
                    return _MISSING
                body = body[at]
            elif isinstance(body, dict) and name in body:
                body = body[name]
            else:
                return _MISSING
        return body

    def _index(self, holder: list[Any], text: str, last: int) -> int:
        at = _place(text, last)
        if at is None:
            raise self.failure(f"{self.where}: a list has no element '{text[:80]}'")
        return at

    def _path(self, member: str) -> list[str]:
        text = self.operation.get(member)
        if not isinstance(text, str):
            raise self._invalid(f"'{member}' must be a JSON pointer")
        if text and not text.startswith("/"):
            raise self._invalid(f"'{member}' must start with '/', and '{text}' does not")
        return parts(text)

    def _value(self) -> Any:
        if "value" not in self.operation:
            raise self._invalid("'value' is missing")
        return copy.deepcopy(self.operation["value"])  # later steps may edit it, and the patch is remembered as asked

    def _absent(self, path: list[str]) -> Exception:
        return self.failure(f"{self.where}: there is nothing at '/{'/'.join(path)}'")

    def _invalid(self, message: str) -> Invalid:
        return Invalid(f"{self.where}: {message}", code="invalid_patch")


def _place(text: str, last: int) -> int | None:
    """The place in a list that a part of a pointer names (RFC 6901, section 4), if the list has it."""
    canonical = text.isascii() and text.isdigit() and len(text) < 10 and (text == "0" or text[0] != "0")
    return int(text) if canonical and int(text) <= last else None


def _same(found: Any, expected: Any) -> bool:
    """JSON equality: true is not 1, yet 1 is 1.0."""
    if isinstance(found, bool) or isinstance(expected, bool):
        return found is expected
    if isinstance(found, dict) and isinstance(expected, dict):
        return found.keys() == expected.keys() and all(_same(found[name], expected[name]) for name in found)
    if isinstance(found, list) and isinstance(expected, list):
        return len(found) == len(expected) and all(map(_same, found, expected))
    return bool(found == expected)
