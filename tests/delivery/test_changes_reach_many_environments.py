"""A change to a flag reaches every environment it matters to, for the price of asking the store a few times."""

import dataclasses
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from flaghoist.app.environments import Environments
from flaghoist.app.opening import State, begin, open_state
from flaghoist.base.settings import Settings
from flaghoist.core.journal import Change
from flaghoist.core.reading import Reading
from flaghoist.delivery.source import Update
from flaghoist.store import changes
from flaghoist.store.documents import Document, Facet

FLAG = "proj/default:env/*:flag/checkout"
BODY = {
    "key": "checkout",
    "archived": False,
    "clientSideAvailability": {"usingEnvironmentId": True, "usingMobileKey": False},
    "variations": [{"value": True}, {"value": False}],
    "defaults": {"onVariation": 0, "offVariation": 1},
}
MANY = 40


class Held:
    """A hub that holds some environments and remembers what it is told."""

    def __init__(self, *environment_ids: str) -> None:
        self.ids = environment_ids
        self.told: dict[str, Update] = {}

    def holds(self, environment_id: str) -> bool:
        return not self.ids or environment_id in self.ids

    def publish(self, environment_id: str, updates: Sequence[Update]) -> None:
        (self.told[environment_id],) = updates


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[State]:
    """A store with a project of many environments and one flag, which is written in one of them only."""
    folder: Path = tmp_path_factory.mktemp("many")
    settings = Settings.load({"data_dir": folder}, {})
    state = open_state(settings)
    begin(settings, state)

    def fill(connection: Any) -> None:
        documents, seq = state.documents, changes.last_seq(connection)
        model = documents.read(connection, "proj/default:env/production")
        assert model is not None
        for number in range(MANY):
            body = {**model.body, "key": f"e{number}", "_id": f"{number:024}"}
            address = f"proj/default:env/e{number}"
            documents.put(connection, dataclasses.replace(model, address=address, body=body), seq)
        documents.put(connection, Document(FLAG, "flag", "proj/default", 7, 7, 1, 1, BODY), seq)
        part: dict[str, Any] = {key: [] for key in ("targets", "contextTargets", "rules", "prerequisites")}
        part |= {"on": True, "salt": "s", "fallthrough": {"variation": 0}, "offVariation": 1}
        part |= {"trackEvents": False, "trackEventsFallthrough": False}
        documents.put_facet(connection, FLAG, "e3", Facet(9, 1, part))

    state.database.write(fill)
    yield state
    state.database.close()


def change(before: Any, after: Any) -> Change:
    return Change(
        seq=10,
        id="c",
        at=1,
        kind="flag",
        address=FLAG,
        name="checkout",
        accesses=(),
        actor={},
        comment="",
        before=before,
        after=after,
        version_before=8,
        version_after=9,
    )


@contextmanager
def asked() -> Iterator[list[str]]:
    """The statements that the store was asked."""
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield statements
    event.remove(Engine, "before_cursor_execute", note)


def test_change_of_a_flag_itself_is_told_in_every_environment_at_once(state: State) -> None:
    environments, hub = Environments(state.database, state.documents, state.catalogue), Held()
    with asked() as statements:
        environments.listener(hub)([change({**BODY, "variations": []}, BODY)])  # type: ignore[arg-type]
    assert len(hub.told) >= MANY
    assert len(statements) <= 6, "however many environments there are"
    on = {key: update.item["on"] for key, update in hub.told.items() if update.item}
    assert on.pop(f"{3:024}") is True
    assert set(on.values()) == {False}


def test_change_of_a_flag_in_one_environment_is_told_there_alone(state: State) -> None:
    environments, hub = Environments(state.database, state.documents, state.catalogue), Held()
    before, after = ({**BODY, "environments": {"e3": {"on": is_on}}} for is_on in (False, True))
    environments.listener(hub)([change(before, after)])  # type: ignore[arg-type]
    assert list(hub.told) == [f"{3:024}"]
    assert hub.told[f"{3:024}"].version == 9


def test_environments_that_nobody_uses_are_not_projected(state: State) -> None:
    environments, hub = Environments(state.database, state.documents, state.catalogue), Held(f"{5:024}")
    environments.listener(hub)([change({**BODY, "variations": []}, BODY)])  # type: ignore[arg-type]
    assert list(hub.told) == [f"{5:024}"]


def test_whoever_has_asked_for_all_environments_asks_for_none_of_them_again(state: State) -> None:
    with state.database.read() as connection, asked() as statements:
        nobody: Any = None  # what is found does not depend on who asks
        reading = Reading(
            connection=connection, documents=state.documents, catalogue=state.catalogue, actor=nobody, writing=False
        )
        everything = reading.collection("env", "proj/default")
        reading.read(FLAG)
        before = len(statements)
        for environment in everything:
            assert reading.read(environment.address) is environment
            reading.target(f"{environment.address}:flag/checkout")
    assert len(everything) >= MANY
    assert len(statements) - before <= 1, "the project, however many environments there are"
