"""What the store knows as secret is written sealed and read as it was; keys follow one another without a gap."""

import re
from pathlib import Path

import pytest
from sqlalchemy import select

from flaghoist.base.errors import Unavailable
from flaghoist.resources import families
from flaghoist.store.database import Database
from flaghoist.store.documents import Document, Documents
from flaghoist.store.keyring import Keyring, WrongKey, new_key, parse
from flaghoist.store.sealing import open_seal, rotate
from flaghoist.store.tables import documents, secret_keys

SECRET = {"env": frozenset({"apiKey", "older"})}
BODY = {"key": "test", "apiKey": "sdk-12345678", "older": [{"value": "sdk-87654321"}], "name": "Test"}


def ring(folder: Path, *keys: str) -> Keyring:
    return Keyring.of(" ".join(keys), folder / "secret.key")


def environment(name: str = "test", **body: object) -> Document:
    return Document(f"proj/p:env/{name}", "env", "proj/p", 1, 1, 5, 5, {**BODY, **body})


def put(database: Database, kept: Documents, *found: Document) -> None:
    database.write(lambda connection: [kept.put(connection, each, seq) for seq, each in enumerate(found, 1)])


def stored(database: Database) -> str:
    with database.read() as connection:
        return " ".join(connection.execute(select(documents.c.body)).scalars())


def keys_named(database: Database) -> list[str]:
    with database.read() as connection:
        return list(connection.execute(select(secret_keys.c.id)).scalars())


def read(database: Database, kept: Documents, name: str = "test") -> object:
    with database.read() as connection:
        found = kept.read(connection, f"proj/p:env/{name}")
        assert found is not None
        (listed,) = [each for each in kept.collection(connection, "env", "proj/p", keep=False) if each == found]
        return listed.body


def test_secrets_are_sealed_and_all_else_is_legible(database: Database, tmp_path: Path) -> None:
    kept = Documents(open_seal(database, ring(tmp_path), SECRET))
    put(database, kept, environment())
    assert "sdk-" not in stored(database)
    assert '"name":"Test"' in stored(database)
    assert read(database, kept) == BODY
    assert oct((tmp_path / "secret.key").stat().st_mode)[-3:] == "600"


def test_what_an_older_server_left_in_the_clear_is_sealed_at_the_first_start(
    database: Database, tmp_path: Path
) -> None:
    put(database, Documents(), *[environment(f"env-{number:03}", padding="x" * 99) for number in range(450)])
    assert stored(database).count("sdk-12345678") == 450
    kept = Documents(open_seal(database, ring(tmp_path), SECRET))
    assert "sdk-" not in stored(database)
    assert read(database, kept, "env-449") == {**BODY, "padding": "x" * 99}
    if database.is_sqlite:
        files = Path(database.url.removeprefix("sqlite:///")).parent.glob("state.db*")
        assert not [file for file in files if b"sdk-" in file.read_bytes()], "overwritten pages still tell the keys"


def test_another_kind_that_becomes_secret_is_sealed_too(database: Database, tmp_path: Path) -> None:
    put(database, Documents(open_seal(database, ring(tmp_path), {"env": frozenset({"apiKey"})})), environment())
    assert "sdk-12345678" not in stored(database)
    assert "sdk-87654321" in stored(database)
    open_seal(database, ring(tmp_path), SECRET)
    assert "sdk-" not in stored(database)


@pytest.mark.parametrize("other", [True, False], ids=["another key", "no key"])
def test_a_state_is_not_opened_without_its_key(database: Database, tmp_path: Path, other: bool) -> None:
    open_seal(database, ring(tmp_path), SECRET)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    with pytest.raises(WrongKey, match=r"bring back the secret\.key"):
        open_seal(database, ring(elsewhere, *[new_key().text] * other), SECRET)
    assert not (elsewhere / "secret.key").exists(), "a second key beside the data would only confuse"


def test_a_new_key_takes_over_while_a_server_that_knows_nothing_of_it_goes_on(
    database: Database, tmp_path: Path
) -> None:
    running = Documents(open_seal(database, ring(tmp_path), SECRET))
    put(database, running, *[environment(f"env-{number:03}") for number in range(250)])
    (old,) = keys_named(database)
    before = stored(database)
    assert rotate(database, ring(tmp_path), SECRET) == 250
    assert keys_named(database) != [old]
    assert f":{old}:" in before
    assert f":{old}:" not in stored(database)
    assert read(database, running, "env-249") == BODY
    put(database, running, environment("later"))
    assert f":{old}:" not in stored(database)
    assert read(database, Documents(open_seal(database, ring(tmp_path), SECRET)), "later") == BODY


def test_keys_given_by_hand_follow_one_another_in_the_order_given(database: Database, tmp_path: Path) -> None:
    old, new = new_key(), new_key()
    node = Documents(open_seal(database, ring(tmp_path, old.text, new.text), SECRET))
    put(database, node, environment())
    unaware = Documents(open_seal(database, ring(tmp_path, old.text), SECRET))
    with pytest.raises(WrongKey, match="new,old"):
        rotate(database, ring(tmp_path, old.text, new.text), SECRET)
    assert rotate(database, ring(tmp_path, new.text, old.text), SECRET) == 1
    put(database, node, environment("other"))
    with pytest.raises(Unavailable, match=f"the key {new.id}, which is not in FLAGHOIST_SECRET_KEY"):
        read(database, unaware)
    alone = Documents(open_seal(database, ring(tmp_path, new.text), SECRET))
    assert read(database, alone) == read(database, alone, "other") == BODY
    assert not (tmp_path / "secret.key").exists()


def test_a_rotation_that_was_cut_short_is_finished_by_the_next_start(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = Documents(open_seal(database, ring(tmp_path), SECRET))
    put(database, kept, *[environment(f"env-{number:03}") for number in range(250)])
    (old,) = keys_named(database)
    writes, write = [], Database.write

    def dies_in_the_middle(self: Database, act: object) -> object:
        writes.append(act)
        if len(writes) == 3:  # the new key is in force, one batch is sealed with it
            raise KeyboardInterrupt
        return write(self, act)  # type: ignore[arg-type]

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(Database, "write", dies_in_the_middle)
        rotate(database, ring(tmp_path), SECRET)
    assert len(keys_named(database)) == 2
    assert f":{old}:" in stored(database)
    assert read(database, kept, "env-000") == read(database, kept, "env-249") == BODY
    open_seal(database, ring(tmp_path), SECRET)
    assert f":{old}:" not in stored(database)
    assert old not in keys_named(database)


def test_a_secret_cannot_be_moved_to_where_others_may_read_it(database: Database, tmp_path: Path) -> None:
    kept = Documents(open_seal(database, ring(tmp_path), SECRET))
    put(database, kept, environment(), environment("mine", apiKey="sdk-99999999"))

    def swap(connection: object) -> None:
        theirs = connection.execute(select(documents.c.body).where(documents.c.address == "proj/p:env/test"))  # type: ignore[attr-defined]
        body = theirs.scalar_one()
        connection.execute(documents.update().where(documents.c.address == "proj/p:env/mine").values(body=body))  # type: ignore[attr-defined]

    database.write(swap)
    with database.read() as connection, pytest.raises(Unavailable, match="altered"):
        kept.read(connection, "proj/p:env/mine")


@pytest.mark.parametrize("text", ["c2hvcnQ=", "not base64!", "A" * 64])
def test_a_key_that_is_none_is_refused_without_telling_it(tmp_path: Path, text: str) -> None:
    with pytest.raises(WrongKey, match="openssl rand -base64 32") as refused:
        Keyring.of(text, tmp_path / "secret.key")
    assert text not in str(refused.value)


def test_keys_are_read_in_either_alphabet_of_base64() -> None:
    key = new_key()
    url_safe = re.sub("=+$", "", key.text.replace("+", "-").replace("/", "_"))
    assert parse(f"{key.text},{url_safe}\n") == [key, key]


def test_no_family_keeps_a_secret_in_what_its_environments_hold_apart() -> None:
    for family in families():
        for resource in family.resources:
            assert resource.facets is None or resource.facets.field not in resource.secret
