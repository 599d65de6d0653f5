"""The secret keys: what secrets at rest are sealed with, where the keys are kept, and how one follows another."""

import base64
import binascii
import contextlib
import hashlib
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from flaghoist.base.errors import Unavailable
from flaghoist.store.folders import sync

KEY_BYTES = 32
NONCE_BYTES = 12
_MARK = "sealed:"


class WrongKey(Exception):
    """The secrets of this state cannot be read with the keys at hand; the message says what to do."""


@dataclass(frozen=True)
class SecretKey:
    """A key of AES-256-GCM; ``id`` tells it from others and gives nothing away."""

    content: bytes

    @cached_property
    def id(self) -> str:
        """Eight hexadecimal digits of the key's digest."""
        return hashlib.sha256(b"flaghoist secret key " + self.content).hexdigest()[:8]

    @cached_property
    def _cipher(self) -> AESGCM:
        return AESGCM(self.content)

    @property
    def text(self) -> str:
        """The key as it is written down."""
        return base64.b64encode(self.content).decode()

    def sealed(self, plain: bytes, place: str) -> str:
        """A secret as it may lie anywhere; it can be opened for the same ``place`` only."""
        # Nonces are random: 2^32 seals under one key before two might meet (NIST SP 800-38D, section 8.3).
        nonce = secrets.token_bytes(NONCE_BYTES)
        content = nonce + self._cipher.encrypt(nonce, plain, place.encode())
        return f"{_MARK}{self.id}:{base64.b64encode(content).decode()}"

    def opened(self, sealed: str, place: str) -> bytes:
        """The secret within; raises ``Unavailable`` for what was altered or sealed for another place."""
        try:
            content = base64.b64decode(sealed.rpartition(":")[2], validate=True)
            return self._cipher.decrypt(content[:NONCE_BYTES], content[NONCE_BYTES:], place.encode())
        except (InvalidTag, ValueError):
            raise Unavailable(f"the secret at {place} has been altered in the state store") from None


def new_key() -> SecretKey:
    """A key nobody has had before."""
    return SecretKey(secrets.token_bytes(KEY_BYTES))


def key_id_of(text: object) -> str:
    """Which key a text is sealed with; nothing for a text that is not sealed."""
    if not isinstance(text, str) or not text.startswith(_MARK):
        return ""
    return text[len(_MARK) :].partition(":")[0]


def parse(text: str) -> list[SecretKey]:
    """Keys as they are written down, apart by commas or blanks; raises ``ValueError`` without telling any of it."""
    found = []
    for word in text.replace(",", " ").split():
        try:
            content = base64.b64decode(word.replace("-", "+").replace("_", "/") + "=" * (-len(word) % 4), validate=True)
        except binascii.Error:
            content = b""
        if len(content) != KEY_BYTES:
            raise ValueError(f"a secret key is {KEY_BYTES} random bytes in base64; 'openssl rand -base64 32' makes one")
        found.append(SecretKey(content))
    return found


class Keyring:
    """The keys at hand: those given, or those in a file, which is looked at again when an unknown one is asked for."""

    def __init__(self, given: Sequence[SecretKey], file: Path) -> None:
        self.file = file
        self.is_given = bool(given)
        self._keys = list(given)

    @classmethod
    def of(cls, given: str, file: Path) -> "Keyring":
        """From a setting, if it has something, else from a file, if there is one; raises ``WrongKey``."""
        try:
            ring = cls(parse(given), file)
            if not ring.is_given:
                ring._keys = _in_file(file)
        except ValueError as error:
            raise WrongKey(f"{'FLAGHOIST_SECRET_KEY' if given else file} cannot be read: {error}") from None
        return ring

    @property
    def where(self) -> str:
        """Where the keys are from."""
        return "FLAGHOIST_SECRET_KEY" if self.is_given else str(self.file)

    @property
    def ids(self) -> list[str]:
        """The ids of the keys at hand, the one meant for new secrets first."""
        return [key.id for key in self._keys]

    def find(self, key_id: str) -> SecretKey | None:
        """The key of an id."""
        if key_id not in self.ids and not self.is_given:
            with contextlib.suppress(ValueError):
                self._keys = _in_file(self.file) or self._keys  # somebody may have changed keys meanwhile
        return next((key for key in self._keys if key.id == key_id), None)

    def first(self) -> SecretKey:
        """The key meant for new secrets; the very first is made here, and kept before anything is sealed with it."""
        if not self._keys:
            with contextlib.suppress(FileExistsError):
                _write(self.file, [new_key()], replace=False)
            self._keys = _in_file(self.file)
        return self._keys[0]

    def put_first(self, key: SecretKey) -> None:
        """Have a key for new secrets, and keep the others for old ones."""
        self._keys = [key, *[other for other in self._keys if other.id != key.id]]
        self._keep()

    def forget_all_but(self, key: SecretKey) -> None:
        """Nothing is sealed with any other key any more."""
        self._keys = [key]
        self._keep()

    def _keep(self) -> None:
        if not self.is_given:
            _write(self.file, self._keys, replace=True)


def _in_file(file: Path) -> list[SecretKey]:
    try:
        return parse(file.read_text())
    except FileNotFoundError:
        return []


def _write(file: Path, keys: Sequence[SecretKey], *, replace: bool) -> None:
    """Write the keys whole or not at all, for the owner's eyes only, and make them durable."""
    fresh = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as out:
            out.write("".join([f"{key.text}\n" for key in keys]))
            out.flush()
            os.fsync(out.fileno())
        if replace:
            fresh.replace(file)
        else:
            os.link(fresh, file)
    finally:
        fresh.unlink(missing_ok=True)
    sync(file.parent)
