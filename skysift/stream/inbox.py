"""What a subscriber keeps: each alert once, in a folder, across crashes and replays.

FOLDER/TOPIC/ALERTID.avro         one alert, an Avro container that any reader opens
FOLDER/TOPIC/_seen.txt            ids kept so far, one a line; only ever appended to
FOLDER/_dead/TOPIC-0-17.bin|json  a message that could not be decoded, and why
FOLDER/_group.txt                 the consumer group that has its place in the topics
"""

from __future__ import annotations

import json
import logging
import uuid
from pathlib import Path

from confluent_kafka import Message

from skysift.stream.container import write_container

log = logging.getLogger(__name__)


class Inbox:
    """The alerts taken so far, by topic.

    Parameters
    ----------
    folder : Path or None
        Where they are kept; None keeps their ids in memory alone, and no alert.
    """

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self._seen: dict[str, SeenIds] = {}

    def group(self) -> str:
        """Name the consumer group: the folder's own, so that the next run goes on from here."""
        fresh = f"skysift-{uuid.uuid4()}"
        if self.folder is None:
            return fresh
        path = self.folder / "_group.txt"
        if not path.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            path.write_text(fresh + "\n", encoding="utf-8")
        return path.read_text(encoding="utf-8").strip()

    def keep(self, topic: str, alert_id: int, schema_json: str, record: bytes) -> bool:
        """Keep an alert, unless it came before.

        Parameters
        ----------
        topic : str
        alert_id : int
            What identifies it within the topic.
        schema_json : str
            Its Avro schema.
        record : bytes
            The alert, schemaless Avro.

        Returns
        -------
        bool
            False for a repeat. When True is returned, the alert is in its place and remembered.
        """
        seen = self._seen_in(topic)
        if alert_id in seen:
            return False
        if self.folder is not None:
            write_container(self.folder / topic / f"{alert_id}.avro", schema_json, [record])
        seen.add(alert_id)
        return True

    def bury(self, message: Message, *, reason: str) -> None:
        """Put away a message that could not be decoded, with the reason."""
        place = f"{message.topic()}-{message.partition()}-{message.offset()}"
        log.warning("message %s cannot be read: %s", place, reason)
        if self.folder is None:
            return
        dead = self.folder / "_dead"
        dead.mkdir(parents=True, exist_ok=True)
        (dead / f"{place}.bin").write_bytes(message.value() or b"")
        key = (message.key() or b"").decode(errors="backslashreplace")
        about = {"topic": message.topic(), "partition": message.partition()}
        about |= {"offset": message.offset(), "reason": reason, "key": key}
        (dead / f"{place}.json").write_text(json.dumps(about, indent=1), encoding="utf-8")

    def close(self) -> None:
        """Close the files of ids."""
        for seen in self._seen.values():
            seen.close()

    def _seen_in(self, topic: str) -> SeenIds:
        if topic not in self._seen:
            self._seen[topic] = SeenIds(self.folder and self.folder / topic / "_seen.txt")
        return self._seen[topic]


class SeenIds:
    """A set of whole numbers, kept in a file that is only appended to.

    Parameters
    ----------
    path : Path or None
        The file, made if absent; None keeps the set in memory alone.
    """

    def __init__(self, path: Path | None) -> None:
        self._ids: set[int] = set()
        self._file = None
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._ids = _read_ids(path)
            self._file = path.open("a", encoding="ascii", buffering=1)  # a line, a write

    def __contains__(self, number: int) -> bool:
        """Tell whether the number was added, now or in an earlier run."""
        return number in self._ids

    def add(self, number: int) -> None:
        """Remember a number."""
        self._ids.add(number)
        if self._file is not None:
            self._file.write(f"{number}\n")

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()


def _read_ids(path: Path) -> set[int]:
    """Read the ids, and cut off a last line that a crash left half written."""
    written = path.read_bytes() if path.exists() else b""
    whole = written[: written.rfind(b"\n") + 1]
    if len(whole) < len(written):
        with path.open("r+b") as file:
            file.truncate(len(whole))
    return set(map(int, whole.split()))
