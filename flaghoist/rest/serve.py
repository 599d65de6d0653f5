"""One request's life: find the operation, know the caller, read, do, answer. Written once, for all operations."""

import dataclasses
import logging
import re
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection

from flaghoist.base import clock, json
from flaghoist.base.asgi import refused
from flaghoist.base.clock import MINUTE_MS
from flaghoist.base.errors import Invalid, MethodNotAllowed, NotFound, Refusal, Unauthorized
from flaghoist.base.http import Handler, Request, Response
from flaghoist.base.settings import Settings
from flaghoist.core.actor import Actor
from flaghoist.core.catalogue import Catalogue
from flaghoist.core.work import Change, Work
from flaghoist.policy.decide import Grant
from flaghoist.rest import versions
from flaghoist.rest.authenticate import Caller, admitted
from flaghoist.rest.limits import Headers, RateLimits
from flaghoist.rest.operations import Call, Operation, Reply
from flaghoist.rest.query import Query
from flaghoist.rest.turns import Turn, Turns
from flaghoist.store import credentials, sessions
from flaghoist.store.database import Database, Discard
from flaghoist.store.documents import Documents

log = logging.getLogger("flaghoist.rest")
_OVERRIDABLE = frozenset({"PATCH", "PUT", "DELETE"})
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_USED_EVERY_MS = MINUTE_MS
_STRANGERS_BYTES = 64 * 1024
_NO_NAME = re.compile(r"[:/\0]")


@dataclass(slots=True)
class Entry:
    """Whether a request has been let in, for whom, and what its answer says of how often they may call."""

    admitted: bool = False
    caller: Caller | None = None
    limits: Headers = ()

    def admit(self, caller: Caller | None, limits: Headers) -> None:
        """Let it in; nobody in particular where the operation is open to all."""
        self.admitted, self.caller, self.limits = True, caller, limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """The management API. ``committed`` is told of every change that has become durable."""

    database: Database
    documents: Documents
    catalogue: Catalogue
    operations: tuple[Operation, ...]
    settings: Settings
    limits: RateLimits
    executor: Executor
    turns: Turns
    services: Mapping[str, Any]
    committed: Callable[[list[Change]], None]

    def routes(self) -> list[tuple[str, str, Handler]]:
        """Every path of the table, for every method: a wrong method is answered here, in the API's own shape."""
        by_path: dict[str, dict[str, Operation]] = {}
        for operation in self.operations:
            by_path.setdefault(operation.path, {})[operation.method] = operation
        return [
            (method, path, self._handler(here)) for path, here in by_path.items() for method in (*_METHODS, *_odd(here))
        ]

    def _handler(self, here: Mapping[str, Operation]) -> Handler:
        async def handle(request: Request) -> Response:
            cors = (*_cors(request, here), *_private(request))
            if request.method == "OPTIONS":
                return Response(204, b"", cors)
            entry = Entry()
            try:
                operation = _operation(request, here)
                if not _is_small(request):  # before a large body is let in
                    await self.turns.run(lambda _turn: self._admit(request, operation, entry))
                raw = await self._body_of(request, entry.caller)
                answer = await self.turns.run(lambda turn: self._serve(request, operation, entry, raw, turn))
            except Refusal as refusal:
                if refusal.status in (401, 403):
                    log.info("refused method=%s path=%s reason=%s", request.method, request.path[:200], refusal.message)
                return refused(refusal, (*(() if refusal.headers else entry.limits), *cors))
            return Response(answer.status, answer.body, (*answer.headers, *entry.limits, *cors))

        return handle

    async def _body_of(self, request: Request, caller: Caller | None) -> bytes:
        """The body; of those who are nobody yet a small one: an e-mail and a password fit well."""
        if caller is None:
            return await request.body(wire_limit=_STRANGERS_BYTES, inflated_limit=_STRANGERS_BYTES)
        settings = self.settings
        return await request.body(wire_limit=settings.body_limit, inflated_limit=settings.inflated_limit)

    def _admit(self, request: Request, operation: Operation, entry: Entry) -> None:
        """Find out who is calling, and whether they have not called too often."""
        with self.database.read() as connection:
            caller = admitted(connection, self.documents, request, writes=operation.writes, is_open=operation.open)
        if caller is None:
            entry.admit(None, self.limits.take(request.client, operation.name))
            return
        if caller.actor is None and operation.name != "getCallerIdentity":
            raise Unauthorized(
                f"a credential of kind '{caller.credential.kind}' does not open the management API; use an access token"
            )
        self._note_use(caller)
        entry.admit(caller, self.limits.take(caller.credential.digest, operation.name))

    def _serve(self, request: Request, operation: Operation, entry: Entry, raw: bytes, turn: Turn) -> Response:
        if not entry.admitted:
            self._admit(request, operation, entry)
        caller = entry.caller
        actor = caller.actor if caller else None
        version = versions.resolve(request.headers.get("ld-api-version", ""), actor.api_version if actor else None)
        _check_names(request)
        if operation.beta and self.settings.beta_gate == "strict":
            versions.require_beta(version, operation.name)
        call = Call(
            path=request.path.rstrip("/"),
            params=request.params,
            query=Query(request.query),
            version=version,
            body=_body(operation, raw),
            content_type=request.headers.get("content-type", ""),
            headers=request.headers,
            client=request.client,
            secure=request.scheme == "https",
        )
        reply = self._run(operation, caller, call, turn)
        status = reply.status or operation.status
        if status == 204 or reply.value is None:
            return Response(status, b"", reply.headers)
        if isinstance(reply.value, bytes):
            return Response(status, reply.value, reply.headers)
        return Response(status, json.encode(reply.value), (("content-type", "application/json"), *reply.headers))

    def _run(self, operation: Operation, caller: Caller | None, call: Call, turn: Turn) -> Reply:
        if not operation.writes:
            with self.database.read() as connection:
                return _reply(operation.handle(self._work(connection, caller, writing=False), call))
        if operation.prepare is not None:
            with self.database.read() as connection:
                prepared = operation.prepare(self._work(connection, caller, writing=False), call)
            call = dataclasses.replace(call, prepared=prepared)
        work: Work | None = None

        def act(connection: Connection) -> Reply | Discard[Reply]:
            nonlocal work
            work = self._work(connection, caller, writing=True)
            reply = _reply(operation.handle(work, call))
            turn.take_effect()
            return Discard(reply) if call.query.flag("dryRun") else reply

        reply = self.database.write(act)
        if work is not None and work.changes and not call.query.flag("dryRun"):
            self.committed(work.changes)
        return reply

    def _work(self, connection: Connection, caller: Caller | None, *, writing: bool) -> Work:
        return Work(
            connection=connection,
            documents=self.documents,
            catalogue=self.catalogue,
            actor=(caller.actor if caller else None) or _NOBODY,
            writing=writing,
            services={**self.services, "caller": caller},
        )

    def _note_use(self, caller: Caller) -> None:
        now = clock.now_ms()
        used = caller.credential
        if now - (used.last_used_at or 0) <= _USED_EVERY_MS:
            return
        if used.kind == "session":
            self.executor.submit(
                self.database.write,
                lambda connection: sessions.touch(connection, used.digest, created_at=used.created_at, now=now),
            )
        else:
            self.executor.submit(
                self.database.write, lambda connection: credentials.touch(connection, used.digest, now)
            )


_NOBODY = Actor(name="anonymous", grant=Grant(()), kind="none")


def _is_small(request: Request) -> bool:
    """Whether the body is one that anybody may send: then one turn is enough to let the request in and to serve it."""
    headers = request.headers
    if "content-encoding" in headers or "transfer-encoding" in headers:
        return False
    announced = request.announced_bytes if "content-length" in headers else 0
    return announced is not None and announced <= _STRANGERS_BYTES


def _operation(request: Request, here: Mapping[str, Operation]) -> Operation:
    method = "GET" if request.method == "HEAD" else request.method
    override = request.headers.get("x-http-method-override", "").upper()
    if method == "POST" and override in _OVERRIDABLE:
        method = override
    operation = here.get(method)
    if operation is None:
        possible = ", ".join(sorted(here))
        refusal = MethodNotAllowed(f"{method} is not possible at {request.path}; possible: {possible}")
        refusal.headers = (("allow", possible),)
        raise refusal
    return operation


def _check_names(request: Request) -> None:
    """A name in a path that would be several steps of an address names nothing; NUL is in no text that is stored."""
    for parameter, name in request.params.items():
        if parameter != "eventKey" and _NO_NAME.search(name):  # what code calls its events is in no address
            raise NotFound(f"there is nothing called '{name[:80]}'")
    if any("\0" in value for values in request.query.values() for value in values):
        raise Invalid("a query parameter has a NUL in it")


def _body(operation: Operation, raw: bytes) -> Any:
    if operation.body is None and operation.method in ("GET", "DELETE") and not raw:
        return None
    decoded = json.decode_strict(raw) if raw.strip() else None
    if operation.body is None or operation.body is Any:
        if operation.body is Any and decoded is None:
            raise Invalid("the body is empty; JSON is expected")
        return decoded
    if decoded is None:
        raise Invalid("the body is empty; JSON is expected")
    try:
        return msgspec.convert(decoded, operation.body)
    except msgspec.ValidationError as error:
        raise Invalid(str(error)) from None


def _reply(value: Any) -> Reply:
    return value if isinstance(value, Reply) else Reply(value)


def _cors(request: Request, here: Iterable[str]) -> Headers:
    origin = request.headers.get("origin", "")
    allowed = ", ".join(sorted({*here, "OPTIONS"}))
    return (
        ("access-control-allow-origin", origin or "*"),
        ("access-control-allow-methods", allowed),
        (
            "access-control-allow-headers",
            "Accept, Content-Type, Content-Length, Accept-Encoding, Authorization, LD-API-Version, "
            "X-HTTP-Method-Override",
        ),
        ("access-control-max-age", "300"),
        *((("vary", "Origin"),) if origin else ()),
    )


def _private(request: Request) -> Headers:
    """What is answered to one browser is for nobody else."""
    if "cookie" not in request.headers and not request.path.startswith("/internal/"):
        return ()
    return (("cache-control", "no-store"),)


def _odd(here: Iterable[str]) -> tuple[str, ...]:
    return tuple(method for method in here if method not in _METHODS)
