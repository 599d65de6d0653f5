"""Exposures whose answer was lost are sent again, to another node and after the purchases, and count from before."""

import os
import signal
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from audiences import until
from laboratory import Laboratory
from servers import PostgreSQL, Server, start_server

SHOPPERS = 12
Pair = tuple[Server, Server]
Events = list[dict[str, Any]]


@pytest.fixture
def nodes(postgresql: PostgreSQL, tmp_path: Path) -> Iterator[Pair]:
    shared = {"database_url": postgresql.database(), "lake_dir": str(tmp_path / "lake")}
    first = start_server(tmp_path / "first", **shared)
    second = start_server(tmp_path / "second", log=tmp_path / "second.log", **shared)
    yield first, second
    first.process.send_signal(signal.SIGCONT)
    assert (first.stop(), second.stop()) == (0, 0)


def test_purchases_between_both_times_count_once_the_first_node_is_heard_of_again(nodes: Pair) -> None:
    first, second = nodes
    lab = Laboratory(second)
    lab.started()
    sdk_key = second.ok("GET", f"/projects/{lab.project}/environments/test")["apiKey"]
    pipeline = [f"pipeline-{number}" for number in range(SHOPPERS)]
    shoppers = [f"sdk-{number}" for number in range(SHOPPERS)]
    imported = [{**_exposure(each), "eventId": f"exposure of {each}"} for each in pipeline]
    payload_id = str(uuid.uuid4())

    _import(first, lab, imported)
    _flush(first, sdk_key, [_exposure(each) for each in shoppers], payload_id)
    os.kill(first.process.pid, signal.SIGSTOP)  # nobody hears the answers
    _import(second, lab, [_purchase(each) for each in pipeline])
    _flush(second, sdk_key, [_purchase(each) for each in shoppers], str(uuid.uuid4()))
    _import(second, lab, imported[::-1])
    _flush(second, sdk_key, [_exposure(each) for each in shoppers], payload_id)
    until(lambda: _results(lab)["leftOut"]["beforeExposure"] == 2 * SHOPPERS)
    (told,) = _results(lab)["leftOutInWords"]
    assert "before the first exposure of their user, by the times at which both were received" in told["message"]

    log = second.data_dir.with_name("second.log").read_text()
    assert "answering without the newest events reason=another process has not moved its own on" in log

    os.kill(first.process.pid, signal.SIGCONT)
    until(lambda: not _results(lab)["leftOutInWords"])
    (blue,) = [each for each in _results(lab)["treatmentResults"] if each["treatmentName"] == "Blue"]
    assert (blue["units"], blue["events"]) == (2 * SHOPPERS, 2 * SHOPPERS)


def _results(lab: Laboratory) -> Any:
    return lab.server.ok("GET", f"{lab.path}/colour/metrics/sold/results?expand=traffic")


def _import(node: Server, lab: Laboratory, events: Events) -> None:
    headers = {"X-LaunchDarkly-Event-Schema": "4", "X-Import-Extensions": "1"}
    path = f"/v2/event-data-import/{lab.project}/{lab.environment}"
    assert node.call("POST", path, json=events, headers=headers).status_code == 202


def _flush(node: Server, sdk_key: str, events: Events, payload_id: str) -> None:
    headers = {"X-LaunchDarkly-Event-Schema": "4", "X-LaunchDarkly-Payload-ID": payload_id}
    assert node.call("POST", "/bulk", token=sdk_key, json=events, headers=headers).status_code == 202


def _exposure(user: str) -> dict[str, Any]:
    reason = {"kind": "FALLTHROUGH", "inExperiment": True}
    return {"kind": "feature", "key": "button", "variation": 0, "reason": reason, "contextKeys": {"user": user}}


def _purchase(user: str) -> dict[str, Any]:
    return {"kind": "custom", "key": "sold", "contextKeys": {"user": user}}
