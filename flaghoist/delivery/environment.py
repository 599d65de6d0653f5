"""An environment in memory: loaded once, kept fresh, and told to those who listen."""

import asyncio
import gc
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Literal, get_args

from flaghoist.base.errors import NotFound, Unavailable
from flaghoist.delivery import frames
from flaghoist.delivery.answers import Answers
from flaghoist.delivery.phrases import Form
from flaghoist.delivery.places import Places
from flaghoist.delivery.snapshot import Snapshot
from flaghoist.delivery.sockets import Holder
from flaghoist.delivery.source import Update
from flaghoist.delivery.streams import Channel
from flaghoist.delivery.telling import Teller
from flaghoist.evaluation.ruleset import Audience

log = logging.getLogger("flaghoist.delivery")

LOAD_WITHIN_SECONDS = 10.0
RETRY_SECONDS = 1.0
RETRY_SECONDS_MAX = 30.0

ChannelName = Literal["server", "server_flags", "environment_id", "mobile"]
Load = Callable[[str], Awaitable[Snapshot]]


class Environment:
    """One environment; every method belongs to the event loop."""

    def __init__(self, environment_id: str, load: Load, places: Places, teller: Teller) -> None:
        self.id = environment_id
        self.channels: dict[ChannelName, Channel] = {name: Channel(places, teller) for name in get_args(ChannelName)}
        self._load = load
        self._snapshot: Snapshot | None = None
        self._loading: asyncio.Task[None] | None = None
        self._compiling: asyncio.Future[None] | None = None
        self._is_stale = False
        self._missed: list[Update] = []
        self._asked_at = 0.0

    @property
    def snapshot(self) -> Snapshot:
        """The present state, once ``loaded`` has returned."""
        assert self._snapshot is not None, f"environment {self.id} is used before it is loaded"
        return self._snapshot

    @property
    def holders(self) -> set[Holder]:
        """The credentials with which streams are open."""
        return set().union(*(channel.holders for channel in self.channels.values()))

    async def loaded(self) -> None:
        """Return when there is something to serve: the first to ask loads it, all others wait for the same load.

        Raises ``Unavailable`` while the source is away, ``NotFound`` where there is no such environment.
        """
        self._asked_at = asyncio.get_running_loop().time()
        if self._snapshot is not None:
            return
        loading = self._loading or self._begin(self._load_fresh())
        try:
            # Shielded, since one client that gives up must not take the load away from the others.
            await asyncio.wait_for(asyncio.shield(loading), LOAD_WITHIN_SECONDS)
        except TimeoutError:
            raise Unavailable(f"environment {self.id} takes long to load; try again") from None

    async def answers(self, audience: Audience | None, form: Form) -> Answers:
        """What client-side SDKs are answered now; the first of them has everything compiled, in a thread."""
        while not self.snapshot.can_answer_soon:
            if self._compiling is None:
                self._compiling = asyncio.ensure_future(asyncio.to_thread(_compile, self.snapshot))
                self._compiling.add_done_callback(self._compiled)
            await asyncio.shield(self._compiling)
        return self.snapshot.answers(audience, form)

    def apply(self, updates: Sequence[Update]) -> None:
        """Take in what has changed and tell everybody whom it concerns."""
        if self._loading is not None:
            self._missed.extend(updates)
        if self._snapshot is None:
            return
        before = self._snapshot
        after, made = before.updated(updates)
        if not made:
            return
        self._snapshot = after
        self.channels["server"].send(b"".join([after.frame(update) for update in made]))
        flag_frames = b"".join([after.frame_flag(update) for update in made])
        if flag_frames:
            self.channels["server_flags"].send(flag_frames)
        self._ping("environment_id", before, made)
        self._ping("mobile", before, made)

    def invalidate(self) -> None:
        """Load everything again, serving what is known until that has worked."""
        self._is_stale = True
        if self._loading is None and self._snapshot is not None:
            self._begin(self._load_until_done())

    def beat(self) -> None:
        """Tell everybody that the connection is alive, and let go of what nobody asks for."""
        for channel in self.channels.values():
            channel.send(frames.HEARTBEAT)
        if self._snapshot is not None:
            self._snapshot.rest()

    def is_idle(self, for_seconds: float) -> bool:
        """Whether nobody listens, nobody has asked for so long, and nothing is under way."""
        is_at_work = self._loading is not None or self._compiling is not None or any(self.channels.values())
        return not is_at_work and asyncio.get_running_loop().time() - self._asked_at >= for_seconds

    def end(self, holder: Holder) -> None:
        """Close the streams that were opened with one credential."""
        for channel in self.channels.values():
            channel.end(holder)

    def shut(self) -> None:
        """Close all streams now, and let in none that is about to open: the environment is gone."""
        for channel in self.channels.values():
            for listener in channel.shut():
                listener.end()

    def stop_loading(self) -> None:
        """Load no more."""
        if self._loading is not None:
            self._loading.cancel()

    def _begin(self, load: Awaitable[None]) -> asyncio.Task[None]:
        self._loading = asyncio.get_running_loop().create_task(self._load_alone(load))
        return self._loading

    def _compiled(self, _compiling: asyncio.Future[None]) -> None:
        self._compiling = None

    async def _load_alone(self, load: Awaitable[None]) -> None:
        try:
            await load
        finally:
            self._loading = None

    async def _load_fresh(self) -> None:
        self._is_stale = True
        while self._is_stale:
            self._is_stale = False
            self._missed = []
            loaded = await self._load(self.id)
        after, _ = loaded.updated(self._missed)
        self._missed = []
        self._replace(after)

    async def _load_until_done(self) -> None:
        wait_seconds = RETRY_SECONDS
        while True:
            try:
                await self._load_fresh()
                return
            except NotFound:
                log.info("gone environment=%s", self.id)
                return
            except Exception as error:
                log.warning("cannot reload environment=%s error=%s retry_seconds=%s", self.id, error, wait_seconds)
            await asyncio.sleep(wait_seconds)
            wait_seconds = min(2 * wait_seconds, RETRY_SECONDS_MAX)

    def _replace(self, after: Snapshot) -> None:
        before = self._snapshot
        self._snapshot = after if before is None else after.following(before)
        if before is None:
            # A large environment is a million objects, and looking through them for garbage stops everything for half
            # a second. Only at the first load: what else is alive at that moment is left out of collections too.
            gc.freeze()
            return
        if before.etag == after.etag:
            return
        if self.channels["server"]:
            self.channels["server"].send(after.put)
        if self.channels["server_flags"]:
            self.channels["server_flags"].send(after.put_flags)
        self.channels["environment_id"].send(frames.PING)
        self.channels["mobile"].send(frames.PING)

    def _ping(self, audience: Audience, before: Snapshot, made: Sequence[Update]) -> None:
        if not self.channels[audience]:
            return
        after = self.snapshot
        then, now = before.concerns(audience), after.concerns(audience)
        if any(name in then or name in now for name in ((update.kind, update.key) for update in made)):
            self.channels[audience].send(frames.PING)


def _compile(snapshot: Snapshot) -> None:
    # A million objects more, none of them garbage: looking for some meanwhile would hold up everybody.
    gc.disable()
    try:
        snapshot.compile()
    finally:
        gc.freeze()
        gc.enable()
