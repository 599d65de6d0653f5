"""Does what was promised: claims the jobs that are due, runs them, and says how each ended.

Any number of runners share the work, in one process or on many nodes. One turn is one transaction: it settles what has
ended since the last and claims what is due. Between turns a runner sleeps until a nudge, the next time something is
due, or a second has passed.
"""

import asyncio
import contextlib
import functools
import logging
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import Connection

from flaghoist.base import clock, ids
from flaghoist.base.errors import Unavailable
from flaghoist.base.figures import Spread, Tally
from flaghoist.base.tracing import span
from flaghoist.jobs.endings import Endings
from flaghoist.jobs.queue import Every, Failed, Hopeless, Queue
from flaghoist.store import jobs
from flaghoist.store.database import Database
from flaghoist.store.jobs import Errand, Job

log = logging.getLogger("flaghoist.jobs")
LOOK_EVERY_SECONDS = 1.0
# What a killed process had in hand is taken up by another after this long.
LEASE_SECONDS = 5.0
STOP_WITHIN_SECONDS = 5.0

Claims = list[tuple[Queue, Job]]


class Room(NamedTuple):
    """How many more jobs of a queue a runner takes in hand."""

    free: int
    lanes: dict[str, int]


class Runner:
    """One thread with an event loop of its own, so that no job holds up a stream or a request.

    ``ended`` counts attempts by queue and by how they went, ``durations`` are the seconds they took.
    """

    def __init__(
        self,
        database: Database,
        queues: Iterable[Queue],
        every: Sequence[Every] = (),
        *,
        lease_seconds: float = LEASE_SECONDS,
        on_stop: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._database = database
        self._timers = {f"every {each.name}": each for each in every}
        self._queues = [*queues, *[Queue(name=name, run=_timed(each)) for name, each in self._timers.items()]]
        self._lease_ms = int(lease_seconds * 1000)
        waits = [each.longest_wait_seconds for each in self._queues] + [each.seconds for each in every]
        self._farthest_ms = int(max(waits, default=0) * 1000) * 2
        self._on_stop = on_stop
        self._holder = ids.random_uuid()
        self._running: dict[asyncio.Task[None], tuple[Queue, Job]] = {}
        self._endings = Endings()
        self.ended = Tally("queue", "outcome")
        self.durations = Spread()
        self._stopping = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._awake = asyncio.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._work()), name="jobs", daemon=True)

    def start(self) -> None:
        """Set the timers that nobody has set, and begin."""
        now = clock.now_ms()
        timers = [Errand(name, "", {}, now) for name in self._timers]
        self._database.write(lambda connection: jobs.enqueue(connection, timers, now), in_turn=False)
        self._thread.start()

    def nudge(self) -> None:
        """Say that something may be due; from any thread."""
        loop = self._loop
        if loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(self._awake.set)

    def stop(self) -> None:
        """Claim no more, give what is under way a moment, and hand the rest back."""
        self._stopping = True
        self.nudge()
        if self._thread.is_alive():
            self._thread.join()

    async def _work(self) -> None:
        self._loop = asyncio.get_running_loop()
        renewing = self._loop.create_task(self._renew())
        while not self._stopping:
            wait = await self._turn()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._awake.wait(), wait)
            self._awake.clear()
        renewing.cancel()
        await self._end()

    async def _turn(self) -> float:
        """Settle and claim; gives how many seconds to sleep unless woken."""
        endings, self._endings = self._endings, Endings()
        held = list(self._running.values())
        try:
            claims, wait = await asyncio.to_thread(self._settle_and_claim, endings, held)
        except (
            Exception
        ) as error:  # written or not: to say it again does no harm, and a lost claim is a lease that ends
            if not isinstance(error, Unavailable):
                log.exception("failed turn")
            self._endings.add(endings)
            return LOOK_EVERY_SECONDS
        for queue, job in claims:
            task = asyncio.create_task(self._run(queue, job))
            self._running[task] = (queue, job)
            task.add_done_callback(self._ended)
        return wait

    def _settle_and_claim(self, endings: Endings, held: Claims) -> tuple[Claims, float]:
        now = clock.now_ms()

        def act(connection: Connection) -> tuple[Claims, float]:
            endings(connection)
            for queue in self._beyond(connection, now):
                jobs.recall(connection, queue, beyond=now + self._farthest_ms, now=now)
            rooms = self._rooms(connection, held, now)
            claims = [(queue, job) for queue, room in rooms for job in self._claimed(connection, queue, room, now)]
            return claims, self._wait(connection, now)

        if not endings:  # to look costs nobody a turn at writing
            with self._database.read() as connection:
                is_due = any(room.lanes for _, room in self._rooms(connection, held, now))
                if not is_due and not self._beyond(connection, now):
                    return [], self._wait(connection, now)
        return self._database.write(act, in_turn=False)

    def _rooms(self, connection: Connection, held: Claims, now: int) -> list[tuple[Queue, Room]]:
        return [(queue, _room(connection, queue, held, now)) for queue in self._queues]

    def _beyond(self, connection: Connection, now: int) -> list[str]:
        """Queues in which something was put off until a time that only a wrong clock can have named."""
        at = now + self._farthest_ms
        return [queue.name for queue in self._queues if jobs.is_any_due_beyond(connection, queue.name, at)]

    def _wait(self, connection: Connection, now: int) -> float:
        """How many seconds there are until more is due, as far as is known."""
        upcoming = [jobs.next_due(connection, queue.name, now) for queue in self._queues]
        soon = min([due for due in upcoming if due is not None], default=now + 1000)
        return min(max(soon - clock.now_ms(), 0) / 1000, LOOK_EVERY_SECONDS)

    def _claimed(self, connection: Connection, queue: Queue, room: Room, now: int) -> list[Job]:
        until = now + self._lease_ms
        claimed: list[Job] = []
        for lane, limit in room.lanes.items():
            limit = min(limit, room.free - len(claimed))
            if limit > 0:
                claimed += jobs.claim(
                    connection, queue.name, lane, now=now, lease_until=until, holder=self._holder, limit=limit
                )
        return claimed

    async def _run(self, queue: Queue, job: Job) -> None:
        timer = self._timers.get(queue.name)
        began = asyncio.get_running_loop().time()
        try:
            if job.attempt > queue.attempts_max and timer is None:
                raise Hopeless("it was begun several times and never came to an end")
            with span(f"job {queue.name}", attempt=job.attempt):
                await queue.run(job)
        except asyncio.CancelledError:
            self._endings.handed_back(job)
            self.ended.add(queue.name, "handed back")
        except Exception as error:
            is_known = isinstance(error, Hopeless | Failed)
            if not is_known:
                log.exception("failed job queue=%s id=%s", queue.name, job.id)
            reason = str(error) if is_known else type(error).__name__
            if timer is not None:
                self._endings.again(timer, job, reason)
                self.ended.add(queue.name, "failed")
            else:
                self._endings.failed(queue, job, reason, is_hopeless=isinstance(error, Hopeless))
                has_ended = isinstance(error, Hopeless) or job.attempt >= queue.attempts_max
                self.ended.add(queue.name, "given up" if has_ended else "failed")
        else:
            self.ended.add(queue.name, "done")
            if timer is not None:
                self._endings.again(timer, job)
            else:
                self._endings.succeeded(job)
        finally:
            self.durations.add(asyncio.get_running_loop().time() - began)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.pop(task, None)
        self._awake.set()

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(self._lease_ms / 3000)
            held = [job for _, job in self._running.values()]
            act = functools.partial(jobs.renew, held=held, lease_until=clock.now_ms() + self._lease_ms)
            if held:
                with contextlib.suppress(Unavailable):
                    await asyncio.to_thread(self._database.write, act, in_turn=False)

    async def _end(self) -> None:
        if self._running:
            await asyncio.wait(self._running, timeout=STOP_WITHIN_SECONDS)
        rest = list(self._running)
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)
        if self._endings:
            with contextlib.suppress(Unavailable):
                await asyncio.to_thread(self._database.write, self._endings, in_turn=False)
        if self._on_stop is not None:
            await self._on_stop()


def _room(connection: Connection, queue: Queue, held: Claims, now: int) -> Room:
    """How many more jobs may be in hand, in all and in each lane in which some are due, the longest waiting first."""
    in_hand = Counter(job.lane for of, job in held if of is queue)
    free = queue.at_once - in_hand.total()
    due = jobs.lanes_due(connection, queue.name, now) if free > 0 else []
    return Room(free, {lane: left for lane in due if (left := queue.at_once_in_lane - in_hand[lane]) > 0})


def _timed(timer: Every) -> Callable[[Job], Awaitable[None]]:
    async def run(_job: Job) -> None:
        await asyncio.to_thread(timer.run)

    return run
