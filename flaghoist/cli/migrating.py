"""``flaghoist migrate``: bring the state store to this version's schema, or show what that would do."""

import sys
from argparse import ArgumentParser, Namespace

from flaghoist.app.state import state_url
from flaghoist.base.errors import Unavailable
from flaghoist.base.settings import Settings
from flaghoist.cli.command import Command
from flaghoist.store.database import Database
from flaghoist.store.migrations import SchemaNewer, migrate, newest
from flaghoist.store.migrations.preview import preview


def _options(parser: ArgumentParser) -> None:
    parser.add_argument("--preview", action="store_true", help="print what would run, and change nothing")


def _migrate(settings: Settings, chosen: Namespace) -> int:
    """Take the steps that are still to be taken; the exit status is 0 also when there are none."""
    if not settings.database_url and not (settings.data_dir / "state.db").exists():
        print(f"flaghoist migrate: there is no state in {settings.data_dir.resolve()}", file=sys.stderr)
        return 1
    database = Database(state_url(settings))
    try:
        _preview(database) if chosen.preview else _run(database)
    except (SchemaNewer, Unavailable) as error:
        print(f"flaghoist migrate: {error}", file=sys.stderr)
        return 1
    finally:
        database.close()
    return 0


def _run(database: Database) -> None:
    for step in migrate(database):
        print(f"applied {step}")
    print(f"The state is at schema {newest()}.")


def _preview(database: Database) -> None:
    planned = preview(database)
    for each in planned:
        print(f"-- {each.step.revision}: {each.step.text}")
        for statement in each.statements:
            print(f"{statement};")
        print()
    told = f"{len(planned)} to go to schema {newest()}; nothing was changed." if planned else "Nothing to do."
    print(f"-- {told}")


COMMAND = Command(_migrate, _options)
