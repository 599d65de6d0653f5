"""Spans over OTLP/HTTP, by the OpenTelemetry SDK where it is installed and a collector is named."""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from importlib.util import find_spec
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from flaghoist import __version__
from flaghoist.base.settings import Settings
from flaghoist.base.tracing import Field, traced_by

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

T = TypeVar("T")
PATH = "/v1/traces"
EXPORT_SECONDS = 2.0
"""How long spans are offered to a collector that does not take them; a server that stops waits for no longer."""

_NEEDED = ("opentelemetry.sdk.trace", "opentelemetry.exporter.otlp.proto.http")


class CannotTrace(Exception):
    """The message says why, and what to do."""


def check_tracing(settings: Settings) -> None:
    """Raises ``CannotTrace`` for an address that cannot be meant, or where the packages are missing."""
    if not settings.otlp_endpoint:
        return
    if urlsplit(settings.otlp_endpoint).scheme not in ("http", "https"):
        raise CannotTrace(f"otlp_endpoint begins with http:// or https://, not '{settings.otlp_endpoint}'")
    if not all(_is_installed(name) for name in _NEEDED):
        raise CannotTrace("otlp_endpoint needs OpenTelemetry: pip install 'flaghoist[otel]'")


@contextlib.contextmanager
def traced(settings: Settings) -> Iterator[None]:
    """Meanwhile spans are sent to the collector that is named, if any; those it does not take are lost."""
    if not settings.otlp_endpoint:
        yield
        return
    with traced_by(_OpenTelemetry(settings.otlp_endpoint)):
        yield


class _OpenTelemetry:
    """The SDK as the house's own ``Tracer``; spans are sent in batches by a thread of its own."""

    def __init__(self, endpoint: str) -> None:
        from opentelemetry import context, propagate, trace

        self._context, self._propagate, self._trace = context, propagate, trace
        self._provider = _provider(endpoint)
        self._tracer = self._provider.get_tracer("flaghoist", __version__)

    def span(self, name: str, fields: Mapping[str, Field]) -> AbstractContextManager[object]:
        return self._tracer.start_as_current_span(name, attributes=_named(fields))

    def answering(
        self, name: str, headers: Mapping[str, str], fields: Mapping[str, Field]
    ) -> AbstractContextManager[object]:
        told = {header: headers[header] for header in ("traceparent", "tracestate") if header in headers}
        return self._tracer.start_as_current_span(
            name, self._propagate.extract(told), kind=self._trace.SpanKind.SERVER, attributes=_named(fields)
        )

    def note(self, fields: Mapping[str, Field]) -> None:
        self._trace.get_current_span().set_attributes(_named(fields))

    def trace_id(self) -> str:
        found = self._trace.get_current_span().get_span_context()
        return f"{found.trace_id:032x}" if found.is_valid else ""

    def carried(self, act: Callable[..., T]) -> Callable[..., T]:
        here = self._context.get_current()

        def within(*args: object) -> T:
            token = self._context.attach(here)
            try:
                return act(*args)
            finally:
                self._context.detach(token)

        return within

    def close(self) -> None:
        self._provider.shutdown()


def _provider(endpoint: str) -> "TracerProvider":
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    resource = Resource.create({"service.name": "flaghoist", "service.version": __version__})
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    where = endpoint if urlsplit(endpoint).path.strip("/") else endpoint.rstrip("/") + PATH
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=where, timeout=EXPORT_SECONDS)))
    return provider


def _named(fields: Mapping[str, Field]) -> dict[str, Field]:
    """Names of our own are marked as such; those of OpenTelemetry's conventions have a point in them."""
    return {name if "." in name else f"flaghoist.{name}": value for name, value in fields.items()}


def _is_installed(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:
        return False
