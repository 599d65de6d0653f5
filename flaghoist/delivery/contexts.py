"""Who a client-side SDK asks for: the context in its request, and the proof that it may ask."""

import base64
import binascii
import hmac

from flaghoist.base import json
from flaghoist.base.errors import Invalid
from flaghoist.base.http import Request
from flaghoist.base.sizes import MEBIBYTE
from flaghoist.delivery.source import EnvironmentIdentity
from flaghoist.evaluation.context import Context, ContextInvalid, parse_context


async def read_context(request: Request) -> Context:
    """The context in the path, as base64 of any alphabet and with or without padding, or else in the body.

    Raises ``Invalid``.
    """
    encoded = request.params.get("context")
    if encoded is None:
        return _parsed(await request.body(wire_limit=MEBIBYTE, inflated_limit=MEBIBYTE))
    return _parsed(_decoded(encoded))


def check_secure_mode(request: Request, identity: EnvironmentIdentity, context: Context) -> None:
    """In secure mode a browser must bring the hash that only a holder of an SDK key can make; raises ``Invalid``."""
    if not identity.secure_mode:
        return
    given = request.first("h").encode()
    if not any(hmac.compare_digest(given, context.secure_mode_hash(key).encode()) for key in identity.sdk_keys):
        raise Invalid("this environment is in secure mode and 'h' is not the secure-mode hash of this context")


def _decoded(encoded: str) -> bytes:
    standard = encoded.replace("-", "+").replace("_", "/").rstrip("=")
    try:
        return base64.b64decode(standard + "=" * (-len(standard) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise Invalid("the context in the path is not valid base64") from None


def _parsed(raw: bytes) -> Context:
    try:
        return parse_context(json.decode(raw))
    except ContextInvalid as error:
        raise Invalid(str(error)) from None
    except (ValueError, RecursionError):
        raise Invalid("the context is not valid JSON") from None
