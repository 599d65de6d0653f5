"""What all parts of a server stand on: its settings, the state store, and the ways to the processes beside it."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from flaghoist.app.opening import State
from flaghoist.app.state import state_url
from flaghoist.app.worker import Worker
from flaghoist.base.clock import HOUR_MS
from flaghoist.base.settings import Settings
from flaghoist.core.catalogue import Catalogue
from flaghoist.outbound.guard import Guard
from flaghoist.resources import operations
from flaghoist.rest.operations import Operation
from flaghoist.store.counters import CountsOfAll
from flaghoist.store.database import Database
from flaghoist.store.documents import Documents
from flaghoist.store.nudges import Nudges, nudges

REST_THREADS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """``counts`` are those of all processes, where there are several; ``executor`` runs what requests ask for."""

    settings: Settings
    worker: Worker
    database: Database
    documents: Documents
    catalogue: Catalogue
    operations: tuple[Operation, ...]
    executor: ThreadPoolExecutor
    counts: CountsOfAll | None
    nudges: Nudges
    guard: Guard

    @property
    def is_alone(self) -> bool:
        """Whether no other process shares the state store."""
        return self.counts is None

    @property
    def max_lateness_ms(self) -> int:
        """How old an imported event may be."""
        return self.settings.max_lateness_hours * HOUR_MS


def lay_ground(settings: Settings, worker: Worker, state: State) -> Ground:
    """Nothing runs yet."""
    database = state.database
    is_alone = worker.of == 1 and database.is_sqlite
    others = nudges(
        settings.nudge_url,
        database_url="" if database.is_sqlite else state_url(settings),
        folder=settings.data_dir / "run",
        several=worker.of > 1,
    )
    return Ground(
        settings=settings,
        worker=worker,
        database=database,
        documents=state.documents,
        catalogue=state.catalogue,
        operations=operations(state.families),
        executor=ThreadPoolExecutor(REST_THREADS, thread_name_prefix="rest"),
        counts=None if is_alone else CountsOfAll(database),
        nudges=others,
        guard=Guard.allowing(settings.outbound_allow),
    )
