"""Whatever is asked of whichever operation, the server answers in time and in the API's shape, and never breaks."""

from collections.abc import Iterator

import pytest
from examples_made import make_examples
from hypothesis import HealthCheck, given, settings
from oddities import Asked, World, requests_for, words_of
from servers import Server, start_server

from flaghoist.resources import families

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
    params, made = make_examples(attacked)
    return World(params, words_of(made))


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
