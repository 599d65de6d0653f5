"""A collector of OpenTelemetry's is sent what was done, within the trace of whoever asked, and no secrets."""

import gzip
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import receivers
import requests
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from servers import Server, start_server

from flaghoist.base import tracing

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"  # the example of W3C Trace Context


class Collector:
    """Takes OTLP/HTTP as the protocol says: protobuf, perhaps gzipped, at ``/v1/traces``."""

    def __init__(self) -> None:
        self.spans: list[Any] = []
        self.services: set[str] = set()
        collector = self

        class Door(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                body = gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body
                if self.path == "/v1/traces" and self.headers["Content-Type"] == "application/x-protobuf":
                    collector.take(ExportTraceServiceRequest.FromString(body))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_told: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def take(self, told: ExportTraceServiceRequest) -> None:
        for resource in told.resource_spans:
            self.services |= {
                each.value.string_value for each in resource.resource.attributes if each.key == "service.name"
            }
            for scope in resource.scope_spans:
                self.spans += scope.spans

    def named(self, name: str) -> list[Any]:
        return [span for span in self.spans if span.name == name]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture(scope="module")
def traced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Collector]]:
    collector = Collector()
    before = os.environ.get("OTEL_BSP_SCHEDULE_DELAY")
    os.environ["OTEL_BSP_SCHEDULE_DELAY"] = "200"  # the SDK's own setting: how long it gathers spans, in milliseconds
    try:
        server = start_server(
            tmp_path_factory.mktemp("traced"), otlp_endpoint=collector.url, outbound_allow="127.0.0.1/32"
        )
    finally:
        if before is None:
            del os.environ["OTEL_BSP_SCHEDULE_DELAY"]
    yield server, collector
    assert server.stop() == 0
    collector.close()


def test_a_request_is_one_trace_with_its_write_and_continues_the_callers(traced: tuple[Server, Collector]) -> None:
    server, collector = traced
    created = server.call(
        "POST",
        "/flags/default",
        json={"key": "launch-of-moon", "name": "Moon"},
        headers={"traceparent": f"00-{TRACE}-{PARENT}-01"},
    )
    assert created.status_code == 201
    (span,) = _until(lambda: collector.named("POST /api/v2/flags/{projectKey}"))
    assert (span.trace_id.hex(), span.parent_span_id.hex()) == (TRACE, PARENT)
    assert span.kind == span.SPAN_KIND_SERVER
    fields = _fields(span)
    assert fields["flaghoist.operation"] == "postFeatureFlag"
    assert fields["http.response.status_code"] == 201
    writes = _until(lambda: [each for each in collector.named("store write") if each.trace_id == span.trace_id])
    assert writes[0].parent_span_id == span.span_id, "though it was done in another thread"
    assert span.start_time_unix_nano <= writes[0].start_time_unix_nano <= writes[0].end_time_unix_nano
    assert collector.services == {"flaghoist"}


def test_whoever_asks_not_to_be_traced_is_not(traced: tuple[Server, Collector]) -> None:
    server, collector = traced
    server.call("GET", "/projects/default", headers={"traceparent": f"00-{TRACE}-{PARENT}-00"})
    server.call("GET", "/projects")
    _until(lambda: collector.named("GET /api/v2/projects"))
    assert not collector.named("GET /api/v2/projects/{projectKey}")


def test_events_and_webhooks_are_told_of_and_nothing_secret(traced: tuple[Server, Collector]) -> None:
    server, collector = traced
    receiver = receivers.Receiver()
    try:
        server.ok(
            "POST", "/webhooks", json={"url": f"{receiver.url}/hook", "sign": True, "secret": "very-secret", "on": True}
        )
        environment = server.ok("GET", "/projects/default/environments/test")
        server.ok("POST", "/flags/default", json={"key": "hidden-name", "name": "Hidden"})
        event = {"kind": "custom", "key": "bought", "creationDate": int(time.time() * 1000), "context": {"key": "ada"}}
        requests.post(
            f"{server.url}/bulk", json.dumps([event]), headers={"Authorization": environment["apiKey"]}, timeout=30
        )
        _until(lambda: collector.named("job webhooks"))
        for step in ("compaction parse", "compaction write", "compaction commit"):
            _until(lambda step=step: collector.named(step))
    finally:
        receiver.close()
    told = " ".join(str(span) for span in collector.spans)
    for secret in (
        "very-secret",
        environment["apiKey"],
        server.token,
        "hidden-name",
        "launch-of-moon",
        "ada",
        "bought",
    ):
        assert secret not in told


def test_without_a_collector_a_span_is_nothing_and_nothing_is_loaded() -> None:
    assert tracing.span("a", b=1) is tracing.span("c") is tracing.answering("d", {})
    assert tracing.carried(print) is print
    program = (
        "import sys, flaghoist.cli.serving; print([name for name in sys.modules if name.startswith('opentelemetry')])"
    )
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert loaded.stdout.strip() == "[]"


def test_a_collector_that_is_away_holds_up_nobody(tmp_path: Path) -> None:
    server = start_server(tmp_path, otlp_endpoint="http://127.0.0.1:9")  # where nobody listens
    server.ok("GET", "/projects")
    began = time.monotonic()
    assert server.stop() == 0
    assert time.monotonic() - began < 9, "for one batch it may wait two seconds, not the thirty of the SDK"


def test_an_address_that_cannot_be_meant_is_refused_at_once(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "flaghoist.cli", "serve", "--port", "0", "--data-dir", str(tmp_path)]
    done = subprocess.run([*command, "--otlp-endpoint", "collector:4318"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "otlp_endpoint begins with http:// or https://, not 'collector:4318'" in done.stderr
    assert not list(tmp_path.iterdir())


def _fields(span: Any) -> dict[str, Any]:
    return {each.key: getattr(each.value, str(each.value.WhichOneof("value"))) for each in span.attributes}


def _until(look: Callable[[], list[Any]]) -> list[Any]:
    deadline = time.monotonic() + 20
    while not (found := look()):
        assert time.monotonic() < deadline, "the collector was told nothing of it"
        time.sleep(0.05)
    return found
