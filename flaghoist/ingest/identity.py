"""Whose events these are: what the doors must be told about credentials."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class EnvironmentIdentity:
    """The environment that a credential speaks for; ``id`` is its client-side id."""

    id: str
    project_key: str
    environment_key: str


class Environments(Protocol):
    """Finds environments by their credentials; every method raises ``Unavailable`` while that cannot be told.

    None means that the credential is certainly wrong: SDKs that are told so send no events until they are restarted.
    """

    async def by_sdk_key(self, key: str) -> EnvironmentIdentity | None: ...

    async def by_mobile_key(self, key: str) -> EnvironmentIdentity | None: ...

    async def by_client_id(self, client_id: str) -> EnvironmentIdentity | None: ...


Authorize = Callable[[str, str, str], Awaitable[EnvironmentIdentity]]
"""From access token, project key and environment key to the environment into which the token may import.

Raises ``Unauthorized``, ``Forbidden`` or ``NotFound``.
"""

Pace = Callable[[str], float]
"""How many seconds an access token must wait before it may import again; 0 to go ahead now."""
