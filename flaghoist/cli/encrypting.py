"""TLS by the server itself, for those who put nothing in front of it."""

import ssl
from pathlib import Path

from flaghoist.app.upgrading import CannotStart
from flaghoist.base.settings import Settings


def certificate_of(settings: Settings) -> dict[str, str]:
    """What uvicorn is to be told of the certificate and its key; nothing where none are set.

    Raises ``CannotStart`` for one without the other, and for files that cannot be read or do not belong together.
    """
    if not settings.tls_cert and not settings.tls_key:
        return {}
    if not settings.tls_cert or not settings.tls_key:
        missing = "tls_key" if settings.tls_cert else "tls_cert"
        raise CannotStart(f"{missing} is not set: TLS takes both a certificate and its key, plain HTTP neither")
    for name, path in (("tls_cert", settings.tls_cert), ("tls_key", settings.tls_key)):
        try:
            Path(path).read_bytes()
        except OSError as error:
            raise CannotStart(f"{name} cannot be read: {path}: {error.strerror}") from None
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(settings.tls_cert, settings.tls_key, password=_unknown)
    except (ssl.SSLError, ValueError) as error:
        raise CannotStart(
            f"{settings.tls_cert} and {settings.tls_key} are no certificate and its key, both in PEM: {error}"
        ) from None
    return {"ssl_certfile": settings.tls_cert, "ssl_keyfile": settings.tls_key}


def _unknown() -> str:
    raise ValueError("the key is encrypted, and nobody is there to be asked for its password")
