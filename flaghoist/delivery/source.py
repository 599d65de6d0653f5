"""Where delivery learns what it serves: who a credential speaks for, and what an environment holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

CredentialKind = Literal["sdk", "mobile", "client"]
ItemKind = Literal["flags", "segments"]
Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class EnvironmentIdentity:
    """The environment that a credential speaks for.

    ``id`` is the client-side id, 24 hexadecimal digits. ``sdk_keys`` are those whose secure-mode hashes are valid: the
    current one and those still running out. ``expires_at_ms`` is when the credential itself runs out, None if never.
    """

    id: str
    address: str
    project_key: str
    environment_key: str
    secure_mode: bool
    sdk_keys: tuple[str, ...]
    expires_at_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Payload:
    """All that an environment holds, in the form in which SDKs read it, as of change number ``seq``."""

    seq: int
    flags: Mapping[str, Document]
    segments: Mapping[str, Document]
    goals: Sequence[Document] = ()


@dataclass(frozen=True, slots=True)
class Update:
    """One flag or segment as of change number ``seq``; ``item`` is None where it was deleted.

    ``version`` rises with every change of a key, also across deletion and re-creation.
    """

    kind: ItemKind
    key: str
    version: int
    item: Document | None
    seq: int


class Source(Protocol):
    """Read by many threads at once; both raise ``errors.Unavailable`` for what may pass by itself."""

    def resolve(self, kind: CredentialKind, credential: str) -> EnvironmentIdentity | None:
        """Whom a credential speaks for, None if it is not known (or no longer)."""
        ...

    def load(self, environment_id: str) -> Payload:
        """Everything in an environment; raises ``errors.NotFound`` where there is no such environment.

        Where items and ``seq`` are not read in one snapshot of the store, ``seq`` is read first: what is told again
        does no harm, what is passed over does.
        """
        ...
