"""Builds every part once and hands each what it needs: the only room that knows all rooms."""

import asyncio
import gc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from flaghoist import __version__
from flaghoist.app.analysis import analysis_engine
from flaghoist.app.environments import Environments
from flaghoist.app.event_keys import EventKeys
from flaghoist.app.events import Activity, Counted, Importers, Senders
from flaghoist.app.events_kept import events_kept
from flaghoist.app.lake_place import lake_place
from flaghoist.app.news import News
from flaghoist.app.observing.doors import Doors
from flaghoist.app.observing.figures import Own, SharedState
from flaghoist.app.observing.health import Health
from flaghoist.app.observing.machine import Machine
from flaghoist.app.observing.metrics import Metrics
from flaghoist.app.observing.siblings import Siblings
from flaghoist.app.observing.waiting import InLog
from flaghoist.app.opening import State, open_state
from flaghoist.app.state import state_url
from flaghoist.app.upkeep import upkeep
from flaghoist.app.watching import EventStreams
from flaghoist.app.worker import ALONE, Worker
from flaghoist.base.asgi import Hook, Site
from flaghoist.base.clock import DAY_MS, HOUR_MS
from flaghoist.base.http import Answer, Request, Route, json_response
from flaghoist.base.settings import Settings
from flaghoist.console.pages import Console
from flaghoist.core.outbox import Outbox
from flaghoist.delivery import routes as delivery
from flaghoist.delivery.hub import Hub
from flaghoist.ingest.compact import Compactor
from flaghoist.ingest.elsewhere import Elsewhere
from flaghoist.ingest.imports import Importer
from flaghoist.ingest.pace import ImportPace
from flaghoist.ingest.receive import Receiver
from flaghoist.ingest.recent import Recent
from flaghoist.ingest.sharing import Shared
from flaghoist.outbound.guard import Guard
from flaghoist.resources import operations as table
from flaghoist.rest.attempts import Attempts
from flaghoist.rest.limits import RateLimits
from flaghoist.rest.live import LiveChanges
from flaghoist.rest.news import Newsroom
from flaghoist.rest.serve import Rest
from flaghoist.rest.turns import Turns
from flaghoist.store.counters import CountsOfAll
from flaghoist.store.facts.facts import Facts
from flaghoist.store.facts.lake import Lake
from flaghoist.store.logs import Feed
from flaghoist.store.nudges import Word, nudges

REST_THREADS = 16


@dataclass(frozen=True, slots=True)
class App:
    """A server ready to be run: ``site`` is the ASGI application.

    When it is to stop, ``drain`` says so to whoever asks for its health, and ``close_streams`` is the first to do.
    """

    site: Site
    settings: Settings
    drain: Callable[[], None]
    close_streams: Hook


def build(settings: Settings, worker: Worker = ALONE, state: State | None = None) -> App:
    """Put every part of one process in its place; nothing runs before the site starts."""
    state = state or open_state(settings)
    database, documents, catalogue = state.database, state.documents, state.catalogue
    operations = table(state.families)
    environments = Environments(database, documents, catalogue)
    hub = Hub(environments, heartbeat_seconds=settings.heartbeat_seconds, idle_seconds=60 * settings.idle_minutes)
    executor = ThreadPoolExecutor(REST_THREADS, thread_name_prefix="rest")
    is_alone = worker.of == 1 and database.is_sqlite
    counts = None if is_alone else CountsOfAll(database)
    limits = RateLimits(settings.rate_limit, counts if settings.rate_limit else None)
    newsroom = Newsroom(database=database, documents=documents, catalogue=catalogue)
    live = LiveChanges(newsroom, limits=limits, heartbeat_seconds=settings.heartbeat_seconds)
    others = nudges(
        settings.nudge_url,
        database_url="" if database.is_sqlite else state_url(settings),
        folder=settings.data_dir / "run",
        several=worker.of > 1,
    )
    guard = Guard.allowing(settings.outbound_allow)
    news = News(database, documents, catalogue, guard)
    outbox = Outbox(database, [environments.listener(hub), live.listen, news.nudge], others)
    max_lateness_ms = settings.max_lateness_hours * HOUR_MS
    lake = Lake(lake_place(settings), database, scratch=settings.data_dir / worker.own("scratch"))
    spill = settings.data_dir / worker.own("spill")
    facts = Facts(lake, database, spill=spill, engine=analysis_engine(settings))

    def compactor_of(some: Feed, sharing: Shared | None) -> Compactor:
        return Compactor(
            some,
            lake,
            database,
            max_lateness_ms=max_lateness_ms,
            retention_ms=settings.event_retention_days * DAY_MS,
            sharing=sharing,
        )

    kept = events_kept(settings, worker, database, others, compactor_of)
    inbox, compactor = kept.intake, kept.mover
    forgetting = upkeep(database, settings)
    importers = Importers(database, documents, catalogue, environments, executor)
    services: dict[str, Any] = {
        "operations": operations,
        "settings": settings,
        "facts": Counted(facts, lake, compactor),
        "activity": Activity(database),
        "event_keys": EventKeys(database, facts, compactor),
        "attempts": Attempts(database),
        "guard": guard,
    }
    rest = Rest(
        database=database,
        documents=documents,
        catalogue=catalogue,
        operations=operations,
        settings=settings,
        limits=limits,
        executor=executor,
        turns=Turns(executor, seconds=settings.answer_seconds),
        services=services,
        committed=lambda _changes: outbox.nudge(),
    )

    def hear(word: Word) -> None:
        (compactor if word == "events" else outbox).wake()

    async def start() -> None:
        await hub.start()
        await live.start()
        outbox.start()
        if counts is not None:
            counts.start()
        if events_elsewhere is not None:
            events_elsewhere.start()
        others.start(hear)
        kept.start()
        forgetting.start()
        news.start()
        machine.start()
        await siblings.start()
        gc.collect()
        gc.freeze()  # what is loaded now lives as long as the process: leave it out of collections

    async def close_streams() -> None:
        recent.close()
        await asyncio.gather(hub.close(), live.close())

    async def stop() -> None:
        health.drain()
        database.hasten()
        await close_streams()
        await siblings.stop()
        machine.stop()
        await asyncio.to_thread(executor.shutdown)
        await asyncio.to_thread(others.close)
        await asyncio.to_thread(outbox.stop)
        await asyncio.to_thread(news.stop)
        if counts is not None:
            await asyncio.to_thread(counts.stop)
        if events_elsewhere is not None:
            await asyncio.to_thread(events_elsewhere.stop)
        await asyncio.to_thread(kept.stop)
        await asyncio.to_thread(forgetting.stop)
        for part in (facts, lake, kept, database):
            await asyncio.to_thread(part.close)
        metrics.close()
        health.close()
        gc.unfreeze()

    recent = Recent()
    events_elsewhere = None if is_alone else Elsewhere(recent, database)
    events = Receiver(inbox, Senders(hub), recent)
    pace = ImportPace(settings.import_rate_limit, counts)
    imports = Importer(inbox, importers.authorize, max_lateness_ms=max_lateness_ms, pace=pace, recent=recent)
    streams = EventStreams(
        database=database,
        documents=documents,
        catalogue=catalogue,
        environments=environments,
        executor=executor,
        recent=recent,
        heartbeat_seconds=settings.heartbeat_seconds,
        max_lateness_ms=max_lateness_ms,
    )
    console = Console()
    health = Health(database, outbox, inbox)
    doors, machine = Doors(access_log=settings.access_log == "yes"), Machine()
    own = Own(
        doors=doors,
        hub=hub,
        outbox=outbox,
        recent=recent,
        inbox=inbox,
        compactor=compactor,
        runner=news.runner,
        database=database,
        machine=machine,
    )
    siblings = Siblings(settings.data_dir / "run", worker, own.figures)
    shared = (SharedState(database=database, lake=lake), InLog(log=kept.log, database=database))
    metrics = Metrics(siblings, shared, settings.metrics_token)
    names = {(operation.method, operation.path): operation.name for operation in operations}
    routes = [
        *doors.watched("rest", rest.routes(), names),
        *doors.watched("rest", [*live.routes(), *streams.routes()]),
        *doors.watched("sdk", delivery.routes(hub)),
        *doors.watched("events", [*events.routes(), *imports.routes()]),
        *doors.watched("console", [*console.routes(), *_welcome(console)]),
        *doors.watched("own", [*health.routes(), *metrics.routes()]),
    ]
    elsewhere = doors.handler("console", "(page)", console.page)
    site = Site(routes, on_start=start, on_stop=stop, elsewhere=elsewhere, lost=doors.lost)
    return App(site, settings, health.drain, close_streams)


def _welcome(console: Console) -> list[Route]:
    async def welcome(request: Request) -> Answer:
        if console.is_asked_for(request):
            return await console.page(request)
        return json_response(
            200,
            {
                "name": "Flaghoist",
                "version": __version__,
                "links": {"api": "/api/v2", "description": "/api/v2/openapi.json", "status": "/status"},
            },
        )

    return [("GET", "/", welcome)]
