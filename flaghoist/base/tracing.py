"""Spans: what was done within one request or step, and for how long, told to a collector where one is named.

Without one a span is nothing: no clock is read and nothing is kept.
"""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Protocol, TypeVar

T = TypeVar("T")
Field = str | int | float | bool
_NOTHING = contextlib.nullcontext()


class Tracer(Protocol):
    """Where spans go."""

    def span(self, name: str, fields: Mapping[str, Field]) -> AbstractContextManager[object]:
        """A span within the one under way, or the first of a trace; an exception marks it as failed."""
        ...

    def answering(
        self, name: str, headers: Mapping[str, str], fields: Mapping[str, Field]
    ) -> AbstractContextManager[object]:
        """The span of a request, within the trace that its ``traceparent`` names (W3C Trace Context)."""
        ...

    def note(self, fields: Mapping[str, Field]) -> None:
        """More about the span under way."""

    def trace_id(self) -> str:
        """The trace under way, in 32 hexadecimal digits; empty outside of one."""
        ...

    def carried(self, act: Callable[..., T]) -> Callable[..., T]:
        """The same act, within the span under way now, whichever thread runs it."""
        ...

    def close(self) -> None:
        """Send what is left."""


_tracer: Tracer | None = None


@contextlib.contextmanager
def traced_by(tracer: Tracer) -> Iterator[None]:
    """Tell spans to a tracer meanwhile."""
    global _tracer
    _tracer = tracer
    try:
        yield
    finally:
        _tracer = None
        tracer.close()


def span(name: str, **fields: Field) -> AbstractContextManager[object]:
    """While something is done. Names are few; neither they nor fields hold secrets or what customers named."""
    return _NOTHING if _tracer is None else _tracer.span(name, fields)


def answering(name: str, headers: Mapping[str, str], **fields: Field) -> AbstractContextManager[object]:
    """While a request is answered."""
    return _NOTHING if _tracer is None else _tracer.answering(name, headers, fields)


def note(**fields: Field) -> None:
    """More about the span under way."""
    if _tracer is not None:
        _tracer.note(fields)


def trace_id() -> str:
    """The trace under way; empty if there is none."""
    return "" if _tracer is None else _tracer.trace_id()


def carried(act: Callable[..., T]) -> Callable[..., T]:
    """An act for another thread, to be done within the span under way here."""
    return act if _tracer is None else _tracer.carried(act)
