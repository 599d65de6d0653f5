"""The keys that secrets at rest are sealed with, as settings name them."""

from flaghoist.app.state import state_url
from flaghoist.base.settings import Settings
from flaghoist.core.catalogue import Catalogue
from flaghoist.resources import families
from flaghoist.store import sealing
from flaghoist.store.database import Database
from flaghoist.store.keyring import Keyring
from flaghoist.store.migrations import migrate

FILE = "secret.key"


def keyring(settings: Settings) -> Keyring:
    """The keys of ``FLAGHOIST_SECRET_KEY``, else of the file beside the data; raises ``WrongKey``."""
    return Keyring.of(settings.secret_key, settings.data_dir / FILE)


def rotate(settings: Settings) -> int:
    """Put a new key in force and seal every secret with it, while servers go on; gives how many documents had some."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    catalogue = Catalogue(resource for family in families() for resource in family.resources)
    database = Database(state_url(settings))
    try:
        migrate(database)
        return sealing.rotate(database, keyring(settings), catalogue.secrets())
    finally:
        database.close()
