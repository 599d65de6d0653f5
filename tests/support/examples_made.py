"""Each family's own example, made in the default project of a server: so that there is something to be named."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from typing import Any

from servers import Server

import flaghoist.resources
from flaghoist.rest.operations import Family


def make_examples(server: Server) -> tuple[dict[str, list[str]], list[Any]]:
    """The names that path parameters may have from then on, and what was answered."""
    params: dict[str, list[str]] = {"projectKey": ["default"], "environmentKey": ["test", "production"], "id": []}
    made = [server.ok("GET", "/projects/default?expand=environments")]
    for examples, family in _families_with_examples():
        _, collection, item = family.collections[0]
        if hasattr(examples, "prepare"):
            examples.prepare(server, "default")
        path = collection.format(projectKey="default", environmentKey="test")
        body = server.ok("POST", path, json=examples.POST)
        made.append(body)
        params.setdefault(re.findall(r"\{(\w+)\}", item)[-1], []).append(body.get("key") or body["_id"])
    params["id"] += [server.ok("GET", path)["items"][0]["_id"] for path in ("/members", "/auditlog")]
    params["experimentId"] = [body["_id"] for body in made if body.get("key") in params["experimentKey"]]
    return params, made


def _families_with_examples() -> Iterator[tuple[Any, Family]]:
    for module in pkgutil.walk_packages(flaghoist.resources.__path__, "flaghoist.resources."):
        if module.name.endswith(".examples"):
            operations = importlib.import_module(module.name.replace(".examples", ".operations"))
            yield importlib.import_module(module.name), operations.FAMILY
