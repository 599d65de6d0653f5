"""A token that imports too fast waits, and only that one."""

from event_road import FakeClock
from servers import Server

from flaghoist.ingest.pace import ImportPace


def test_a_bucket_empties_and_refills_evenly(fake_clock: FakeClock) -> None:
    pace = ImportPace(5)
    assert [pace("a") for _ in range(5)] == [0] * 5
    assert pace("a") == 2.0
    assert pace("b") == 0, "each token has a bucket of its own"
    fake_clock.at_ms += 1_000
    assert pace("a") == 1.0
    fake_clock.at_ms += 1_000
    assert pace("a") == 0
    assert pace("a") == 2.0
    fake_clock.at_ms += 3_600_000
    assert [pace("a") for _ in range(6)] == [0] * 5 + [2.0]


def test_without_a_limit_nobody_waits() -> None:
    pace = ImportPace(0)
    assert {pace("a") for _ in range(1000)} == {0}


def test_the_running_server_says_when_to_come_back(slow_importer: Server) -> None:
    answers = [
        slow_importer.call(
            "POST",
            "/v2/event-data-import/default/test",
            json=[{"kind": "custom", "key": "k", "contextKeys": {"user": "u"}, "creationDate": 1}],
            headers={"X-LaunchDarkly-Event-Schema": "4"},
        )
        for _ in range(4)
    ]
    assert [answer.status_code for answer in answers] == [202, 202, 202, 429]
    assert answers[-1].json()["code"] == "rate_limited"
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 4
