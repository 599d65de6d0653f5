"""Apache Kafka, or whatever speaks its protocol, as the log of events."""

import contextlib
import logging
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, Producer, TopicCollection, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from flaghoist.base import clock
from flaghoist.base.errors import Unavailable
from flaghoist.base.sizes import MEBIBYTE
from flaghoist.store.batches import Batch
from flaghoist.store.inbox import Accepted, Outcome
from flaghoist.store.logs import Record, letters
from flaghoist.store.logs.address import Address
from flaghoist.store.logs.elsewhere import Elsewhere
from flaghoist.store.position import Positions

log = logging.getLogger("flaghoist.logs")

RECORD_BYTES = 16 * MEBIBYTE
"""More than the largest body that a door takes, and what is said about it."""

SAFE_WITHIN_MS = 8_000
"""Senders wait about ten seconds for an answer."""

WAITING_KIBIBYTES = 64 * 1024
ANSWER_SECONDS = 5.0
NEW_TOPIC_PARTITIONS = 6
_QUIET = logging.getLogger("flaghoist.logs.librdkafka")
_QUIET.setLevel(logging.CRITICAL)


class Kafka(Elsewhere):
    """A batch is one record, its environment the key; it is accepted once every replica in sync has it."""

    def __init__(self, address: Address) -> None:
        """``kafka://host:port,host:port/topic``; what follows ``?`` is handed to librdkafka."""
        super().__init__("Kafka")
        self._topic = address.name
        self._common: dict[str, Any] = {
            "bootstrap.servers": address.hosts,
            "reconnect.backoff.max.ms": 1_000,
            **address.options,
        }
        self._positions = Positions()
        self._stopping = threading.Event()
        self._producer = self._new_producer()
        self._admin = AdminClient(self._common, logger=_QUIET)
        self._thread = threading.Thread(target=self._hear_back, name="kafka-reports", daemon=True)
        self._thread.start()

    def accept(self, batch: Batch) -> "Future[Outcome]":
        """Produce a batch; whether others have had it too is found out as it is moved on."""
        future: Future[Outcome] = Future()
        future.set_running_or_notify_cancel()

        def reported(error: KafkaError | None, _message: Message) -> None:
            if error is None:
                self.complaints.over()
                future.set_result(Accepted(self._positions.next(clock.now_ms(), batch.events), frozenset()))
            else:
                future.set_exception(self._refusal(error))

        try:
            self._producer.produce(
                self._topic,
                key=batch.environment_id,
                value=batch.body,
                headers=list(letters.headers(batch).items()),
                on_delivery=reported,
            )
        except BufferError:
            future.set_exception(Unavailable("too many events wait for the event log; try again"))
        except KafkaException as error:
            future.set_exception(self._refusal(error.args[0]))
        return future

    def partitions(self) -> Sequence[str]:
        """The topic's, by the id it got when it was made; makes the topic if there is none."""
        with _unavailable("Kafka cannot be asked"):
            described = self._admin.describe_topics(TopicCollection([self._topic]), request_timeout=ANSWER_SECONDS)
            try:
                topic = described[self._topic].result()
            except KafkaException as error:
                if error.args[0].code() != KafkaError.UNKNOWN_TOPIC_OR_PART:
                    raise
                self._make_topic()
                return ()
        return [f"kafka:{topic.topic_id}:{each.id}" for each in topic.partitions]

    def reader(self, partition: str) -> "KafkaReader":
        """Read one of them."""
        return KafkaReader(self._common, TopicPartition(self._topic, int(partition.rpartition(":")[2])))

    def close(self) -> None:
        """Give what is on its way the time it has."""
        self._producer.flush(SAFE_WITHIN_MS / 1000)
        self._stopping.set()
        self._thread.join()

    def _new_producer(self) -> Producer:
        settings = {
            "acks": "all",
            "enable.idempotence": True,
            "linger.ms": 5,
            "message.max.bytes": RECORD_BYTES,
            "message.timeout.ms": SAFE_WITHIN_MS,
            "request.timeout.ms": int(ANSWER_SECONDS * 1000),
            "queue.buffering.max.kbytes": WAITING_KIBIBYTES,
        }
        return Producer({**self._common, **settings}, logger=_QUIET)

    def _hear_back(self) -> None:
        while not self._stopping.is_set():
            producer = self._producer
            try:
                producer.poll(0.1)
            except Exception:
                log.exception("cannot take a report of Kafka")

    def _refusal(self, error: KafkaError) -> Unavailable:
        self.complaints.about(error.str())
        if error.fatal():  # this producer will not send anything any more
            with contextlib.suppress(KafkaException):
                self._producer = self._new_producer()
        return Unavailable("events cannot be handed to the event log at the moment; try again")

    def _make_topic(self) -> None:
        kept = {"max.message.bytes": str(RECORD_BYTES), "message.timestamp.type": "LogAppendTime"}
        topic = NewTopic(self._topic, NEW_TOPIC_PARTITIONS, config=kept)
        try:
            self._admin.create_topics([topic], request_timeout=ANSWER_SECONDS)[self._topic].result()
        except KafkaException as error:
            if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                raise
        else:
            log.info("made a topic name=%s partitions=%s", self._topic, NEW_TOPIC_PARTITIONS)


class KafkaReader:
    """A consumer of one partition; what it has read is known to the state store, not to Kafka."""

    def __init__(self, common: Mapping[str, Any], partition: TopicPartition) -> None:
        settings = {
            "group.id": "flaghoist",  # asked for, though no group is ever joined
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            "isolation.level": "read_committed",
            "auto.offset.reset": "error",
            "fetch.message.max.bytes": RECORD_BYTES,
            "queued.max.messages.kbytes": RECORD_BYTES // 1024,
            "fetch.queue.backoff.ms": 20,
            "fetch.wait.max.ms": 20,  # we ask for the end first, and fetch only what is there
        }
        self._partition = partition
        self._consumer = Consumer({**common, **settings}, logger=_QUIET)
        self._next: int | None = None
        self.end = 0

    def read(self, offset: int | None, *, limit_bytes: int) -> list[Record]:
        """Records from an offset on, up to what is the end when this is called."""
        with _unavailable("Kafka cannot be read"):
            oldest, end = self._bounds()
            self.end = end
            if offset is not None and offset > end:
                raise Unavailable(f"{self._partition.topic} ends at {end}, before {offset}, up to which it was read")
            start = self._begin(offset, oldest)
            found: list[Record] = []
            if start >= end:
                return found
            self._go_on_from(start)
            self._next = None
            while limit_bytes > 0:
                message = self._consumer.poll(ANSWER_SECONDS)
                if message is None:
                    if found:
                        break
                    raise Unavailable("Kafka does not send what it has")
                if (error := message.error()) is not None:
                    if error.code() == KafkaError._PARTITION_EOF:
                        break
                    raise KafkaException(error)
                found.append(_record(message))
                limit_bytes -= len(found[-1].body)
                if found[-1].offset + 1 >= end:
                    break
            self._stop_at(found, end)
            return found

    def close(self) -> None:
        """Leave the partition to others."""
        self._consumer.close()

    def _go_on_from(self, start: int) -> None:
        if start != self._next:
            self._consumer.assign([TopicPartition(self._partition.topic, self._partition.partition, start)])

    def _stop_at(self, found: Sequence[Record], end: int) -> None:
        """Go on fetching while there is more; else fetch nothing until there is."""
        if found and found[-1].offset + 1 < end:
            self._next = found[-1].offset + 1
        else:
            self._consumer.unassign()

    def _bounds(self) -> tuple[int, int]:
        oldest, end = self._consumer.get_watermark_offsets(self._partition, timeout=ANSWER_SECONDS, cached=False)
        return oldest, end

    def _begin(self, offset: int | None, oldest: int) -> int:
        if offset is not None and offset < oldest:
            log.error(
                "the event log let go of records before they counted topic=%s partition=%s records=%s",
                self._partition.topic,
                self._partition.partition,
                oldest - offset,
            )
        return max(offset or 0, oldest)


def _record(message: Message) -> Record:
    told: Any = message.headers() or ()
    headers = {name: (value or b"").decode(errors="replace") for name, value in told}
    body: Any = message.value() or b""
    return Record(message.offset() or 0, message.timestamp()[1], headers, body)


@contextlib.contextmanager
def _unavailable(what: str) -> Iterator[None]:
    try:
        yield
    except KafkaException as error:
        reason: KafkaError = error.args[0]
        raise Unavailable(f"{what}: {reason.str()}") from error
