"""Apache Kafka, or whatever speaks its protocol, as the log of events."""

import contextlib
import logging
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any

from confluent_kafka import (
    IsolationLevel,
    KafkaError,
    KafkaException,
    Message,
    Producer,
    TopicCollection,
    TopicPartition,
)
from confluent_kafka import admin as typed_in_part
from confluent_kafka.cimpl import NewTopic

from flaghoist.base import clock
from flaghoist.base.errors import Unavailable
from flaghoist.store.batches import Batch
from flaghoist.store.inbox import Accepted, Outcome
from flaghoist.store.logs import letters
from flaghoist.store.logs.address import Address
from flaghoist.store.logs.elsewhere import Elsewhere
from flaghoist.store.logs.kafka_reader import ANSWER_SECONDS, QUIET, RECORD_BYTES, KafkaReader, unavailable
from flaghoist.store.logs.kafka_terms import terms_of
from flaghoist.store.logs.terms import Extent, Terms
from flaghoist.store.position import Positions

log = logging.getLogger("flaghoist.logs")
admin: Any = typed_in_part

SAFE_WITHIN_MS = 8_000
"""Senders wait about ten seconds for an answer."""

WAITING_KIBIBYTES = 64 * 1024
NEW_TOPIC_PARTITIONS = 6


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
        self._trouble = ""
        self._stopping = threading.Event()
        try:
            self._producer = self._new_producer()
            self._admin = admin.AdminClient(self._common, logger=QUIET)
        except KafkaException as error:  # which is about options, since nobody has been asked anything yet
            raise ValueError(f"event_log_url has options that cannot be used: {error.args[0].str()}") from error
        self._thread = threading.Thread(target=self._hear_back, name="kafka-reports", daemon=True)
        self._thread.start()

    def accept(self, batch: Batch) -> "Future[Outcome]":
        """Produce a batch; whether others have had it too is found out as it is moved on."""
        future: Future[Outcome] = Future()
        future.set_running_or_notify_cancel()

        def reported(error: KafkaError | None, _message: Message) -> None:
            if error is None:
                self._trouble = ""
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
        with unavailable("Kafka cannot be asked", trouble=lambda: self._trouble):
            topic = self._described()
            if topic is None:
                self._make_topic()
                return ()
        return [_named(topic, each.id) for each in topic.partitions]

    def reader(self, partition: str) -> "KafkaReader":
        """Read one of them."""
        return KafkaReader(self._common, TopicPartition(self._topic, int(partition.rpartition(":")[2])))

    @property
    def title(self) -> str:
        """The topic."""
        return f"the topic '{self._topic}' of Kafka"

    def extents(self) -> dict[str, Extent]:
        """From the oldest record to the last that is committed."""
        with unavailable("Kafka cannot be asked", trouble=lambda: self._trouble):
            topic = self._described()
            places = [each.id for each in topic.partitions] if topic else []
            oldest, end = (
                self._offsets(places, admin.OffsetSpec.earliest()),
                self._offsets(places, admin.OffsetSpec.latest()),
            )
        return {_named(topic, place): Extent(oldest[place], end[place]) for place in places}

    def terms(self) -> Terms:
        """What is set for the topic, or for all of them."""
        with unavailable("Kafka cannot be asked", trouble=lambda: self._trouble):
            asked = admin.ConfigResource(admin.ConfigResource.Type.TOPIC, self._topic)
            told = self._admin.describe_configs([asked], request_timeout=ANSWER_SECONDS)[asked].result()
            topic = self._described()
        copies = min((len(each.replicas) for each in topic.partitions), default=0) if topic else 0
        return terms_of({name: entry.value for name, entry in told.items()}, copies=copies)

    def close(self) -> None:
        """Give what is on its way the time it has."""
        self._producer.flush(SAFE_WITHIN_MS / 1000)
        self._stopping.set()
        self._thread.join()

    def _new_producer(self) -> Producer:
        settings = {
            "error_cb": self._hear_of_trouble,
            "acks": "all",
            "enable.idempotence": True,
            "linger.ms": 5,
            "message.max.bytes": RECORD_BYTES,
            "message.timeout.ms": SAFE_WITHIN_MS,
            "request.timeout.ms": int(ANSWER_SECONDS * 1000),
            "queue.buffering.max.kbytes": WAITING_KIBIBYTES,
        }
        return Producer({**self._common, **settings}, logger=QUIET)

    def _hear_back(self) -> None:
        while not self._stopping.is_set():
            producer = self._producer
            try:
                producer.poll(0.1)
            except Exception:
                log.exception("cannot take a report of Kafka")

    def _hear_of_trouble(self, error: KafkaError) -> None:
        """Told of what goes wrong with connections, which whoever waits for an answer is not."""
        if error.code() != KafkaError._ALL_BROKERS_DOWN:
            self._trouble = error.str()

    def _refusal(self, error: KafkaError) -> Unavailable:
        self.complaints.about(error.str())
        if error.fatal():  # this producer will not send anything any more
            with contextlib.suppress(KafkaException):
                self._producer = self._new_producer()
        return Unavailable("events cannot be handed to the event log at the moment; try again")

    def _described(self) -> Any:
        """The topic as Kafka tells it; None if there is none."""
        described = self._admin.describe_topics(TopicCollection([self._topic]), request_timeout=ANSWER_SECONDS)
        try:
            return described[self._topic].result()
        except KafkaException as error:
            if error.args[0].code() != KafkaError.UNKNOWN_TOPIC_OR_PART:
                raise
            return None

    def _offsets(self, places: Sequence[int], which: Any) -> dict[int, int]:
        wanted = {TopicPartition(self._topic, place): which for place in places}
        if not wanted:
            return {}
        told = self._admin.list_offsets(
            wanted, isolation_level=IsolationLevel.READ_COMMITTED, request_timeout=ANSWER_SECONDS
        )
        return {partition.partition: each.result().offset for partition, each in told.items()}

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


def _named(topic: Any, place: int) -> str:
    return f"kafka:{topic.topic_id}:{place}"
