"""The one road for edits: every dialect of patch is told apart by its shape and ends in the same after-body."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from flaghoist.base.errors import Invalid
from flaghoist.core import json_patch
from flaghoist.core.resource import Body, Resource

SEMANTIC = "domain-model=launchdarkly.semanticpatch"
MERGE = "merge-patch+json"


@dataclass(frozen=True, slots=True)
class Patch:
    """An edit somebody asks for: which dialect, its content, and the comment that came with it."""

    dialect: Literal["json", "merge", "semantic"]
    content: Any
    comment: str = ""
    environment_key: str = ""
    instructions: list[Any] = field(default_factory=list)

    def apply(self, resource: Resource, body: Body) -> Body | None:
        """The body after this patch, not yet validated, or nothing where it deletes; the one given is left alone."""
        if self.dialect == "json":
            return self._json(resource, body)
        if self.dialect == "merge":
            merged: Body = json_patch.merge(body, self.content)
            return merged
        if resource.instructions is None:
            raise Invalid(f"a {resource.kind} takes JSON patch or merge patch, not instructions")
        return resource.instructions.edit(body, self.instructions, self.environment_key)

    @property
    def has_tests(self) -> bool:
        """Whether it looks at something before it changes anything."""
        return self.dialect == "json" and any(
            isinstance(operation, dict) and operation.get("op") == "test" for operation in self.content
        )

    def touches(self, *path: str) -> bool:
        """Whether a JSON or merge patch speaks of a member itself, of a part of it, or of what it is part of."""
        if self.dialect == "merge":
            return _reaches(self.content, path)
        return _names([operation for operation in self.content if operation["op"] != "test"], path)

    def tells(self, member: str) -> bool:
        """Whether a JSON or merge patch may have a member's value in it, be it only to test it."""
        return _reaches(self.content, [member]) if self.dialect == "merge" else _names(self.content, [member])

    def takes(self, member: str) -> bool:
        """Whether a JSON patch copies or moves a member, or what it is part of, to another place."""
        if self.dialect != "json":
            return False
        origins = [operation["from"] for operation in self.content if operation["op"] in ("copy", "move")]
        return any(_overlap(json_patch.parts(origin), [member]) for origin in origins)

    def _json(self, resource: Resource, body: Body) -> Body:
        patched = json_patch.apply(body, self.content, resource.missing_patch_target)
        if not isinstance(patched, dict):
            raise Invalid("the patch leaves something that is not an object", code="invalid_patch")
        return patched


def _reaches(content: Any, path: Sequence[str]) -> bool:
    for name in path:
        if not isinstance(content, dict):
            return True
        if name not in content:
            return False
        content = content[name]
    return True


def _names(operations: Sequence[Any], path: Sequence[str]) -> bool:
    pointers = [operation[name] for operation in operations for name in ("path", "from") if name in operation]
    return any(_overlap(json_patch.parts(pointer), path) for pointer in pointers)


def _overlap(one: Sequence[str], other: Sequence[str]) -> bool:
    return all(mine == theirs for mine, theirs in zip(one, other, strict=False))


def read(body: Any, content_type: str = "") -> Patch:
    """Tell the dialect by the body's shape.

    An array is a JSON Patch; an object with ``instructions`` is semantic, with ``patch`` a JSON Patch with comment,
    with ``merge`` a merge patch with comment; any other object is merged as it is.
    """
    if isinstance(body, list):
        return Patch("json", body)
    if not isinstance(body, dict):
        raise Invalid("a patch is an array of operations or an object", code="invalid_patch")
    comment = body.get("comment") or ""
    if not isinstance(comment, str):
        raise Invalid("'comment' must be text")
    if MERGE in content_type and "merge" not in body:
        return Patch("merge", body)
    if "instructions" in body or SEMANTIC in content_type:
        return _semantic(body, comment)
    if "patch" in body:
        if not isinstance(body["patch"], list):
            raise Invalid("'patch' must be an array of operations", code="invalid_patch")
        return Patch("json", body["patch"], comment)
    if "merge" in body:
        if not isinstance(body["merge"], dict):
            raise Invalid("'merge' must be an object", code="invalid_patch")
        return Patch("merge", body["merge"], comment)
    return Patch("merge", body)


def _semantic(body: dict[str, Any], comment: str) -> Patch:
    instructions = body.get("instructions")
    if not isinstance(instructions, list) or not instructions:
        raise Invalid("'instructions' must be an array with at least one instruction")
    environment = body.get("environmentKey") or ""
    if not isinstance(environment, str):
        raise Invalid("'environmentKey' must be text")
    return Patch("semantic", body, comment, environment, instructions)
