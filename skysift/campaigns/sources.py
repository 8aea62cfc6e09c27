"""Where a pool's alerts come from: topics of Kafka, or a folder; each delivery is signed for.

A source hands over what is new and is told when that is safe on disk. What was not signed for
comes again after a restart.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

from skysift.alerts.payloads import Payload, iter_file, list_files
from skysift.stream.kafka import KafkaAddress, message_payload
from skysift.stream.pull import Puller
from skysift.stream.security import KafkaSecurity

MESSAGES = 200
"""Taken at once: 16 MB of ZTF's packets."""

PATIENCE = 2.0
"""Seconds in which a delivery may fill up."""

REST = 2.0
"""Seconds until a folder in which nothing was new is looked at again."""

PIECE_BYTES = 2**20
GROUP, FILES = "_group.txt", "_files.txt"


@dataclass(frozen=True)
class Delivery:
    """Alerts as they came, and whom to tell that they are kept."""

    payloads: list[Payload]
    sign: Callable[[], None]


class Source(Protocol):
    """Somewhere that alerts come from.

    Attributes
    ----------
    rest : float
        Seconds to wait when nothing is new, before asking again.
    """

    rest: float

    def fetch(self) -> Delivery | None:
        """Return what is new; None if nothing is, now."""
        ...

    def exhausted(self) -> bool:
        """Tell whether all there was is signed for; asked when nothing is new."""
        ...

    def close(self) -> None:
        """Let go; it is opened again by the next `fetch`."""
        ...


class KafkaSource:
    """Topics. Offsets are committed, in Kafka, when a delivery is signed for.

    Parameters
    ----------
    address : KafkaAddress
        With at least one topic.
    group : str
        Consumer group that holds the place in the topics.
    security : KafkaSecurity
    """

    rest = 0.0

    def __init__(self, address: KafkaAddress, group: str, security: KafkaSecurity) -> None:
        self._address = address
        self._group = group
        self._security = security
        self._open: Puller | None = None

    def fetch(self) -> Delivery | None:
        """See `Source`.

        Raises
        ------
        ConnectionError
            If Kafka does not answer; `RefusedError` if it refuses.
        """
        puller = self._puller()
        messages = puller.pull(MESSAGES, PATIENCE)
        if not messages:
            puller.find_partitions()
            return None
        payloads = [
            message_payload(m.value(), m.key(), str(m.topic()), m.partition() or 0, m.offset() or 0)
            for m in messages
        ]
        return Delivery(payloads, lambda: puller.commit(messages))

    def exhausted(self) -> bool:
        """See `Source`."""
        return self._puller().at_end()

    def close(self) -> None:
        """See `Source`."""
        if self._open is not None:
            self._open.close()
            self._open = None

    def _puller(self) -> Puller:
        if self._open is None:
            topics = (self._address.topics or "").split(",")
            self._open = Puller(self._address.servers, topics, self._group, self._security)
        return self._open


class FolderSource:
    """A folder, or a file, with packets in anything that skysift reads.

    Files that were read to their end are noted down by name, size and time, so that they are not
    read again; one that has grown is.

    Parameters
    ----------
    path : Path
    notes : Path
        Where they are noted down.
    settle : float
        Seconds that a file must have been left alone: somebody may still be writing it.
    """

    rest = REST

    def __init__(self, path: Path, notes: Path, *, settle: float = 0.0) -> None:
        self._path = Path(path)
        self._notes = notes
        self._settle = settle
        self._read = set(notes.read_text(encoding="utf-8").split("\n")) if notes.exists() else set()
        self._deliveries = self._deliver()

    def fetch(self) -> Delivery | None:
        """See `Source`.

        Raises
        ------
        FileNotFoundError
            If there is nothing at the path.
        """
        found = next(self._deliveries, None)
        if found is None:
            self._deliveries = self._deliver()
        return found

    def exhausted(self) -> bool:
        """See `Source`."""
        return not self._new()

    def close(self) -> None:
        """See `Source`: begin with the first file that was not read to its end."""
        self._deliveries = self._deliver()

    def _deliver(self) -> Iterator[Delivery]:
        pile: list[Payload] = []
        ended: list[str] = []
        for path, mark in self._new().items():
            for payload in iter_file(path, max_bytes=PIECE_BYTES):
                if len(pile) == MESSAGES:
                    yield Delivery(pile, partial(self._note, ended))
                    pile, ended = [], []
                pile.append(payload)
            ended.append(mark)
        if ended:
            yield Delivery(pile, partial(self._note, ended))

    def _new(self) -> dict[Path, str]:
        """Find the files to read, each with the name of its present state."""
        latest = time.time() - self._settle
        marks = {path: _mark(path, latest) for path in list_files(self._path)}
        return {path: mark for path, mark in marks.items() if mark and mark not in self._read}

    def _note(self, marks: list[str]) -> None:
        with self._notes.open("a", encoding="utf-8") as file:
            file.writelines(f"{mark}\n" for mark in marks)
        self._read.update(marks)


def _mark(path: Path, latest: float) -> str:
    """Name a file as it is now, in one line; empty if it is gone, or changed after `latest`."""
    try:
        stat = path.stat()
    except FileNotFoundError:
        return ""
    if stat.st_mtime > latest:
        return ""
    return json.dumps([str(path.resolve()), stat.st_size, stat.st_mtime_ns])


def group_of(folder: Path) -> str:
    """Name the consumer group of a pool; made up once."""
    path = folder / GROUP
    if not path.exists():
        path.write_text(f"skysift-learn-{uuid.uuid4()}\n", encoding="utf-8")
    return path.read_text(encoding="utf-8").strip()
