"""Every environment in use, and the one place where changes enter and streams are kept alive."""

import asyncio
import contextlib
import functools
import logging
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

from flaghoist.base.errors import NotFound, Unavailable
from flaghoist.delivery.credentials import Credentials
from flaghoist.delivery.environment import Environment
from flaghoist.delivery.places import Places, places
from flaghoist.delivery.snapshot import Snapshot
from flaghoist.delivery.sockets import Holder
from flaghoist.delivery.source import CredentialKind, EnvironmentIdentity, Source, Update
from flaghoist.delivery.streams import send_home
from flaghoist.delivery.telling import Teller

log = logging.getLogger("flaghoist.delivery")

READING_THREADS = 4
RESOLVING_THREADS = 2
CLOSE_WITHIN_SECONDS = 5.0

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Visit:
    """One request let in: with which credential, and where to."""

    holder: Holder
    identity: EnvironmentIdentity
    environment: Environment


class Hub:
    """Environments by id, loaded on first use and fresh from then on.

    ``holds``, ``publish``, ``invalidate`` and ``revoke`` may be called from any thread and return at once; everything
    else belongs to the event loop on which ``start`` ran.
    """

    def __init__(self, source: Source, *, heartbeat_seconds: float, idle_seconds: float = 0) -> None:
        """An environment that nobody asks for during ``idle_seconds`` is let go; 0 keeps them all."""
        self._source = source
        self._heartbeat_seconds = heartbeat_seconds
        self._idle_seconds = idle_seconds
        self._reading = ThreadPoolExecutor(READING_THREADS, thread_name_prefix="delivery")
        # Apart, so that nobody known waits for environments that others have loaded.
        self._resolving = ThreadPoolExecutor(RESOLVING_THREADS, thread_name_prefix="credentials")
        self._credentials = Credentials(self._resolve)
        self._environments: dict[str, Environment] = {}
        self.places = Places(places())
        self._teller = Teller()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_closing = False

    @property
    def open_streams(self) -> int:
        """How many streams are open."""
        return self.places.taken

    @property
    def environments(self) -> int:
        """How many environments are in memory."""
        return len(self._environments)

    async def start(self) -> None:
        """Begin to take in changes and to send heartbeats."""
        self._loop = asyncio.get_running_loop()
        self._spawn(self._beat())
        self._spawn(self._recheck())

    async def close(self, within_seconds: float = CLOSE_WITHIN_SECONDS) -> None:
        """Close every stream, staggered over the time given; nothing is served from then on.

        To be called when the server is told to stop: it waits for open answers to end before it stops by itself.
        """
        self._is_closing = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for environment in self._environments.values():
            environment.stop_loading()
        channels = [channel for each in self._environments.values() for channel in each.channels.values()]
        await send_home(channels, within_seconds)
        self._teller.close()
        for threads in (self._reading, self._resolving):
            threads.shutdown(wait=False, cancel_futures=True)

    def holds(self, environment_id: str) -> bool:
        """Whether an environment is in use, so that telling of its changes has a point."""
        return environment_id in self._environments

    def publish(self, environment_id: str, updates: Sequence[Update]) -> None:
        """Take in what a commit changed in an environment, and tell every open stream."""
        self._soon(self._publish, environment_id, updates)

    def invalidate(self, environment_id: str) -> None:
        """Read an environment afresh: anything in it may have changed, its goals or secure mode say."""
        self._soon(self._invalidate, environment_id)

    def revoke(self, environment_id: str) -> None:
        """Ask again about an environment's credentials, and close the streams of those that are no longer good.

        For keys reset or expired, and for environments deleted.
        """
        self._soon(self._revoke, environment_id)

    async def identify(self, kind: CredentialKind, credential: str) -> EnvironmentIdentity:
        """The environment that a credential speaks for, loaded or not; raises as ``enter`` does."""
        return await self._credentials.identify(kind, credential)

    async def enter(self, kind: CredentialKind, credential: str) -> Visit:
        """The environment that a credential opens, loaded.

        Raises ``Unauthorized`` or ``NotFound`` for an unknown credential, ``Unavailable`` for what may pass.
        """
        if self._is_closing:
            raise Unavailable("the server is stopping; try again")
        identity = await self._credentials.identify(kind, credential)
        environment = self._environments.get(identity.id)
        if environment is None:
            environment = Environment(identity.id, self._load, self.places, self._teller)
            self._environments[identity.id] = environment
        await environment.loaded()
        return Visit((kind, credential), identity, environment)

    def _publish(self, environment_id: str, updates: Sequence[Update]) -> None:
        environment = self._environments.get(environment_id)
        if environment is not None:
            environment.apply(updates)

    def _invalidate(self, environment_id: str) -> None:
        self._credentials.doubt(environment_id)
        environment = self._environments.get(environment_id)
        if environment is not None:
            environment.invalidate()

    def _revoke(self, environment_id: str) -> None:
        self._credentials.forget(environment_id)
        environment = self._environments.get(environment_id)
        if environment is not None:
            self._spawn(self._expel_or_reload(environment))

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(self._heartbeat_seconds)
            self._beat_once()
            if self._idle_seconds:
                self._let_go()

    # Not in the loop that sleeps: what it holds would stay in memory.
    def _beat_once(self) -> None:
        for environment in self._environments.values():
            environment.beat()

    def _let_go(self) -> None:
        """Forget what nobody uses: its snapshot is most of what memory holds, and is read again for the next to ask."""
        for environment in list(self._environments.values()):
            if environment.is_idle(self._idle_seconds):
                del self._environments[environment.id]
                log.info("let go environment=%s idle_seconds=%s", environment.id, self._idle_seconds)

    async def _recheck(self) -> None:
        """Find the keys that have run out: nothing is written at that moment that could tell us."""
        while True:
            await asyncio.sleep(self._heartbeat_seconds)
            await self._recheck_once()

    async def _recheck_once(self) -> None:
        for environment in list(self._environments.values()):
            await self._expel(environment)

    async def _expel(self, environment: Environment) -> bool:
        """Close the streams whose credential is no longer good; whether any other was found."""
        is_used = False
        for holder in environment.holders:
            if await self._credentials.is_valid(holder):
                is_used = True
            else:
                environment.end(holder)
        return is_used

    async def _expel_or_reload(self, environment: Environment) -> None:
        if not await self._expel(environment):
            environment.invalidate()  # it may be gone altogether

    async def _resolve(self, kind: CredentialKind, credential: str) -> EnvironmentIdentity | None:
        return await _beside(self._resolving, self._source.resolve, kind, credential)

    async def _load(self, environment_id: str) -> Snapshot:
        try:
            return await _beside(self._reading, lambda: Snapshot.build(self._source.load(environment_id)))
        except NotFound:
            self._environments.pop(environment_id).shut()
            raise

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _soon(self, callback: Callable[P, None], *args: P.args, **kwargs: P.kwargs) -> None:
        if self._loop is None:
            return  # nothing is loaded yet, so nothing can be out of date
        with contextlib.suppress(RuntimeError):  # the loop has ended, and with it every stream
            self._loop.call_soon_threadsafe(functools.partial(callback, *args, **kwargs))


async def _beside(threads: ThreadPoolExecutor, read: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Ask the source in threads of our own, so that a store that hangs holds up nobody else."""
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(threads, functools.partial(read, *args, **kwargs))
