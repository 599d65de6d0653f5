"""Our own API description, generated from the operation table: what is served is what is described."""

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from flaghoist import __version__
from flaghoist.rest.operations import Operation

_REF = "#/components/schemas/{name}"
_PARAMETER = re.compile(r"\{(\w+)\}")


class Error(msgspec.Struct):
    """Every refusal: a code to act on, a message to read."""

    code: str
    message: str


def describe(operations: Sequence[Operation], server: str = "/") -> dict[str, Any]:
    """An OpenAPI 3.1 document of every operation served."""
    types = _types(operations)
    _, components = msgspec.json.schema_components([*types, Error], ref_template=_REF)
    paths: dict[str, dict[str, Any]] = {}
    for operation in sorted(operations, key=lambda each: (each.path, each.method)):
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Flaghoist REST API",
            "version": __version__,
            "description": "Feature flags, metrics and experiments. Compatible with LaunchDarkly API clients.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": server}],
        "security": [{"ApiKey": []}],
        "tags": [{"name": name} for name in sorted({operation.family for operation in operations})],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {"ApiKey": {"type": "apiKey", "in": "header", "name": "Authorization"}},
        },
    }


def _types(operations: Sequence[Operation]) -> list[Any]:
    found: dict[Any, None] = {}
    for operation in operations:
        for each in (operation.body, operation.returns):
            if each is not None and each is not Any:
                found[each] = None
    return list(found)


def _operation(operation: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": operation.name,
        "tags": [operation.family],
        "summary": operation.summary,
        "parameters": _parameters(operation),
        "responses": _responses(operation),
    }
    if operation.body is not None:
        described["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": _schema(operation.body)}},
        }
    if operation.open:
        described["security"] = [{}, {"ApiKey": []}]
    if operation.beta:
        described["x-beta"] = True
    if operation.ours:
        described["x-flaghoist-extension"] = True
    return described


def _parameters(operation: Operation) -> list[dict[str, Any]]:
    path = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in _PARAMETER.findall(operation.path)
    ]
    query = [
        {"name": name, "in": "query", "required": False, "schema": {"type": kind}} for name, kind in operation.query
    ]
    return path + query


def _responses(operation: Operation) -> dict[str, Any]:
    success: dict[str, Any] = {"description": "Done"}
    if operation.returns is not None and operation.status != 204:
        success["content"] = _content(operation.returns)
    error = {
        "description": "Refused",
        "content": {"application/json": {"schema": {"$ref": _REF.format(name="Error")}}},
    }
    return {str(operation.status): success, "4XX": error, "5XX": error}


def _content(returns: Any) -> dict[str, Any]:
    """JSON of a type, or, for bytes, a file to download."""
    if returns is bytes:
        return {"application/zip": {"schema": {"type": "string", "format": "binary"}}}
    return {"application/json": {"schema": _schema(returns)}}


def _schema(kind: Any) -> dict[str, Any]:
    if kind is Any:
        return {}
    (schema,), _ = msgspec.json.schema_components([kind], ref_template=_REF)
    return schema
