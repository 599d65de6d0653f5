"""Which version of the API a request speaks: its header, or its token's default, or the newest."""

from dataclasses import dataclass

from flaghoist.base.errors import Forbidden, Invalid

VERSIONS = (20160426, 20191212, 20210729, 20220603, 20240415)
LATEST = VERSIONS[-1]


@dataclass(frozen=True, slots=True)
class ApiVersion:
    """The version in force; ``beta`` also opens beta operations where the server keeps them shut."""

    number: int
    beta: bool = False


def resolve(header: str, default: int | None) -> ApiVersion:
    """The version that ``LD-API-Version`` asks for.

    Clients may append to a value they already send; a list with ``beta`` in it means beta, otherwise its first
    entry counts. Raises ``Invalid`` for a version that does not exist.
    """
    asked = [part.strip().lower() for part in header.split(",") if part.strip()]
    if "beta" in asked:
        return ApiVersion(LATEST, beta=True)
    if not asked:
        return ApiVersion(default or LATEST)
    known = {str(version): version for version in VERSIONS}
    if asked[0] not in known:
        raise Invalid(f"LD-API-Version '{asked[0][:80]}' does not exist; possible: {', '.join(known)}, beta")
    return ApiVersion(known[asked[0]])


def require_beta(version: ApiVersion, operation: str) -> None:
    """Refuse a beta operation to a request that did not ask for beta (when the server is told to be strict)."""
    if not version.beta:
        raise Forbidden(f"{operation} is a beta operation: send the header LD-API-Version: beta")
