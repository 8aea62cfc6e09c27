"""Candidates of a topic: one an object, in the order of a module's score or of time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from skysift.marshal.alert_folder import AlertFolder
from skysift.marshal.entries import Entry

NEWEST = "jd"
"""The rank that needs no module: by time, the newest first."""

EVERYTHING = "*"
"""The topic of all alerts."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An object, as its latest alert shows it.

    Attributes
    ----------
    latest : Entry
    alerts : tuple of Entry
        All of the object's that there are, the latest first.
    topics : tuple of str
        Those of any of its alerts.
    """

    latest: Entry
    alerts: tuple[Entry, ...]
    topics: tuple[str, ...]

    @property
    def object(self) -> str:
        """Its name."""
        return self.latest.object


class Candidates:
    """What is in folders of alerts.

    Parameters
    ----------
    folders : sequence of AlertFolder
        Those whose topics are queues.
    more : sequence of AlertFolder
        Those in which alerts are only looked up by their ids.
    """

    def __init__(self, folders: Sequence[AlertFolder], more: Sequence[AlertFolder] = ()) -> None:
        self._folders, self._more = tuple(folders), tuple(more)

    def topics(self) -> dict[str, int]:
        """Count the objects of each topic."""
        return {
            name: len({entry.object for entry in entries})
            for name, entries in self._by_topic().items()
        }

    def find(self, alert_id: int) -> Entry | None:
        """Return an alert by its id."""
        found = (folder.find(alert_id) for folder in (*self._folders, *self._more))
        return next((entry for entry in found if entry is not None), None)

    def alerts_of(self, object_: str) -> list[Entry]:
        """Return an object's alerts, the latest first."""
        found = {
            entry.alert_id: entry
            for folder in (*self._folders, *self._more)
            for entry in folder.alerts_of(object_)
        }
        return sorted(found.values(), key=lambda entry: -entry.jd)

    def ranks(self, topic: str) -> list[str]:
        """Name what the candidates of a topic can be ordered by."""
        outputs = {name: None for entry in self._entries(topic) for name in entry.scores}
        modules = list(dict.fromkeys(name.partition(".")[0] for name in outputs))
        return [NEWEST, *sorted(outputs, key=lambda name: modules.index(name.partition(".")[0]))]

    def ranked(self, topic: str, rank: str = NEWEST) -> list[Candidate]:
        """Return the candidates of a topic.

        Parameters
        ----------
        topic : str
            Its name, or `EVERYTHING`.
        rank : str
            `NEWEST`, or a module's output such as ``btsbot.score``.

        Returns
        -------
        list of Candidate
            The highest first; those without a score last, the newest of them first.
        """
        topics: dict[str, dict[str, None]] = defaultdict(dict)
        for name, entries in self._by_topic().items():
            for entry in entries:
                topics[entry.object][name] = None
        alerts = _by_object(self._entries(topic))
        found = [Candidate(all_[0], all_, tuple(topics[name])) for name, all_ in alerts.items()]
        return sorted(found, key=lambda candidate: _key(candidate.latest, rank))

    def problems(self) -> list[str]:
        """Tell what could not be read, a line each."""
        return [line for folder in (*self._folders, *self._more) for line in folder.problems()]

    def _by_topic(self) -> dict[str, list[Entry]]:
        found: dict[str, list[Entry]] = {}
        for folder in self._folders:
            for name, entries in folder.topics().items():
                found[name] = found.get(name, []) + entries
        return dict(sorted(found.items()))

    def _entries(self, topic: str) -> Iterable[Entry]:
        by_topic = self._by_topic()
        if topic == EVERYTHING:
            return [entry for entries in by_topic.values() for entry in entries]
        return by_topic.get(topic, [])


def _by_object(entries: Iterable[Entry]) -> dict[str, tuple[Entry, ...]]:
    """Gather each object's alerts, each once, the latest first."""
    found: dict[str, dict[int, Entry]] = defaultdict(dict)
    for entry in entries:
        found[entry.object].setdefault(entry.alert_id, entry)
    return {
        name: tuple(sorted(alerts.values(), key=lambda entry: -entry.jd))
        for name, alerts in found.items()
    }


def _key(entry: Entry, rank: str) -> tuple[float, float]:
    if rank == NEWEST:
        return -entry.jd, 0.0
    return -entry.scores.get(rank, float("-inf")), -entry.jd
