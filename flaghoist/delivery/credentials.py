"""Who is asking: credentials that are known stay known while the store is away, and are asked about again in time."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from flaghoist.base import clock
from flaghoist.base.errors import NotFound, Unauthorized, Unavailable
from flaghoist.delivery.sockets import Holder
from flaghoist.delivery.source import CredentialKind, EnvironmentIdentity

# How long a known credential is trusted; those who end one sooner say so (``forget``), so this is for lost messages.
TRUST_MS = 10_000
ANSWER_WITHIN_SECONDS = 2.0
# Look-ups under way at once. All who bring the same credential wait for the same one, so that only a crowd of different
# ones, or a store that hangs, comes to this many; whoever comes then is told to come again.
UNDER_WAY_MAX = 64
_LATER = (("retry-after", "1"),)

Resolve = Callable[[CredentialKind, str], Awaitable[EnvironmentIdentity | None]]


@dataclass(slots=True)
class _Known:
    identity: EnvironmentIdentity
    trusted_until_ms: int

    def is_valid(self, now_ms: int) -> bool:
        return self.identity.expires_at_ms is None or now_ms < self.identity.expires_at_ms


class Credentials:
    """The credentials in use; every method belongs to the event loop."""

    def __init__(self, resolve: Resolve) -> None:
        self._resolve = resolve
        self._known: dict[Holder, _Known] = {}
        self._asking: dict[Holder, asyncio.Future[EnvironmentIdentity | None]] = {}

    async def identify(self, kind: CredentialKind, credential: str) -> EnvironmentIdentity:
        """The environment a credential speaks for.

        Raises ``Unauthorized`` for an unknown SDK or mobile key, ``NotFound`` for an unknown client-side id, and
        ``Unavailable`` for any that is not known while the source is away: clients stop for good on the former two.
        """
        identity = await self._identity((kind, credential))
        if identity is not None:
            return identity
        if kind == "client":
            raise NotFound("unknown environment id")
        raise Unauthorized(f"unknown {'SDK' if kind == 'sdk' else 'mobile'} key")

    async def is_valid(self, holder: Holder) -> bool:
        """Whether a credential that was good still is; in doubt, because the source is away, it is."""
        try:
            return await self._identity(holder) is not None
        except Unavailable:
            return True

    def forget(self, environment_id: str) -> None:
        """Trust nothing that is known of an environment's credentials: one of them may have been revoked."""
        self._known = {holder: known for holder, known in self._known.items() if known.identity.id != environment_id}
        # Answers under way may be from before the change; whoever waits for them gets them, nobody after.
        self._asking.clear()

    def doubt(self, environment_id: str) -> None:
        """Ask again at the next use, but serve what is known if the source is away."""
        for known in self._known.values():
            if known.identity.id == environment_id:
                known.trusted_until_ms = 0

    async def _identity(self, holder: Holder) -> EnvironmentIdentity | None:
        now_ms = clock.now_ms()
        known = self._known.get(holder)
        if known is not None and known.is_valid(now_ms) and now_ms < known.trusted_until_ms:
            return known.identity
        try:
            return await self._ask(holder)
        except Unavailable:
            if known is None or not known.is_valid(now_ms):
                raise
            known.trusted_until_ms = now_ms + TRUST_MS
            return known.identity

    async def _ask(self, holder: Holder) -> EnvironmentIdentity | None:
        asking = self._asking.get(holder)
        if asking is None:
            if len(self._asking) >= UNDER_WAY_MAX:
                refusal = Unavailable("too many credentials are being looked up at the moment; try again")
                refusal.headers = _LATER
                raise refusal
            asking = self._asking[holder] = asyncio.ensure_future(self._resolve(*holder))
            asking.add_done_callback(lambda answered: self._answered(holder, answered))
        try:
            return await asyncio.wait_for(asyncio.shield(asking), ANSWER_WITHIN_SECONDS)
        except TimeoutError:
            raise Unavailable("credentials cannot be checked at the moment; try again") from None

    def _answered(self, holder: Holder, asking: asyncio.Future[EnvironmentIdentity | None]) -> None:
        if self._asking.get(holder) is not asking:
            return
        del self._asking[holder]
        if asking.cancelled() or asking.exception() is not None:
            return
        identity = asking.result()
        if identity is None:
            self._known.pop(holder, None)
        else:
            self._known[holder] = _Known(identity, clock.now_ms() + TRUST_MS)
