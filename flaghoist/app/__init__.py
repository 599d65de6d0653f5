"""Builds every part once and hands each what it needs: the only room that knows all rooms."""

import asyncio
import gc
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from flaghoist import __version__
from flaghoist.app.environments import Environments
from flaghoist.app.event_keys import EventKeys
from flaghoist.app.events import Activity, Counted, Importers, Senders
from flaghoist.app.first_start import FirstToken, first_start
from flaghoist.app.news import News
from flaghoist.app.secret_keys import keyring
from flaghoist.app.sign_in_links import Owner, welcome_owner
from flaghoist.app.state import state_url
from flaghoist.app.watching import EventStreams
from flaghoist.base.asgi import Hook, Site
from flaghoist.base.http import Answer, Handler, Request, Response, json_response
from flaghoist.base.settings import Settings
from flaghoist.console.pages import Console
from flaghoist.core.catalogue import Catalogue
from flaghoist.core.outbox import Outbox
from flaghoist.delivery import routes as delivery
from flaghoist.delivery.hub import Hub
from flaghoist.ingest.compact import Compactor
from flaghoist.ingest.imports import Importer
from flaghoist.ingest.pace import ImportPace
from flaghoist.ingest.receive import Receiver
from flaghoist.ingest.recent import Recent
from flaghoist.outbound.guard import Guard
from flaghoist.resources import families
from flaghoist.resources import operations as table
from flaghoist.rest.attempts import Attempts
from flaghoist.rest.limits import RateLimits
from flaghoist.rest.live import LiveChanges
from flaghoist.rest.news import Newsroom
from flaghoist.rest.serve import Rest
from flaghoist.store.database import Database
from flaghoist.store.documents import Documents
from flaghoist.store.facts.facts import Facts
from flaghoist.store.facts.lake import Lake
from flaghoist.store.facts.question import HOUR_MS
from flaghoist.store.inbox import Inbox
from flaghoist.store.migrations import migrate
from flaghoist.store.room import Bounds
from flaghoist.store.sealing import open_seal

REST_THREADS = 16


@dataclass(frozen=True, slots=True)
class App:
    """A server ready to be run: ``site`` is the ASGI application, ``close_streams`` what to do first when it stops."""

    site: Site
    settings: Settings
    first_token: FirstToken | None
    owner: Owner
    migrations: list[str]
    close_streams: Hook


def build(settings: Settings) -> App:
    """Open the store, bring it up to date, and put every part in its place; nothing runs before the site starts."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    database = Database(state_url(settings))
    applied = migrate(database)
    tables = families()
    operations = table(tables)
    catalogue = Catalogue(resource for family in tables for resource in family.resources)
    documents = Documents(open_seal(database, keyring(settings), catalogue.secrets()))
    token = first_start(
        database, documents, catalogue, given_token=settings.access_token, owner_email=settings.owner_email
    )
    owner = welcome_owner(database, documents)
    environments = Environments(database, documents, catalogue)
    hub = Hub(environments, heartbeat_seconds=settings.heartbeat_seconds)
    executor = ThreadPoolExecutor(REST_THREADS, thread_name_prefix="rest")
    limits = RateLimits(settings.rate_limit)
    newsroom = Newsroom(database=database, documents=documents, catalogue=catalogue)
    live = LiveChanges(newsroom, limits=limits, heartbeat_seconds=settings.heartbeat_seconds)
    guard = Guard.allowing(settings.outbound_allow)
    news = News(database, documents, catalogue, guard)
    outbox = Outbox(database, [environments.listener(hub), live.listen, news.nudge])
    max_lateness_ms = settings.max_lateness_hours * HOUR_MS
    bounds = Bounds(settings.inbox_limit, settings.disk_reserve)
    inbox = Inbox(settings.data_dir / "inbox", bounds=bounds)
    lake = Lake(settings.data_dir / "lake", database)
    facts = Facts(lake, database, spill=settings.data_dir / "spill")
    compactor = Compactor(inbox, lake, database, max_lateness_ms=max_lateness_ms)
    importers = Importers(database, documents, catalogue, environments, executor)
    services: dict[str, Any] = {
        "operations": operations,
        "settings": settings,
        "facts": Counted(facts, compactor),
        "activity": Activity(database),
        "event_keys": EventKeys(database, facts, compactor),
        "attempts": Attempts(),
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
        services=services,
        committed=lambda _changes: outbox.nudge(),
    )

    async def start() -> None:
        await hub.start()
        await live.start()
        outbox.start()
        news.start()
        compactor.start()
        gc.collect()
        gc.freeze()  # what is loaded now lives as long as the process: leave it out of collections

    async def close_streams() -> None:
        recent.close()
        await asyncio.gather(hub.close(), live.close())

    async def stop() -> None:
        await close_streams()
        await asyncio.to_thread(executor.shutdown)
        await asyncio.to_thread(outbox.stop)
        await asyncio.to_thread(news.stop)
        await asyncio.to_thread(compactor.stop)
        for part in (facts, lake, inbox, database):
            await asyncio.to_thread(part.close)
        gc.unfreeze()

    recent = Recent()
    events = Receiver(inbox, Senders(hub), recent)
    pace = ImportPace(settings.import_rate_limit)
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
    doors = [*delivery.routes(hub), *events.routes(), *imports.routes()]
    console = Console()
    routes = [*rest.routes(), *live.routes(), *streams.routes(), *doors, *console.routes(), *_own(console)]
    site = Site(routes, on_start=start, on_stop=stop, elsewhere=console.page)
    return App(site, settings, token, owner, applied, close_streams)


def _own(console: Console) -> list[tuple[str, str, Handler]]:
    async def status(_request: Request) -> Response:
        return json_response(200, {"status": "healthy"})

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

    return [("GET", "/", welcome), ("GET", "/status", status)]
