"""Passwords: which ones will do, and their Argon2 hashes."""

import threading
import unicodedata
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from flaghoist.base.errors import Invalid, Unavailable

LENGTH_MIN = 10
LENGTH_MAX = 1000
_WAIT_S = 5
_HASHER = PasswordHasher()  # Argon2id as RFC 9106 §4 recommends where memory is scarce: 64 MiB, 3 passes
_AT_ONCE = threading.BoundedSemaphore(2)  # a hash takes 64 MiB and most of 0.1 s: a crowd waits, the server goes on


def check(password: str, *, email: str) -> None:
    """Refuse a password that is easily guessed; raises ``Invalid``."""
    length = len(_normal(password))
    if length < LENGTH_MIN:
        raise Invalid(f"'password' has {length} characters; it needs {LENGTH_MIN} or more")
    if length > LENGTH_MAX:
        raise Invalid(f"'password' has {length} characters; {LENGTH_MAX} are the most")
    if _normal(password).casefold() == email.casefold():
        raise Invalid("'password' must not be your e-mail address")
    if len(set(password)) == 1:
        raise Invalid("'password' must not be one character over and over")


def hashed(password: str) -> str:
    """The hash to keep of a password."""
    with _Turn():
        return _HASHER.hash(_normal(password))


def matches(password: str, kept: str | None) -> bool:
    """Whether a password is the one of a hash; without a hash it takes as long, and is not."""
    if len(password) > LENGTH_MAX:
        return False
    with _Turn():
        try:
            return _HASHER.verify(kept or _nobodys(), _normal(password)) and kept is not None
        except (VerifyMismatchError, InvalidHashError):
            return False


class _Turn:
    """One of the few that may hash at a time."""

    def __enter__(self) -> None:
        if not _AT_ONCE.acquire(timeout=_WAIT_S):
            raise Unavailable("too many people sign in at this moment; try again")

    def __exit__(self, *_: object) -> None:
        _AT_ONCE.release()


@lru_cache(maxsize=1)
def _nobodys() -> str:
    return _HASHER.hash("the password of somebody who has none")


def _normal(password: str) -> str:
    """Keyboards spell the same character in more than one way."""
    return unicodedata.normalize("NFKC", password)
