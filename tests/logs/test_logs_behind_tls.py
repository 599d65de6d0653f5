"""A log is spoken to over TLS and by name, to a real Kafka and a real NATS; who is not the one they claim is told."""

import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from certificates import certificate
from event_logs import PASSWORD, USER, RunningLog

from flaghoist.base.errors import Unavailable
from flaghoist.store.batches import Batch
from flaghoist.store.logs import EventLog, event_log, kafka, patience
from flaghoist.store.logs.letters import opened
from flaghoist.store.logs.patience import patiently

STARTS_WITHIN_SECONDS = 40.0


@pytest.fixture(scope="module", params=["kafka", "nats"])
def secured(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLog]:
    log = RunningLog(request.param, tmp_path_factory.mktemp(request.param), is_secured=True)
    yield log
    log.stop()


def address(log: RunningLog, *, password: str = PASSWORD, trusting: str = "") -> str:
    assert log.certificate is not None
    trusted, kind = quote(trusting or log.certificate.chain), log.url.partition(":")[0]
    if kind == "nats":
        return f"{log.url.replace('://', f'://{USER}:{quote(password)}@')}?tls_ca={trusted}"
    known = f"sasl.mechanism=PLAIN&sasl.username={USER}&sasl.password={quote(password)}"
    return f"{log.url}?security.protocol=SASL_SSL&ssl.ca.location={trusted}&{known}"


@pytest.mark.world
def test_a_batch_goes_there_and_comes_back_encrypted_and_by_name(
    secured: RunningLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "WITHIN_SECONDS", STARTS_WITHIN_SECONDS)
    log = event_log(address(secured))
    assert log is not None
    try:
        patiently(log.partitions)
        batch = Batch("64b1f0c2a9d3e4f5a6b7c8d0", "server", b"[{}]", 1, payload_id="p")
        until_taken(log, batch)
        (filled,) = [name for name, extent in patiently(log.extents).items() if extent.end > extent.oldest]
        reader = log.reader(filled)
        records = reader.read(None, limit_bytes=1000)
        reader.close()
        assert {opened(record.headers, record.body).batch.body for record in records} == {b"[{}]"}
        assert log.terms().record_bytes == 16 * 2**20
    finally:
        log.close()


@pytest.mark.world
@pytest.mark.parametrize("wrong", ["password", "certificate"])
def test_one_who_is_not_known_is_refused_and_told_why(
    secured: RunningLog, wrong: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "WITHIN_SECONDS", 3.0)
    monkeypatch.setattr(kafka, "ANSWER_SECONDS", 2.0)
    stranger = certificate(tmp_path).chain
    url = address(secured, password="guessed") if wrong == "password" else address(secured, trusting=stranger)
    log = event_log(url)
    assert log is not None
    try:
        with pytest.raises(Unavailable) as told:
            patiently(log.extents)
    finally:
        log.close()
    why = told.value.message.lower()
    assert ("certificate verify failed" if wrong == "certificate" else "auth") in why, why


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ("tls_ca=/nowhere/ca.pem", "tls_ca in event_log_url: there is no file /nowhere/ca.pem"),
        ("credentials=/nowhere/me.creds", "credentials in event_log_url: there is no file"),
        ("tls_key=/etc/hostname", "tls_key in event_log_url needs tls_cert"),
        ("tls_first=perhaps", "tls_first in event_log_url is yes or no"),
        ("tls_ca={garbage}", "certificates that cannot be used"),
        ("tls=yes", "knows no option 'tls', but credentials, tls_ca"),
    ],
)
def test_options_over_nats_that_cannot_be_used_are_told_at_once(options: str, complaint: str, tmp_path: Path) -> None:
    (tmp_path / "garbage").write_text("no certificate")
    with pytest.raises(ValueError, match=complaint):
        event_log(f"nats://127.0.0.1:1/events?{options.format(garbage=tmp_path / 'garbage')}")


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ("security.protocoll=SSL", "No such configuration property"),
        ("security.protocol=TLS", "Invalid value"),
        ("security.protocol=SSL&ssl.ca.location=/nowhere/ca.pem", "ssl.ca.location"),
        ("security.protocol=SASL_SSL&sasl.mechanism=PLAIN", "sasl.username"),
    ],
)
def test_options_over_kafka_that_cannot_be_used_are_told_at_once(options: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=f"event_log_url has options that cannot be used: .*{complaint}"):
        event_log(f"kafka://127.0.0.1:1/events?{options}")


def until_taken(log: EventLog, batch: Batch) -> None:
    """A topic just made takes a moment to be led by somebody."""
    deadline = time.monotonic() + STARTS_WITHIN_SECONDS
    while True:
        try:
            log.accept(batch).result(20)
            return
        except Unavailable:
            assert time.monotonic() < deadline
            time.sleep(0.3)
