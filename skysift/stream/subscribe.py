"""Read topics of alerts, each alert once, until stopped."""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from confluent_kafka import Consumer, KafkaError, KafkaException, Message

from skysift.stream.inbox import Inbox
from skysift.stream.received import Received, decode
from skysift.stream.security import KafkaSecurity

log = logging.getLogger(__name__)

POLL_SECONDS = 0.5
CONNECT_SECONDS = 15.0
"""How long the cluster may take to answer at all."""

SESSION_SECONDS = 10
"""How soon the group gives up a member that was killed, and its successor can go on."""

JOIN_SECONDS = 60.0
"""How long the group may take to give us our share; a `timeout` begins when it has."""

NEW_TOPIC_SECONDS = 10
"""How soon a topic that did not exist is found."""

HOPELESS = (
    KafkaError._AUTHENTICATION,
    KafkaError._FATAL,
    KafkaError.SASL_AUTHENTICATION_FAILED,
    KafkaError.TOPIC_AUTHORIZATION_FAILED,
    KafkaError.GROUP_AUTHORIZATION_FAILED,
)
"""Errors that waiting does not mend."""


@dataclass
class Summary:
    """Counts so far: messages received; alerts kept, and repeated; messages that are no alert."""

    received: int = 0
    kept: int = 0
    repeated: int = 0
    bad: int = 0


def subscribe(
    servers: str,
    topics: Sequence[str],
    *,
    save: str | Path | None = None,
    group: str | None = None,
    start: Literal["earliest", "latest"] = "earliest",
    max_messages: int | None = None,
    timeout: float | None = None,
    security: KafkaSecurity | None = None,
) -> Subscription:
    """Receive the alerts of some topics, each of them once.

    A message that is no alert is counted, put away (with `save`), and passed over. An offset is
    committed when the caller comes back for the next alert: one that was not finished comes
    again, and one that is in the folder already is not kept, nor given, twice. SIGINT and SIGTERM
    end the iteration as if the topics had.

    Parameters
    ----------
    servers : str
        ``HOST:PORT``, several of them with commas between.
    topics : sequence of str
        Names of topics; one that begins with ``^`` is a regular expression.
    save : path, optional
        Folder to keep every alert in, see `skysift.stream.inbox`.
    group : str, optional
        Kafka's consumer group. By default the folder's own, so that the next call with the same
        folder goes on where this one ended; without a folder, a new one at each call.
    start : str
        Where to start if the group has no place in a topic yet.
    max_messages : int, optional
        End after so many alerts.
    timeout : float, optional
        End after so many seconds without a message.
    security : KafkaSecurity, optional
        Log-in and encryption.

    Returns
    -------
    Subscription
        An iterator of `Received`, with a ``summary``; usable in a ``with`` block.

    Raises
    ------
    ConnectionError
        If no broker answers, or it refuses the log-in or the topics, then or later.

    Examples
    --------
    >>> with subscribe("localhost:9092", ["skysift_bts_candidates_ztf"], save="bts") as alerts:
    ...     for received in alerts:
    ...         print(received.alert["objectId"], received.alert["btsbot"]["score"])
    ... # doctest: +SKIP
    """
    inbox = Inbox(None if save is None else Path(save))
    errors: list[KafkaError] = []
    consumer = Consumer(
        {
            "bootstrap.servers": servers,
            "group.id": group or inbox.group(),
            "auto.offset.reset": start,
            # librdkafka commits in the background, and at the end, what _receive stores.
            "enable.auto.offset.store": False,
            "session.timeout.ms": SESSION_SECONDS * 1000,
            "topic.metadata.refresh.interval.ms": NEW_TOPIC_SECONDS * 1000,
            "error_cb": errors.append,
            **(security or KafkaSecurity()).for_client(),
        },
        logger=log,
    )
    subscription = Subscription(consumer, inbox, errors, max_messages, timeout)
    subscription.connect(servers, topics)
    return subscription


class Subscription(Iterator[Received]):
    """The alerts of some topics as they come; made by `subscribe`.

    Attributes
    ----------
    summary : Summary
        Counts so far.
    """

    def __init__(
        self,
        consumer: Consumer,
        inbox: Inbox,
        errors: list[KafkaError],
        max_messages: int | None,
        timeout: float | None,
    ) -> None:
        self.summary = Summary()
        self._consumer = consumer
        self._inbox = inbox
        self._errors = errors
        self._max_messages = max_messages
        self._timeout = timeout
        self._quiet_since = time.monotonic()
        self._alerts = self._receive()

    def connect(self, servers: str, topics: Sequence[str]) -> None:
        """Make sure that the cluster answers, and ask for the topics.

        Raises
        ------
        ConnectionError
            If it does not answer or refuses.
        """
        try:
            known = self._consumer.list_topics(timeout=CONNECT_SECONDS).topics
        except KafkaException as error:
            self._consumer.poll(0)  # lets the client say why
            self.close()
            reason = "; ".join(dict.fromkeys(e.str() for e in [*self._errors, error.args[0]]))
            raise ConnectionError(f"no answer from Kafka at {servers}: {reason}") from None
        absent = [topic for topic in topics if topic not in known and not topic.startswith("^")]
        for topic in absent:
            log.warning("there is no topic %s at %s yet; waiting for it", topic, servers)
        if len(absent) < len(topics):
            self._quiet_since += JOIN_SECONDS
        self._consumer.subscribe(list(topics), on_assign=self._start_clock)

    def __next__(self) -> Received:
        """Wait for the next new alert."""
        return next(self._alerts)

    def __enter__(self) -> Subscription:
        """Leave the group at the end of the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the group."""
        self.close()

    def close(self) -> None:
        """Commit what was finished and leave the group; may be called twice."""
        self._alerts.close()
        self._consumer.close()
        self._inbox.close()

    def _receive(self) -> Generator[Received, None, None]:
        with stop_on_signal() as stop:
            while not (stop.is_set() or self._is_over()):
                message = self._consumer.poll(POLL_SECONDS)
                self._heed_errors(message)
                if message is None or message.error():
                    continue
                yield from self._take(message)
                self._finish(message)
        self._consumer.close()
        self._inbox.close()

    def _take(self, message: Message) -> Iterator[Received]:
        """Decode, keep and hand over one message, unless it is no alert or came before."""
        self.summary.received += 1
        try:
            received = decode(message)
        except Exception as error:  # whatever the bytes of a stranger lead the decoder to
            self.summary.bad += 1
            self._inbox.bury(message, reason=f"{type(error).__name__}: {error}")
            return
        new = self._inbox.keep(received.topic, received.alert_id, received.key, received.record)
        if not new:
            self.summary.repeated += 1
            return
        self.summary.kept += 1
        yield received

    def _finish(self, message: Message) -> None:
        """Let the message's offset be committed; called when the caller comes back, not before."""
        with suppress(KafkaException):  # the partition went to another member of the group
            self._consumer.store_offsets(message)
        self._start_clock()

    def _is_over(self) -> bool:
        if self._max_messages is not None and self.summary.kept >= self._max_messages:
            return True
        quiet = time.monotonic() - self._quiet_since
        return self._timeout is not None and quiet > self._timeout

    def _start_clock(self, *_: object) -> None:
        self._quiet_since = time.monotonic()

    def _heed_errors(self, message: Message | None) -> None:
        """Log what passes, and end at what does not."""
        if message is not None and (error := message.error()):
            self._errors.append(error)
        while self._errors:
            error = self._errors.pop(0)
            if error.code() in HOPELESS or error.fatal():
                raise ConnectionError(f"Kafka refuses: {error.str()}")
            log.warning("Kafka: %s", error.str())


@contextmanager
def stop_on_signal() -> Iterator[threading.Event]:
    """Turn the first SIGINT or SIGTERM into an event; a second one does what it always does."""
    stop = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stop  # only the main thread may set handlers
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def restore(*_: object) -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    def ask(*_: object) -> None:
        stop.set()
        restore()

    for number in before:
        signal.signal(number, ask)
    try:
        yield stop
    finally:
        restore()
