"""One partition of a topic, read from where the state store says."""

import contextlib
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from flaghoist.base.errors import Unavailable
from flaghoist.base.sizes import MEBIBYTE
from flaghoist.store.logs import Record

log = logging.getLogger("flaghoist.logs")

RECORD_BYTES = 16 * MEBIBYTE
"""More than the largest body that a door takes, and what is said about it."""

ANSWER_SECONDS = 5.0
QUIET = logging.getLogger("flaghoist.logs.librdkafka")
QUIET.setLevel(logging.CRITICAL)


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
        self._consumer = Consumer({**common, **settings}, logger=QUIET)
        self._next: int | None = None
        self.end = 0

    def read(self, offset: int | None, *, limit_bytes: int) -> list[Record]:
        """Records from an offset on, up to what is the end when this is called."""
        with unavailable("Kafka cannot be read"):
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
def unavailable(what: str, *, trouble: Callable[[], str] = str) -> Iterator[None]:
    """What Kafka refuses inside is raised as ``Unavailable``, with the ``trouble`` that may have led to it."""
    try:
        yield
    except KafkaException as error:
        reason: KafkaError = error.args[0]
        cause = f" ({trouble()})" if trouble() else ""
        raise Unavailable(f"{what}: {reason.str()}{cause}") from error
