"""Prometheus finds in the figures what was done: counted once, added up over workers, and nobody's secrets or names."""

import gzip
import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml
from audiences import Audience
from paper_log import PaperLog
from prometheus_client.parser import text_string_to_metric_families
from servers import Server, start_server

from flaghoist.app.observing.waiting import InLog
from flaghoist.base import clock
from flaghoist.base.errors import Unavailable
from flaghoist.base.figures import Figure, Spread, Tally, exposition
from flaghoist.store.batches import Batch
from flaghoist.store.database import Database, sqlite_url
from flaghoist.store.facts import progress
from flaghoist.store.position import first_at

DEPLOY = Path(__file__).parents[2] / "deploy" / "prometheus"
TOKEN = "a-token-for-prometheus"
FLAG = "secret-launch-of-the-blue-moon"
Numbers = dict[str, float]


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of two workers that was used a little."""
    running = start_server(tmp_path_factory.mktemp("busy"), workers="2", metrics_token=TOKEN)
    try:
        _use(running)
        yield running
    finally:
        status = running.stop()
    assert status == 0


def _use(server: Server) -> None:
    server.ok("POST", "/flags/default", json={"key": FLAG, "name": "Blue moon"})
    environment = server.ok("GET", "/projects/default/environments/test")
    sdk_key = environment["apiKey"]
    audience = Audience(sdk_key)
    audience.open(server.url, 6)
    server.ok(
        "PATCH", f"/flags/default/{FLAG}", json=[{"op": "replace", "path": "/environments/test/on", "value": True}]
    )
    event = {"kind": "custom", "key": "bought", "creationDate": int(time.time() * 1000), "context": {"key": "ada"}}
    body = gzip.compress(json.dumps([event, event]).encode())
    for _ in range(2):  # the second is a repetition of the first
        sent = requests.post(
            f"{server.url}/bulk",
            body,
            headers={
                "Authorization": sdk_key,
                "Content-Encoding": "gzip",
                "X-LaunchDarkly-Payload-ID": "0e9e2b7e-7f0b-4b39-8f39-4a7c35a1a001",
            },
            timeout=30,
        )
        assert sent.status_code == 202
    assert requests.post(f"{server.url}/bulk", b"{", headers={"Authorization": sdk_key}, timeout=30).status_code == 400
    for _ in range(10):
        assert requests.get(f"{server.url}/sdk/latest-all", headers={"Authorization": sdk_key}, timeout=30).ok
    assert requests.post(f"{server.url}/nothing/here", timeout=30).status_code == 404
    _until(lambda: _numbers(server).get("flaghoist_lake_rows", 0) > 0 or None)
    audience.close()


def test_what_was_done_is_counted_once_over_all_workers(busy: Server) -> None:
    told = _numbers(busy)
    assert told["flaghoist_worker_up"] == 2
    assert told['flaghoist_event_batches_total{fate="refused"}'] == 1
    # The same payload may have reached both workers: then the second is left out only on its way to the lake.
    assert (
        told['flaghoist_event_batches_total{fate="kept"}'] + told['flaghoist_event_batches_total{fate="repeated"}'] == 2
    )
    assert told['flaghoist_events_total{fate="kept"}'] + told['flaghoist_events_total{fate="repeated"}'] == 4
    # A copy that was received later and moved on first stays in its file, and counts no more.
    assert told["flaghoist_lake_rows"] in (2, 4)
    keys = busy.ok("GET", "/internal/projects/default/environments/test/event-keys")["items"]
    assert {each["key"]: each["events"] for each in keys} == {"bought": 2}, "each event counts once"
    assert told['flaghoist_http_requests_total{door="sdk",status="200"}'] == 10
    assert told['flaghoist_http_requests_total{door="stream",status="200"}'] == 6
    assert told['flaghoist_http_requests_total{door="nowhere",status="404"}'] == 1
    assert told['flaghoist_http_request_seconds_count{door="sdk"}'] == 10
    assert told["flaghoist_change_lag_seconds_count"] >= 2, "each worker hands each change to its streams"
    assert told["flaghoist_fan_out_seconds_count"] >= 1
    assert told["flaghoist_store_away_seconds_total"] == 0
    assert told["process_resident_memory_bytes"] > 50e6


def test_counters_never_run_backwards(busy: Server) -> None:
    before = _numbers(busy)
    busy.ok("GET", "/projects")
    after = _numbers(busy)
    falling = [name for name in before if name.endswith(("_total", "_count", "_bucket")) and after[name] < before[name]]
    assert not falling
    rest = 'flaghoist_http_requests_total{door="rest",status="200"}'
    assert after[rest] == before[rest] + 1


def test_figures_name_nothing_that_customers_named(busy: Server) -> None:
    text = _text(busy)
    environment = busy.ok("GET", "/projects/default/environments/test")
    for secret in (FLAG, "bought", "ada", environment["apiKey"], environment["_id"], busy.token, TOKEN):
        assert secret not in text
    labels = {
        label for family in text_string_to_metric_families(text) for each in family.samples for label in each.labels
    }
    assert labels == {
        "worker",
        "door",
        "status",
        "le",
        "fate",
        "form",
        "queue",
        "outcome",
        "operation",
        "generation",
        "version",
    }
    assert len(text.splitlines()) < 1000, "what is told of two workers does not grow with use"


def test_only_who_has_the_token_is_told(busy: Server) -> None:
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": TOKEN}, {"Authorization": busy.token}):
        answer = requests.get(f"{busy.url}/metrics", headers=headers, timeout=30)
        assert (answer.status_code, "metrics_token" in answer.text) == (401, True)
        assert "flaghoist_" not in answer.text


def test_without_a_token_only_programs_on_this_machine_are_told(tmp_path: Path) -> None:
    server = start_server(tmp_path)
    try:
        assert requests.get(f"{server.url}/metrics", timeout=30).status_code == 200
        # As a proxy on the same machine would ask.
        for proxied in (
            {"X-Forwarded-For": "203.0.113.9"},
            {"Forwarded": "for=203.0.113.9"},
            {"Via": "1.1 gate"},
            {"Host": "flags.example.com"},
        ):
            assert requests.get(f"{server.url}/metrics", headers=proxied, timeout=30).status_code == 401, proxied
    finally:
        assert server.stop() == 0


@pytest.mark.parametrize("file", ["dashboard.json", "rules.yaml"])
def test_every_metric_that_is_asked_for_exists(busy: Server, file: str) -> None:
    known = {line.split()[2] for line in _text(busy).splitlines() if line.startswith("# TYPE")}
    histograms = {line.split()[2] for line in _text(busy).splitlines() if line.endswith(" histogram")}
    known |= {f"{name}{suffix}" for name in histograms for suffix in ("_bucket", "_sum", "_count")}
    questions = list(_expressions(file))
    asked = {name for question in questions for name in re.findall(r"\b(?:flaghoist|process)_[a-z_]+", question)}
    assert questions
    assert asked - known == set()


def test_every_figure_is_on_the_dashboard_or_in_a_rule(busy: Server) -> None:
    questions = "\n".join([*_expressions("dashboard.json"), *_expressions("rules.yaml")])
    unseen = [
        name
        for name in {line.split()[2] for line in _text(busy).splitlines() if line.startswith("# TYPE flaghoist_")}
        if name not in questions
    ]
    assert not unseen, "a figure that nobody looks at is not worth keeping"


def test_each_panel_is_told_apart_and_explained() -> None:
    dashboard = json.loads((DEPLOY / "dashboard.json").read_text())
    panels = [panel for panel in dashboard["panels"] if panel["type"] != "row"]
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])
    assert all(panel["title"] and panel["description"] and panel["fieldConfig"]["defaults"]["unit"] for panel in panels)
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in dashboard["panels"]]
    assert len(set(places)) == len(places)


def test_each_alert_says_how_bad_it_is_and_what_to_do() -> None:
    alerts = [
        rule for group in yaml.safe_load((DEPLOY / "rules.yaml").read_text())["groups"] for rule in group["rules"]
    ]
    page = (Path(__file__).parents[2] / "docs" / "operating" / "monitoring.md").read_text()
    for alert in alerts:
        assert alert["labels"]["severity"] in ("page", "ticket")
        assert alert["annotations"]["summary"] and alert["annotations"]["description"]
        assert f"`{alert['alert']}`" in page, "the page on monitoring says what to do"


def test_what_waits_in_a_log_that_all_share_is_told_by_partition(database: Database) -> None:
    log = PaperLog(partitions=2)
    figures = InLog(log=log, database=database)
    assert _told(figures) == {"0": (0, 0.0), "1": (0, 0.0)}
    for environment in ("e0", "e0", "e1"):
        log.accept(Batch(environment, "server", b"[{}]", 1))
    _told(figures)
    time.sleep(0.02)
    records, seconds = _told(figures)["0"]
    assert records == 2 and 0.02 <= seconds < 10, "nobody ever read it, so it waits since it was first seen to"
    long_ago = clock.now_ms() - 600_000
    database.write(lambda connection: progress.advance(connection, "paper:0", since=0, to=first_at(long_ago), offset=0))
    database.write(lambda connection: progress.advance(connection, "paper:1", since=0, to=first_at(long_ago), offset=0))
    told = _told(figures)
    assert told["0"] == (1, pytest.approx(600, abs=10))
    assert told["1"] == (0, 0.0), "where nothing waits, it does not matter that the last came long ago"
    log.is_away = True
    with pytest.raises(Unavailable):
        figures.figures()


def _told(figures: InLog) -> dict[str, tuple[float, float]]:
    records, seconds = figures.figures()
    assert [each.labels for each in records.samples] == [each.labels for each in seconds.samples]
    return {
        first.labels["partition"]: (first.value, second.value)
        for first, second in zip(records.samples, seconds.samples, strict=True)
    }


def test_an_outage_of_the_store_is_timed_from_the_first_failure_to_the_next_success(tmp_path: Path) -> None:
    folder = tmp_path / "not yet mounted"
    database = Database(sqlite_url(folder))
    try:
        for _ in range(2):
            with pytest.raises(Unavailable), database.read():
                pass
        time.sleep(0.05)
        assert database.outages.failures.count("read") == 2
        assert database.outages.seconds >= 0.05
        folder.mkdir()
        database.write(lambda connection: None, in_turn=False)
        lasted = database.outages.seconds
        time.sleep(0.05)
        assert database.outages.seconds == lasted, "it is over"
        assert database.writes.count == 1
    finally:
        database.close()


def test_the_text_is_what_prometheus_itself_would_read() -> None:
    """Its own client is the judge, with values and labels that have to be escaped."""
    tally, spread = Tally("what"), Spread((0.1, 1.0))
    tally.add('a "quoted"\nline \\ of text', amount=2.5)
    for value in (0.1, 0.5, 3.0):
        spread.add(value)
    text = exposition(
        [
            Figure("things_total", "counter", "Of things,\nover \\ lines", tally.samples()),
            Figure("wait_seconds", "histogram", "Waits.", spread.samples({"door": "a"})),
        ]
    )
    things, waits = list(text_string_to_metric_families(text))
    assert things.documentation == "Of things,\nover \\ lines"
    assert [(each.labels, each.value) for each in things.samples] == [({"what": 'a "quoted"\nline \\ of text'}, 2.5)]
    assert {each.labels.get("le", each.name): each.value for each in waits.samples} == {
        "0.1": 1,
        "1.0": 2,
        "+Inf": 3,
        "wait_seconds_sum": 3.6,
        "wait_seconds_count": 3,
    }


def test_no_count_is_lost_between_threads() -> None:
    tally, spread = Tally("what"), Spread()

    def count() -> None:
        for _ in range(2000):
            tally.add("a")
            spread.add(0.2)

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (tally.count("a"), spread.count) == (8000, 8000)


def _text(server: Server) -> str:
    answer = requests.get(f"{server.url}/metrics", headers={"Authorization": f"Bearer {TOKEN}"}, timeout=30)
    assert answer.status_code == 200, answer.text
    return answer.text


def _numbers(server: Server) -> Numbers:
    """Each series, added up over workers."""
    numbers: Numbers = {}
    for family in text_string_to_metric_families(_text(server)):
        for each in family.samples:
            labels = ",".join(f'{name}="{value}"' for name, value in each.labels.items() if name != "worker")
            name = f"{each.name}{{{labels}}}" if labels else each.name
            numbers[name] = numbers.get(name, 0.0) + each.value
    return numbers


def _expressions(file: str) -> Iterator[str]:
    if file.endswith(".json"):
        for panel in json.loads((DEPLOY / file).read_text())["panels"]:
            yield from (target["expr"] for target in panel.get("targets", ()))
        return
    for group in yaml.safe_load((DEPLOY / file).read_text())["groups"]:
        yield from (rule["expr"] for rule in group["rules"])


def _until(look: Callable[[], Any], seconds: float = 20.0) -> Any:
    deadline = time.monotonic() + seconds
    while (found := look()) is None:
        assert time.monotonic() < deadline, "this takes too long"
        time.sleep(0.1)
    return found
