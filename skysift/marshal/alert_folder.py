"""A folder of alerts, or a file, known by heart and looked at again as it grows."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from skysift.alerts.payloads import list_files
from skysift.marshal.entries import Entry, read_entries

LOOK_AGAIN = 2.0
"""Seconds for which the folder is taken to be as it was, at least."""

SHARE = 20
"""How much longer it is taken so than the last look at its files has lasted."""

TOPICS = "topics"
"""Where a job that writes to a folder keeps its topics, beside much else."""

Signature = tuple[int, int]


class AlertFolder:
    """Alerts by their ids and by their topics.

    A file belongs to the topic that its folder is named after: ``topics/TOPIC/*.avro`` of
    ``skysift run --sink``, ``TOPIC/*.avro`` of ``skysift subscribe --save``.

    Parameters
    ----------
    path : path
        What `skysift.alerts.payloads` reads.

    Raises
    ------
    FileNotFoundError
        If there is nothing at this path.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        list_files(self.path)  # raises for what is not there
        self._lock = threading.Lock()
        self._look_at = 0.0
        self._read: dict[Path, tuple[Signature, list[Entry], list[str]]] = {}
        self._by_id: Mapping[int, Entry] = {}
        self._by_topic: Mapping[str, list[Entry]] = {}
        self._by_object: Mapping[str, list[Entry]] = {}

    def find(self, alert_id: int) -> Entry | None:
        """Return an alert by its id."""
        self.refresh()
        return self._by_id.get(alert_id)

    def topics(self) -> Mapping[str, list[Entry]]:
        """Return the alerts of each topic, by its name; each alert once a topic."""
        self.refresh()
        return self._by_topic

    def entries(self) -> Mapping[int, Entry]:
        """Return all alerts by their ids."""
        self.refresh()
        return self._by_id

    def alerts_of(self, object_: str) -> list[Entry]:
        """Return the alerts of an object, each once."""
        self.refresh()
        return self._by_object.get(object_, [])

    def problems(self) -> list[str]:
        """Tell what could not be read, a line each."""
        self.refresh()
        return [line for _, _, problems in self._read.values() for line in problems]

    def refresh(self) -> None:
        """Read what is new since the last look; files that are gone are forgotten."""
        with self._lock:
            begun = time.monotonic()
            if begun < self._look_at:
                return
            files = {file: _signature(file) for file in self._files()}
            looked = time.monotonic()
            if self._read_changes(files):
                self._arrange()
            self._look_at = time.monotonic() + max(LOOK_AGAIN, SHARE * (looked - begun))

    def _read_changes(self, now: Mapping[Path, Signature]) -> bool:
        """Read new and changed files; tell whether there is any difference."""
        gone = self._read.keys() - now.keys()
        for file in gone:
            del self._read[file]
        new = [file for file, sign in now.items() if self._read.get(file, (None,))[0] != sign]
        found: dict[str, list[Entry]] = {str(file): [] for file in new}
        lines: dict[str, list[str]] = {str(file): [] for file in new}
        for entry in read_entries(new):
            if isinstance(entry, Entry):
                found[entry.place.file].append(entry)
            else:
                lines[_file_of(entry, lines)].append(entry)
        for file in new:
            self._read[file] = (now[file], found[str(file)], lines[str(file)])
        return bool(gone or new)

    def _files(self) -> list[Path]:
        try:
            return list_files(self._root)
        except FileNotFoundError:  # somebody has cleared it away; it may come again
            return []

    @property
    def _root(self) -> Path:
        inner = self.path / TOPICS
        return inner if inner.is_dir() else self.path

    def _arrange(self) -> None:
        by_id: dict[int, Entry] = {}
        by_topic: dict[str, dict[int, Entry]] = {}
        for file in sorted(self._read):
            topic = by_topic.setdefault(self._topic(file), {})
            for entry in self._read[file][1]:
                topic.setdefault(entry.alert_id, entry)
                by_id.setdefault(entry.alert_id, entry)
        by_object: dict[str, list[Entry]] = defaultdict(list)
        for entry in by_id.values():
            by_object[entry.object].append(entry)
        self._by_id, self._by_object = by_id, dict(by_object)
        self._by_topic = {name: list(found.values()) for name, found in by_topic.items() if found}

    def _topic(self, file: Path) -> str:
        inside = file.relative_to(self._root).parts
        return inside[0] if len(inside) > 1 else self._root.name


def _signature(file: Path) -> Signature:
    try:
        status = file.stat()
    except FileNotFoundError:  # a job has replaced it meanwhile
        return (0, 0)
    return status.st_mtime_ns, status.st_size


def _file_of(line: str, files: Mapping[str, list[str]]) -> str:
    """Tell which file a problem is of: its line begins with the file's name."""
    return max((file for file in files if line.startswith(file)), key=len)
