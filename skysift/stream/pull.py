"""Pull messages off Kafka some at a time; the place in the topics moves on only when told to.

For one reader that keeps what it reads and must lose nothing: it takes all partitions by itself,
without the group's sharing them out, so that one who was killed is followed at once by the next.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import TypeVar

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from skysift.stream.security import KafkaSecurity
from skysift.stream.subscribe import CONNECT_SECONDS, HOPELESS

Answer = TypeVar("Answer")

log = logging.getLogger(__name__)


MOVING = frozenset(
    {
        KafkaError.NOT_COORDINATOR,
        KafkaError.COORDINATOR_NOT_AVAILABLE,
        KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
    }
)
"""What brokers answer while they agree on which of them keeps a group's place: it passes."""

AGAIN_SECONDS = 0.5


def once_settled(
    ask: Callable[[], Answer], *, seconds: float = CONNECT_SECONDS, every: float = AGAIN_SECONDS
) -> Answer:
    """Ask the cluster about a group's place, again while it is `MOVING`.

    Parameters
    ----------
    ask : callable
    seconds, every : float
        How long, and how often.

    Raises
    ------
    confluent_kafka.KafkaException
        Any other one at once; one of these when the time is over.
    """
    end = time.monotonic() + seconds
    while True:
        try:
            return ask()
        except KafkaException as error:
            if error.args[0].code() not in MOVING or time.monotonic() + every > end:
                raise
            time.sleep(every)


class RefusedError(ConnectionError):
    """The cluster answers, and refuses: waiting does not mend it."""


class Puller:
    """All partitions of some topics, read by one consumer.

    Parameters
    ----------
    servers : str
        ``HOST:PORT``, several of them with commas between.
    topics : sequence of str
    group : str
        Under which the place in the topics is kept.
    security : KafkaSecurity, optional
        Log-in and encryption.

    Raises
    ------
    ConnectionError
        If no broker answers.
    RefusedError
        If it refuses the log-in or a topic.
    """

    def __init__(
        self,
        servers: str,
        topics: Sequence[str],
        group: str,
        security: KafkaSecurity | None = None,
    ) -> None:
        self._servers = servers
        self._topics = list(topics)
        self._errors: list[KafkaError] = []
        self._partitions: set[tuple[str, int]] = set()
        self._ended: set[tuple[str, int]] = set()
        self._consumer = Consumer(
            {
                "bootstrap.servers": servers,
                "group.id": group,
                "auto.offset.reset": "earliest",
                "enable.auto.commit": False,
                "enable.partition.eof": True,
                "error_cb": self._errors.append,
                **(security or KafkaSecurity()).for_client(),
            },
            logger=log,
        )
        try:
            self.find_partitions()
        except ConnectionError:
            self.close()
            raise

    def find_partitions(self) -> None:
        """Take up what partitions there are, each where the group's place is.

        Call it again when all that was pulled is committed: topics may be made later.

        Raises
        ------
        ConnectionError, RefusedError
            As when it was made.
        """
        there = self._listed()
        if there == self._partitions:
            return
        for topic in set(self._topics) - {topic for topic, _ in there}:
            log.warning("there is no topic %s at %s yet; waiting for it", topic, self._servers)
        wanted = [TopicPartition(topic, number) for topic, number in sorted(there)]
        try:
            places = once_settled(lambda: self._consumer.committed(wanted, timeout=CONNECT_SECONDS))
            self._consumer.assign(places)
        except KafkaException as error:
            raise self._failure(error) from None
        self._partitions, self._ended = there, set()

    def pull(self, most: int, patience: float) -> list[Message]:
        """Return the next messages, as many as there are.

        Parameters
        ----------
        most : int
        patience : float
            Seconds to wait for so many; then fewer are returned, or none.

        Raises
        ------
        ConnectionError
            If the cluster does not give what it has.
        RefusedError
            If it refuses to.
        """
        try:
            pulled = self._consumer.consume(most, timeout=patience)
        except KafkaException as error:
            raise self._failure(error) from None
        alerts = [message for message in pulled if self._is_alert(message)]
        self._heed_errors()
        return alerts

    def commit(self, messages: Sequence[Message]) -> None:
        """Move the group's place behind these messages; it is kept when the call returns.

        Raises
        ------
        ConnectionError
            If it could not be kept.
        """
        behind: dict[tuple[str, int], int] = {}
        for message in messages:
            place = _place(message)
            behind[place] = max(behind.get(place, 0), int(message.offset() or 0) + 1)
        offsets = [TopicPartition(*place, offset) for place, offset in behind.items()]
        try:
            once_settled(lambda: self._consumer.commit(offsets=offsets, asynchronous=False))
        except KafkaException as error:
            raise self._failure(error) from None

    def at_end(self) -> bool:
        """Tell whether the end of every partition was met, with nothing behind it since."""
        return self._ended == self._partitions

    def close(self) -> None:
        """Let go of the partitions."""
        self._consumer.close()

    def __enter__(self) -> Puller:
        """Close at the end of the block."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close."""
        self.close()

    def _listed(self) -> set[tuple[str, int]]:
        """List the partitions of our topics that there are."""
        try:
            known = self._consumer.list_topics(timeout=CONNECT_SECONDS).topics
        except KafkaException as error:
            self._consumer.poll(0)  # lets the client say why
            raise self._failure(error) from None
        ours = [known[topic] for topic in self._topics if topic in known]
        for topic in ours:
            if topic.error is not None and topic.error.code() in HOPELESS:
                raise RefusedError(f"Kafka refuses {topic.topic}: {topic.error.str()}")
        return {(topic.topic, number) for topic in ours for number in topic.partitions}

    def _is_alert(self, message: Message) -> bool:
        """Take note of what is an event, not a message."""
        place, event = _place(message), message.error()
        if event is None:
            self._ended.discard(place)
        elif event.code() == KafkaError._PARTITION_EOF:
            self._ended.add(place)
        else:
            self._errors.append(event)
        return event is None

    def _heed_errors(self) -> None:
        """Log what passes, and end at what does not."""
        while self._errors:
            error = self._errors.pop(0)
            if error.code() in HOPELESS or error.fatal():
                raise RefusedError(f"Kafka refuses: {error.str()}")
            log.warning("Kafka: %s", error.str())

    def _failure(self, error: KafkaException) -> ConnectionError:
        """Say what went wrong, with all that the client knows of it."""
        known = [*self._errors, error.args[0]]
        self._errors.clear()
        reasons = "; ".join(dict.fromkeys(e.str() for e in known))
        if any(e.code() in HOPELESS for e in known):
            return RefusedError(f"Kafka at {self._servers} refuses: {reasons}")
        return ConnectionError(f"no answer from Kafka at {self._servers}: {reasons}")


def _place(message: Message) -> tuple[str, int]:
    return str(message.topic()), int(message.partition() or 0)
