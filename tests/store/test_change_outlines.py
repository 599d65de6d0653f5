"""Outlines of changes on both stores: written with every change, newest first, sifted by what the store can tell."""

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, MetaData, insert, select

from flaghoist.store import changes, outlines, tables
from flaghoist.store.changes import ChangeRow
from flaghoist.store.database import Database
from flaghoist.store.migrations import migrate
from flaghoist.store.outlines import Outline, Sieve


def write(database: Database, *rows: tuple[int, str, str]) -> None:
    """Changes of (time, address, name), each with one access of its address."""

    def act(connection: Connection) -> None:
        seq = changes.last_seq(connection)
        for number, (at, address, name) in enumerate(rows, start=seq + 1):
            body = {
                "accesses": [{"action": "updateName", "resource": address}],
                "actor": {"member": {"_id": f"m{number % 2}"}, "token": {"_id": "t"} if number % 3 else None},
            }
            changes.append(connection, ChangeRow(number, f"{number:024x}", at, "env", address, name, body))

    database.write(act)


def found(database: Database, **sieve: object) -> list[Outline]:
    with database.read() as connection:
        slices = outlines.newest(connection, Sieve(**sieve))  # type: ignore[arg-type]
        return [outline for some in slices for outline in some]


def names(database: Database, **sieve: object) -> list[str]:
    return [outline.name for outline in found(database, **sieve)]


def test_newest_first_in_slices_without_gaps_or_repeats(database: Database) -> None:
    write(database, *[(number // 7, "proj/p", str(number)) for number in range(600)])
    everything = found(database)
    assert [outline.name for outline in everything] == [str(number) for number in reversed(range(600))]
    for last in (everything[0], everything[311], everything[599]):
        below = found(database, below=(last.at, last.seq))
        assert below == everything[everything.index(last) + 1 :]
    assert {outline.at for outline in found(database, since=10, until=13)} == {11, 12}


def test_texts_and_addresses_are_sifted_as_written(database: Database) -> None:
    write(
        database,
        (1, "proj/a_b:env/test", "100% Sure"),
        (2, "proj/axb:env/test", "1000 Sure"),
        (3, "proj/axb:env/*:flag/f", "flag"),
        (4, "role/axb", 'a "quoted" \\ name'),
    )
    assert names(database, text="0% s") == ["100% Sure"]
    assert names(database, text="a_B") == ["100% Sure"]
    assert names(database, touching=(("proj/a_b:", ""),)) == ["100% Sure"]
    assert names(database, touching=(("proj/axb:", ":flag/f"), ("role/", ""))) == ['a "quoted" \\ name', "flag"]
    assert names(database, touching=(("xb", ""),)) == [], "a beginning is the beginning of an address"
    assert names(database, touching=(("", "es"),)) == []
    assert names(database, member_ids=frozenset({"m0"})) == ['a "quoted" \\ name', "1000 Sure"]
    assert names(database, token_ids=frozenset({"t"}), since=1) == ['a "quoted" \\ name', "1000 Sure"]


def test_tallies_add_up_to_what_is_listed(database: Database) -> None:
    write(database, *[(at, f"proj/p{at % 3}", "") for at in range(100, 200)])
    with database.read() as connection:
        counted = outlines.tallies(connection, Sieve(since=109, until=150), start=109, stretch_ms=10)
    assert sum(tally.times for tally in counted) == len(found(database, since=109, until=150)) == 40
    by_stretch: dict[int, int] = {}
    for tally in counted:
        by_stretch[tally.stretch] = by_stretch.get(tally.stretch, 0) + tally.times
        assert outlines.unpacked(tally.accesses) == [("updateName", tally.address)]
    assert by_stretch == {0: 9, 1: 10, 2: 10, 3: 10, 4: 1}


def test_the_first_change_since_a_time_is_told_of_each_address(database: Database) -> None:
    write(database, (1, "proj/a", "a1"), (2, "proj/b", "b2"), (3, "proj/a", "a3"), (4, "proj/a", "a4"))
    with database.read() as connection:
        assert [row.name for row in changes.firsts_since(connection, 1, ["env"])] == ["b2", "a3"]
        assert changes.firsts_since(connection, 1, ["flag"]) == []


def test_a_store_from_before_outlines_gets_them_from_its_changes(database: Database) -> None:
    write(database, *[(number, f"proj/ü{number}", "Größe") for number in range(1100)])
    before = found(database)
    config = Config()
    config.set_main_option("script_location", "flaghoist.store:migrations")
    with database.engine().connect() as connection, connection.begin():
        kept = [dict(row) for row in connection.execute(select(tables.changes)).mappings()]
        everything = MetaData()
        everything.reflect(connection)
        everything.drop_all(connection)
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
        connection.execute(insert(tables.changes), kept)
    assert "0003: outlines of changes, which the audit log is searched by" in migrate(database)
    assert found(database) == before
