"""Speaks to others: one POST, signed if they share a secret with us, to nowhere that the guard bars."""

import hashlib
import hmac

import aiohttp

from flaghoist import __version__
from flaghoist.jobs.queue import Failed
from flaghoist.outbound.guard import Barred, Guard, GuardedResolver

SIGNATURE = "X-LD-Signature"
TIMEOUT_SECONDS = 10.0
CONNECT_SECONDS = 5.0
ANSWER_READ_MAX = 64 * 1024
CONNECTIONS = 100


class Sender:
    """Belongs to the event loop that first sends. Proxies, cookies and passwords of this machine play no part."""

    def __init__(self, guard: Guard, *, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        self._guard = guard
        self._timeout = aiohttp.ClientTimeout(total=timeout_seconds, connect=min(CONNECT_SECONDS, timeout_seconds))
        self._session: aiohttp.ClientSession | None = None

    async def post(self, url: str, body: bytes, *, secret: str = "") -> None:
        """Deliver JSON; raises ``Failed`` unless the answer is a 2xx, saying why without a word of what was secret."""
        headers = {"Content-Type": "application/json", "User-Agent": f"Flaghoist/{__version__}"}
        if secret:
            headers[SIGNATURE] = signature(secret, body)
        try:
            target = self._guard.check(url)
            async with self._opened().post(target, data=body, headers=headers, allow_redirects=False) as answer:
                status = answer.status
                await answer.content.read(ANSWER_READ_MAX)  # what is longer is not waited for
        except Barred as reason:
            raise Failed(str(reason)) from None
        except TimeoutError:
            raise Failed(f"no answer within {self._timeout.total:g} seconds") from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise Failed(_reason(error)) from None
        if not 200 <= status < 300:
            redirected = "; redirects are not followed" if 300 <= status < 400 else ""
            raise Failed(f"the answer was {status}{redirected}")

    async def close(self) -> None:
        """Let go of every connection."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            # Names are looked up for each new connection: an address judged once is not trusted for ever.
            connector = aiohttp.TCPConnector(
                resolver=GuardedResolver(self._guard), use_dns_cache=False, limit=CONNECTIONS
            )
            self._session = aiohttp.ClientSession(
                connector=connector,
                timeout=self._timeout,
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                trust_env=False,
            )
        return self._session


def signature(secret: str, body: bytes) -> str:
    """What proves that a body comes from whoever knows the secret: HMAC-SHA256 (RFC 2104) in hexadecimal digits."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def _reason(error: BaseException) -> str:
    """Why there was no answer; the words of libraries may hold a whole URL, those of the system do not."""
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return "its certificate is not to be trusted"
    cause = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
    if isinstance(cause, Barred):
        return str(cause)
    told = cause.strerror if isinstance(cause, OSError) else ""
    return f"{type(error).__name__}: {told}" if told else type(error).__name__
