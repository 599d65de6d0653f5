"""A server, put together: builds every part once and hands each what it needs."""

from collections.abc import Callable
from dataclasses import dataclass

from flaghoist import __version__
from flaghoist.app.event_doors import EventDoors
from flaghoist.app.event_keys import EventKeys
from flaghoist.app.events import Activity, Counted
from flaghoist.app.evidence import Evidence
from flaghoist.app.following import Following
from flaghoist.app.ground import Ground, lay_ground
from flaghoist.app.observing.observation import Observation
from flaghoist.app.opening import State, open_state
from flaghoist.app.running import Running
from flaghoist.app.worker import ALONE, Worker
from flaghoist.base.asgi import Hook, Site
from flaghoist.base.http import Answer, Request, Route, json_response
from flaghoist.base.settings import Settings
from flaghoist.console.pages import Console
from flaghoist.delivery import routes as delivery
from flaghoist.rest.attempts import Attempts
from flaghoist.rest.limits import RateLimits
from flaghoist.rest.serve import Rest
from flaghoist.rest.turns import Turns


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
    ground = lay_ground(settings, worker, state or open_state(settings))
    limits = RateLimits(settings.rate_limit, ground.counts if settings.rate_limit else None)
    following = Following(ground, limits)
    evidence = Evidence(ground)
    events = EventDoors(ground, following, evidence)
    rest = _rest(ground, limits, following, evidence)
    console = Console()
    observation = Observation(ground, following, evidence, events)
    running = Running(ground, following, evidence, events, observation)
    doors, names = observation.doors, {(each.method, each.path): each.name for each in ground.operations}
    site = Site(
        [
            *doors.watched("rest", rest.routes(), names),
            *doors.watched("rest", [*following.live.routes(), *events.watching()]),
            *doors.watched("sdk", delivery.routes(following.hub)),
            *doors.watched("events", events.arriving()),
            *doors.watched("console", [*console.routes(), *_welcome(console)]),
            *doors.watched("own", observation.routes()),
        ],
        on_start=running.start,
        on_stop=running.stop,
        elsewhere=doors.handler("console", "(page)", console.page),
        lost=doors.lost,
    )
    return App(site, settings, observation.health.drain, running.close_streams)


def _rest(ground: Ground, limits: RateLimits, following: Following, evidence: Evidence) -> Rest:
    database, settings = ground.database, ground.settings
    return Rest(
        database=database,
        documents=ground.documents,
        catalogue=ground.catalogue,
        operations=ground.operations,
        settings=settings,
        limits=limits,
        executor=ground.executor,
        turns=Turns(ground.executor, seconds=settings.answer_seconds),
        services={
            "operations": ground.operations,
            "settings": settings,
            "facts": Counted(evidence.facts, evidence.lake, evidence.mover),
            "activity": Activity(database),
            "event_keys": EventKeys(database, evidence.facts, evidence.mover),
            "attempts": Attempts(database),
            "guard": ground.guard,
        },
        committed=lambda _changes: following.outbox.nudge(),
    )


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
