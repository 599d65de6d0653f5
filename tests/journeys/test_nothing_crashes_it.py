"""Whatever is asked of whichever operation, the server answers in time and in the API's shape, and never breaks."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from oddities import Asked, World, requests_for, words_of
from servers import Server, start_server

import flaghoist.resources
from flaghoist.resources import families
from flaghoist.rest.operations import Family

OPERATIONS = sorted(
    [(family, operation) for family in families() for operation in family.operations],
    key=lambda each: each[1].method == "DELETE",  # last, so that there is something to ask for
)
SECONDS = 10


@pytest.fixture(
    scope="module",
    params=[pytest.param(store, marks=pytest.mark.xdist_group(f"crash {store}")) for store in ("sqlite", "postgresql")],
)
def attacked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of its own, since nothing in it is safe."""
    url = "" if request.param == "sqlite" else request.getfixturevalue("postgresql").database()
    running = start_server(tmp_path_factory.mktemp("attacked"), database_url=url)
    yield running
    assert running.stop() == 0


@pytest.fixture(scope="module")
def world(attacked: Server) -> World:
    """Each family's own example in the default project, so that much of what is asked for names something."""
    params = {"projectKey": ["default"], "environmentKey": ["test", "production"], "id": []}
    made = [attacked.ok("GET", "/projects/default?expand=environments")]
    for examples, family in _families_with_examples():
        _, collection, item = family.collections[0]
        if hasattr(examples, "prepare"):
            examples.prepare(attacked, "default")
        path = collection.format(projectKey="default", environmentKey="test")
        body = attacked.ok("POST", path, json=examples.POST)
        made.append(body)
        params.setdefault(re.findall(r"\{(\w+)\}", item)[-1], []).append(body.get("key") or body["_id"])
    params["id"] += [attacked.ok("GET", path)["items"][0]["_id"] for path in ("/members", "/auditlog")]
    params["experimentId"] = [body["_id"] for body in made if body.get("key") in params["experimentKey"]]
    return World(params, words_of(made))


def _families_with_examples() -> Iterator[tuple[Any, Family]]:
    for module in pkgutil.walk_packages(flaghoist.resources.__path__, "flaghoist.resources."):
        if module.name.endswith(".examples"):
            operations = importlib.import_module(module.name.replace(".examples", ".operations"))
            yield importlib.import_module(module.name), operations.FAMILY


@pytest.mark.parametrize("number", range(len(OPERATIONS)), ids=[each.name for _, each in OPERATIONS])
def test_no_request_breaks_the_server(number: int, attacked: Server, world: World) -> None:
    family, operation = OPERATIONS[number]

    @settings(max_examples=25, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(requests_for(operation, family, world))
    def ask(asked: Asked) -> None:
        answer = attacked.session.request(
            asked.method,
            attacked.url + asked.path,
            data=asked.body,
            headers={"Authorization": attacked.token, "Content-Type": "application/json"},
            timeout=SECONDS,
        )
        assert answer.status_code < 500, f"{asked}: {answer.status_code} {answer.text[:300]}"
        assert answer.status_code < 400 or answer.json()["code"]

    ask()
