"""What SDKs and importers see at the doors: over real HTTP, down to what is kept."""

import base64
import gzip
import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests
import uvicorn
from event_road import Road

from flaghoist.base.asgi import Site
from flaghoist.base.errors import Forbidden, NotFound, Unauthorized, Unavailable
from flaghoist.ingest.identity import EnvironmentIdentity
from flaghoist.ingest.imports import Importer
from flaghoist.ingest.receive import Receiver
from flaghoist.store.batches import Marks, StoredBatch

ID = "0123456789abcdef01234567"
PURCHASE = {"kind": "custom", "key": "bought", "creationDate": 1_795_435_200_000, "contextKeys": {"user": "ann"}}
IMPORT = "/v2/event-data-import/default/test"
IMPORT_HEADERS = {
    "Authorization": "api-1",
    "X-LaunchDarkly-Event-Schema": "4",
    "Content-Type": "application/json",
    "User-Agent": "MetricImport-acme-int/1.0",
}


@dataclass
class Credentials:
    """One environment, one token, and a store that can be taken away."""

    away: bool = False
    wait_seconds: float = 0.0
    here: EnvironmentIdentity = field(default_factory=lambda: EnvironmentIdentity(ID, "default", "test"))

    async def by_sdk_key(self, key: str) -> EnvironmentIdentity | None:
        return self._if(key == "sdk-1")

    async def by_mobile_key(self, key: str) -> EnvironmentIdentity | None:
        return self._if(key == "mob-1")

    async def by_client_id(self, client_id: str) -> EnvironmentIdentity | None:
        return self._if(client_id == ID)

    async def authorize(self, token: str, project_key: str, environment_key: str) -> EnvironmentIdentity:
        if token not in ("api-1", "api-reader"):
            raise Unauthorized("unknown token")
        if (project_key, environment_key) != ("default", "test"):
            raise NotFound
        if token == "api-reader":
            raise Forbidden("importEventData is not allowed")
        return self.here

    def pace(self, token: str) -> float:
        return self.wait_seconds

    def _if(self, known: bool) -> EnvironmentIdentity | None:
        if self.away:
            raise Unavailable("the state store is away")
        return self.here if known else None


@dataclass
class Doors:
    """A server, and the inbox behind it."""

    url: str
    credentials: Credentials
    road: Road
    _read: int = 0

    def send(self, path: str, body: Any, headers: dict[str, str]) -> requests.Response:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return requests.post(self.url + path, data=raw, headers=headers, timeout=10)

    def kept(self) -> list[StoredBatch]:
        """What has come into the inbox since the last look."""
        found = self.road.inbox.after(self._read, limit_bytes=1 << 40)
        self._read = max([self._read, *(stored.position for stored in found)])
        return found


@pytest.fixture(scope="module")
def doors(shared_road: Road) -> Iterator[Doors]:
    credentials = Credentials()
    receiver = Receiver(shared_road.inbox, credentials)
    importer = Importer(shared_road.inbox, credentials.authorize, max_lateness_ms=72 * 3_600_000, pace=credentials.pace)

    async def nothing() -> None:
        pass

    site = Site([*receiver.routes(), *importer.routes()], on_start=nothing, on_stop=nothing)
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(site, log_level="warning", ws="none"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    yield Doors(f"http://127.0.0.1:{listener.getsockname()[1]}", credentials, shared_road)
    server.should_exit = True
    thread.join()
    listener.close()


@pytest.mark.parametrize(
    ("path", "key", "source"),
    [
        ("/bulk", "sdk-1", "server"),
        ("/bulk", "api_key sdk-1", "server"),
        ("/diagnostic", "sdk-1", "server"),
        ("/mobile", "mob-1", "mobile"),
        ("/mobile/events", "api_key mob-1", "mobile"),
        ("/mobile/events/bulk", "mob-1", "mobile"),
        ("/mobile/events/diagnostic", "mob-1", "mobile"),
        (f"/events/bulk/{ID}", "", "client"),
        (f"/events/diagnostic/{ID}", "", "client"),
    ],
)
def test_every_sdk_finds_its_door(doors: Doors, path: str, key: str, source: str) -> None:
    answer = doors.send(path, [PURCHASE], {"Authorization": key} if key else {})
    assert (answer.status_code, answer.content) == (202, b"")
    assert answer.headers["X-LD-EnvID"] == ID
    assert answer.headers["Date"]
    (stored,) = doors.kept()
    assert (stored.batch.environment_id, stored.batch.source, stored.batch.events) == (ID, source, 1)


def test_what_the_headers_say_is_kept_with_the_body(doors: Doors) -> None:
    body = gzip.compress(json.dumps([PURCHASE]).encode())
    headers = {
        "Authorization": "sdk-1",
        "Content-Encoding": "gzip",
        "X-LaunchDarkly-Event-Schema": "3",
        "X-LaunchDarkly-Unsummarized": "yes",
        "X-LaunchDarkly-Payload-ID": "headers-1",
        "X-LaunchDarkly-Wrapper": "openfeature/1.0",
        "User-Agent": "PHPClient/6.4.0",
    }
    assert doors.send("/bulk", body, headers).status_code == 202
    assert doors.send("/bulk", body, headers).status_code == 202
    (stored,) = doors.kept()
    kept = stored.batch
    assert (kept.body, kept.schema, kept.marks) == (body, 3, Marks.GZIP | Marks.UNSUMMARIZED)
    assert (kept.agent, kept.wrapper) == ("PHPClient/6.4.0", "openfeature/1.0")


def test_schemas_that_are_not_named_are_the_oldest_from_sdks_and_the_latest_from_pages(doors: Doors) -> None:
    doors.send("/bulk", [PURCHASE], {"Authorization": "sdk-1"})
    doors.send(f"/events/bulk/{ID}", [PURCHASE], {})
    assert [stored.batch.schema for stored in doors.kept()] == [1, 4]


@pytest.mark.parametrize(
    "body",
    [
        [{"kind": "custom"}, 5, None, {"kind": "of tomorrow"}],
        {"kind": "diagnostic-init", "id": {}},
        b'[{"kind":"custom","key":"\\ud83d"}]',
        b'[{"kind":"custom","key":"\xff"}]',
    ],
)
def test_what_is_inside_an_event_never_turns_an_sdk_away(doors: Doors, body: Any) -> None:
    assert doors.send("/bulk", body, {"Authorization": "sdk-1"}).status_code == 202
    assert len(doors.kept()) == 1


def test_an_empty_array_is_fine_and_leaves_nothing(doors: Doors) -> None:
    assert doors.send("/bulk", [], {"Authorization": "sdk-1"}).status_code == 202
    assert doors.kept() == []


@pytest.mark.parametrize(
    ("path", "headers", "body", "status"),
    [
        ("/bulk", {}, b"[]", 401),
        ("/bulk", {"Authorization": "sdk-2"}, b"[]", 401),
        ("/bulk", {"Authorization": "Bearer sdk-1"}, b"[]", 401),
        ("/mobile", {"Authorization": "sdk-1"}, b"[]", 401),
        ("/events/bulk/ffffffffffffffffffffffff", {}, b"[]", 404),
        ("/bulk", {"Authorization": "sdk-1"}, b"[{]", 400),
        ("/bulk", {"Authorization": "sdk-1"}, b"", 400),
        ("/bulk", {"Authorization": "sdk-1"}, b'"text"', 400),
        ("/bulk", {"Authorization": "sdk-1", "Content-Encoding": "gzip"}, b"not gzip", 400),
        ("/bulk", {"Authorization": "sdk-1"}, b" " * (10 * 1024 * 1024 + 1), 413),
        ("/bulk", {"Authorization": "sdk-1", "Content-Encoding": "gzip"}, gzip.compress(bytes(101 << 20), 1), 413),
    ],
)
def test_what_cannot_be_taken_is_refused_in_the_shape_of_the_api(
    doors: Doors, path: str, headers: dict[str, str], body: bytes, status: int
) -> None:
    answer = doors.send(path, body, headers)
    assert answer.status_code == status
    assert set(answer.json()) == {"code", "message"}
    assert doors.kept() == []


def test_a_store_that_is_away_asks_sdks_to_try_again(doors: Doors) -> None:
    doors.credentials.away = True
    try:
        statuses = [
            doors.send("/bulk", [PURCHASE], {"Authorization": "sdk-unknown"}).status_code,
            doors.send("/mobile", [PURCHASE], {"Authorization": "mob-1"}).status_code,
            doors.send(f"/events/bulk/{ID}", [PURCHASE], {}).status_code,
        ]
    finally:
        doors.credentials.away = False
    assert statuses == [503, 503, 503]


def test_pages_of_other_origins_may_send_and_read_what_went_wrong(doors: Doors) -> None:
    for path in (f"/events/bulk/{ID}", f"/events/diagnostic/{ID}", f"/a/{ID}.gif"):
        preflight = requests.options(doors.url + path, headers={"Origin": "https://shop"}, timeout=10)
        assert preflight.status_code == 204
        assert preflight.headers["Access-Control-Allow-Origin"] == "*"
        assert "POST" in preflight.headers["Access-Control-Allow-Methods"]
        assert "X-LaunchDarkly-Payload-ID" in preflight.headers["Access-Control-Allow-Headers"]
    for path in (f"/events/bulk/{ID}", "/events/bulk/unknown"):
        answer = doors.send(path, [PURCHASE], {"Origin": "https://shop"})
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "Date" in answer.headers["Access-Control-Expose-Headers"]
    doors.kept()


@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_browsers_that_cannot_post_send_an_image_address(doors: Doors, encode: Any) -> None:
    events = [{**PURCHASE, "data": "??>>~~ü"}]
    folded = encode(json.dumps(events, ensure_ascii=False).encode()).decode()
    for text in (folded, folded.rstrip("=")):
        answer = requests.get(f"{doors.url}/a/{ID}.gif?d={text}", timeout=10)
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/gif")
        assert answer.content.startswith(b"GIF89a")
        (stored,) = doors.kept()
        assert json.loads(stored.batch.body) == events
        assert stored.batch.source == "pixel"
    assert requests.get(f"{doors.url}/a/{ID}.gif?d=***", timeout=10).status_code == 400
    assert requests.get(f"{doors.url}/a/unknown.gif?d=W10=", timeout=10).status_code == 404


def test_chunked_bodies_are_read(doors: Doors) -> None:
    chunks = iter([b"[", json.dumps(PURCHASE).encode(), b"]"])
    answer = requests.post(doors.url + "/bulk", data=chunks, headers={"Authorization": "sdk-1"}, timeout=10)
    assert answer.status_code == 202
    assert doors.kept()[0].batch.events == 1


def test_imports_are_taken_quietly(doors: Doors) -> None:
    answer = doors.send(IMPORT, [PURCHASE, {**PURCHASE, "metricValue": "broken"}], IMPORT_HEADERS)
    assert (answer.status_code, answer.json()) == (202, {})
    (stored,) = doors.kept()
    assert (stored.batch.source, stored.batch.marks, stored.batch.agent) == (
        "import",
        Marks(0),
        "MetricImport-acme-int/1.0",
    )


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"Authorization": ""}, [PURCHASE], 401),
        ({"Authorization": "api-2"}, [PURCHASE], 401),
        ({"Authorization": "api-reader"}, [PURCHASE], 403),
        ({"X-LaunchDarkly-Event-Schema": "3"}, [PURCHASE], 406),
        ({"X-LaunchDarkly-Event-Schema": ""}, [PURCHASE], 406),
        ({"Content-Type": "text/csv"}, [PURCHASE], 400),
        ({"Content-Type": "application/x-ndjson"}, [PURCHASE], 400),
        ({}, PURCHASE, 400),
        ({}, [PURCHASE, 5], 400),
        ({}, [PURCHASE, {**PURCHASE, "kind": "click"}], 400),
        ({}, [{**PURCHASE, "kind": "feature"}], 400),
        ({}, [{"key": "bought"}], 400),
        ({}, b"[", 400),
        ({"Content-Type": "application/json; charset=utf-8"}, [PURCHASE], 202),
        ({}, [], 202),
    ],
)
def test_imports_that_are_wrong_as_a_whole_are_refused(
    doors: Doors, headers: dict[str, str], body: Any, status: int
) -> None:
    answer = doors.send(IMPORT, body, {**IMPORT_HEADERS, **headers})
    assert answer.status_code == status, answer.text
    assert len(doors.kept()) == (1 if status == 202 and body else 0)
    if status != 202:
        assert set(answer.json()) == {"code", "message"}


def test_imports_for_unknown_environments_are_not_found(doors: Doors) -> None:
    assert doors.send("/v2/event-data-import/default/staging", [PURCHASE], IMPORT_HEADERS).status_code == 404


def test_strict_imports_name_every_event_that_was_not_taken(doors: Doors) -> None:
    events = [
        PURCHASE,
        {**PURCHASE, "key": ""},
        {**PURCHASE, "creationDate": "x"},
        {**PURCHASE, "metricValue": "x"},
        {**PURCHASE, "contextKeys": {}},
        {**PURCHASE, "eventId": "strict-1"},
        {**PURCHASE, "eventId": "strict-1"},
    ]
    answer = doors.send(IMPORT + "?strict=true", events, IMPORT_HEADERS)
    rejected = [(1, "bad_key"), (2, "bad_time"), (3, "bad_value"), (4, "unknown_unit")]
    assert answer.status_code == 202
    assert answer.json() == {
        "accepted": 2,
        "rejected": [{"index": place, "reason": reason} for place, reason in rejected],
        "duplicates": 1,
    }
    again = doors.send(IMPORT, events, {**IMPORT_HEADERS, "X-Import-Strict": "1"})
    assert (again.json()["accepted"], again.json()["duplicates"]) == (1, 2)
    assert [sorted(stored.repeats) for stored in doors.kept()] == [[6], [5, 6]]


def test_a_repeated_payload_is_all_duplicates(doors: Doors) -> None:
    headers = {**IMPORT_HEADERS, "X-LaunchDarkly-Payload-ID": "import-1"}
    first = doors.send(IMPORT + "?strict=true", [PURCHASE, PURCHASE], headers)
    second = doors.send(IMPORT + "?strict=true", [PURCHASE, PURCHASE], headers)
    assert first.json() == {"accepted": 2, "rejected": [], "duplicates": 0}
    assert second.json() == {"accepted": 0, "rejected": [], "duplicates": 2}
    assert len(doors.kept()) == 1


def test_an_event_that_was_refused_may_be_sent_again_under_its_id(doors: Doors) -> None:
    broken = {**PURCHASE, "eventId": "mended-1", "metricValue": "x"}
    doors.send(IMPORT, [broken], IMPORT_HEADERS)
    mended = doors.send(IMPORT + "?strict=true", [{**broken, "metricValue": 1}], IMPORT_HEADERS)
    assert mended.json() == {"accepted": 1, "rejected": [], "duplicates": 0}
    doors.kept()


def test_extended_imports_carry_exposures_attributes_lines_and_their_own_time(doors: Doors) -> None:
    exposure = {**PURCHASE, "kind": "feature", "key": "f", "variation": 1}
    too_old = {**PURCHASE, "creationDate": 1}
    identity = {"kind": "identify", "creationDate": 1, "context": {"kind": "user", "key": "ann", "plan": "pro"}}
    lines = b"\n".join(json.dumps(event).encode() for event in (exposure, identity, too_old))
    headers = {
        **IMPORT_HEADERS,
        "Content-Type": "application/x-ndjson",
        "X-Import-Extensions": "1",
        "X-Attribution-Time": "creationDate",
    }
    answer = doors.send(IMPORT + "?strict=true", lines, headers)
    assert answer.json() == {"accepted": 2, "rejected": [{"index": 2, "reason": "too_old"}], "duplicates": 0}
    (stored,) = doors.kept()
    assert stored.batch.marks == Marks.EXTENSIONS | Marks.BY_CREATION | Marks.LINES
    assert stored.batch.events == 3


def test_importers_are_told_to_slow_down_and_when_to_come_back(doors: Doors) -> None:
    doors.credentials.wait_seconds = 2.2
    try:
        answer = doors.send(IMPORT, [PURCHASE], IMPORT_HEADERS)
    finally:
        doors.credentials.wait_seconds = 0
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "3")


def test_large_imports_are_taken_whole(doors: Doors) -> None:
    events = [{**PURCHASE, "contextKeys": {"user": f"user-{number}"}} for number in range(20_000)]
    answer = doors.send(IMPORT + "?strict=true", events, IMPORT_HEADERS)
    assert answer.json() == {"accepted": 20_000, "rejected": [], "duplicates": 0}
    assert doors.kept()[0].batch.events == 20_000
