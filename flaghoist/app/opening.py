"""The state store, opened and up to date, and what it begins with."""

import contextlib
from dataclasses import dataclass

from flaghoist.app.analysis import analysis_engine
from flaghoist.app.first_start import FirstToken, first_start
from flaghoist.app.lake_place import lake_place
from flaghoist.app.secret_keys import keyring
from flaghoist.app.sign_in_links import Owner, welcome_owner
from flaghoist.app.state import state_url
from flaghoist.app.upgrading import brought_up_to_date
from flaghoist.base.settings import Settings
from flaghoist.core.catalogue import Catalogue
from flaghoist.resources import families
from flaghoist.rest.operations import Family
from flaghoist.store.database import Database
from flaghoist.store.documents import Documents
from flaghoist.store.sealing import open_seal


@dataclass(frozen=True, slots=True)
class State:
    """The store and how its documents are read; ``migrations`` are those applied just now."""

    database: Database
    documents: Documents
    catalogue: Catalogue
    families: list[Family]
    migrations: list[str]


@dataclass(frozen=True, slots=True)
class Begun:
    """What people are told when a server starts: its owner, and the first token where it was made just now."""

    first_token: FirstToken | None
    owner: Owner


def open_state(settings: Settings) -> State:
    """Open the store and bring it up to date; raises ``CannotStart``, ``WrongKey`` or ``Unavailable``."""
    analysis_engine(settings)  # what is amiss with its address is told before anything is changed
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    lake_place(settings)
    with contextlib.closing(Database(state_url(settings))) as unhurried:  # a migration may take its time
        applied = brought_up_to_date(unhurried, settings)
    database = Database(state_url(settings), answer_within=settings.database_seconds)
    try:
        tables = families()
        catalogue = Catalogue(resource for family in tables for resource in family.resources)
        documents = Documents(open_seal(database, keyring(settings), catalogue.secrets()))
    except BaseException:
        database.close()
        raise
    return State(database, documents, catalogue, tables, applied)


def begin(settings: Settings, state: State) -> Begun:
    """Fill an empty store, and give its owner a way in; done once, however many processes serve."""
    token = first_start(
        state.database,
        state.documents,
        state.catalogue,
        given_token=settings.access_token,
        owner_email=settings.owner_email,
    )
    return Begun(token, welcome_owner(state.database, state.documents))
