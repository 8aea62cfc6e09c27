"""What became of each frame: each is done once, and what failed is tried again, later and later.

One SQLite file in the output folder, which the driver alone writes. A change is on the disk when
the call returns, so a driver that is killed knows where it was.
"""

from __future__ import annotations

import fcntl
import json
import sqlite3
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

NEW, WORKING, DONE, FAILED, WAITING = "new", "working", "done", "failed", "waiting"
"""To be done; under way; done; went wrong; not at the archive yet."""

DATABASE = "frames.db"
LOCK = ".frames.lock"

_TABLES = """
CREATE TABLE IF NOT EXISTS frames (
    id TEXT PRIMARY KEY,
    status TEXT NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,
    waits INTEGER NOT NULL DEFAULT 0,
    reason TEXT,
    next_try REAL,
    detections INTEGER
);
CREATE TABLE IF NOT EXISTS told (id TEXT, sink TEXT, PRIMARY KEY (id, sink));
CREATE TABLE IF NOT EXISTS job (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


class StateError(ValueError):
    """An output folder is in use, or belongs to another job; the message says which."""


@dataclass(frozen=True)
class Patience:
    """How often something is tried again, and after how long.

    Attributes
    ----------
    first, longest : float
        Seconds before the second try, and at most; they double from one to the next.
    tries : int
        After so many it is given up.
    """

    first: float
    longest: float
    tries: int

    def next_try(self, tries: int, now: float) -> float | None:
        """Return when to try again after so many tries; None if never.

        Examples
        --------
        >>> patience = Patience(first=60, longest=200, tries=4)
        >>> [patience.next_try(tries, now=0.0) for tries in (1, 2, 3, 4)]
        [60.0, 120.0, 200.0, None]
        """
        if tries >= self.tries:
            return None
        return now + min(self.longest, self.first * 2.0 ** (tries - 1))


BROKEN = Patience(first=60, longest=3600, tries=5)
"""With what went wrong: a file that was still being copied, a machine without memory."""

ABSENT = Patience(first=600, longest=4 * 3600, tries=60)
"""With what is not at the archive yet: for nine days."""


@dataclass(frozen=True)
class FrameState:
    """A frame in the state.

    Attributes
    ----------
    id, status : str
    tries, waits : int
        How often it went wrong, and was not there.
    reason : str or None
        Of the last time.
    next_try : float or None
        Unix time; None if it is done or given up.
    detections : int or None
        Of a frame that is done.
    """

    id: str
    status: str
    tries: int
    waits: int
    reason: str | None
    next_try: float | None
    detections: int | None


class FrameStates:
    """The state of a job. Opening it settles what was under way when the last driver ended.

    Parameters
    ----------
    folder : Path
        The job's output folder; made if it is not there.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._db = sqlite3.connect(folder / DATABASE)
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.executescript(_TABLES)
        with self._db:
            self._db.execute("UPDATE frames SET status = ? WHERE status = ?", (NEW, WORKING))

    def __enter__(self) -> FrameStates:
        """Let go of the file at the end of the block."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let go of the file."""
        self._db.close()

    def claim(self, facts: Mapping[str, Any]) -> None:
        """Make sure that all frames of a folder are searched in the same way.

        Parameters
        ----------
        facts : mapping
            What the results depend on, as JSON can hold it.

        Raises
        ------
        StateError
            If earlier frames were searched in another way.
        """
        with self._db:
            for name, value in facts.items():
                told = json.dumps(value)
                self._db.execute("INSERT OR IGNORE INTO job VALUES (?, ?)", (name, told))
                query = "SELECT value FROM job WHERE name = ?"
                (known,) = self._db.execute(query, (name,)).fetchone()
                if known != told:
                    raise StateError(
                        f"{self._folder} holds frames searched with {name} {known}, not {told}: "
                        "give another --output"
                    )

    def due(self, frames: Iterable[str], *, anyway: bool = False) -> list[str]:
        """Choose the frames whose time has come, in their order, each once.

        Parameters
        ----------
        frames : iterable of str
            Ids.
        anyway : bool
            Also those that were given up, or whose next try is later.
        """
        now = time.time()
        known = {state.id: state for state in self.all()}

        def is_due(frame: str) -> bool:
            state = known.get(frame)
            if state is None or state.status == NEW:
                return True
            if state.status in (DONE, WORKING):
                return False
            return anyway or (state.next_try is not None and state.next_try <= now)

        return [frame for frame in dict.fromkeys(frames) if is_due(frame)]

    def begin(self, frame: str) -> None:
        """Note that a frame is under way."""
        self._set(frame, status=WORKING)

    def put_back(self, frame: str) -> None:
        """Note that a frame is to be done after all: it was not come to."""
        self._set(frame, status=NEW)

    def done(self, frame: str, detections: int) -> None:
        """Note that a frame's results are there."""
        self._set(frame, status=DONE, reason=None, next_try=None, detections=detections)

    def failed(self, frame: str, reason: str) -> None:
        """Note what went wrong; it is tried again with `BROKEN` patience."""
        tries = self._count(frame, "tries") + 1
        later = BROKEN.next_try(tries, time.time())
        self._set(frame, status=FAILED, reason=reason, next_try=later, tries=tries)

    def waits(self, frame: str, reason: str) -> None:
        """Note that a frame is not there yet; it is asked for again with `ABSENT` patience."""
        waits = self._count(frame, "waits") + 1
        later = ABSENT.next_try(waits, time.time())
        status = FAILED if later is None else WAITING
        self._set(frame, status=status, reason=reason, next_try=later, waits=waits)

    def all(self) -> list[FrameState]:
        """List all frames, by their ids."""
        names = ", ".join(FrameState.__dataclass_fields__)
        return [
            FrameState(*row) for row in self._db.execute(f"SELECT {names} FROM frames ORDER BY id")
        ]

    def counts(self) -> Counter[str]:
        """Count the frames of each status."""
        return Counter(state.status for state in self.all())

    def untold(self, sink: str, *, empty: bool = False) -> list[str]:
        """List the frames whose detections a sink has not got yet, by their ids.

        Parameters
        ----------
        sink : str
            Its name.
        empty : bool
            Also frames that are done and have none.
        """
        rows = self._db.execute(
            "SELECT id FROM frames WHERE status = ? AND detections >= ? "
            "AND id NOT IN (SELECT id FROM told WHERE sink = ?) ORDER BY id",
            (DONE, 0 if empty else 1, sink),
        )
        return [row[0] for row in rows]

    def told(self, sink: str, frames: Iterable[str]) -> None:
        """Note that a sink has got the detections of frames."""
        with self._db:
            self._db.executemany(
                "INSERT OR IGNORE INTO told VALUES (?, ?)", [(frame, sink) for frame in frames]
            )

    def _count(self, frame: str, column: str) -> int:
        row = self._db.execute(f"SELECT {column} FROM frames WHERE id = ?", (frame,)).fetchone()
        return row[0] if row else 0

    def _set(self, frame: str, **values: object) -> None:
        names, marks = ", ".join(values), ", ".join("?" * len(values))
        changes = ", ".join(f"{name} = excluded.{name}" for name in values)
        with self._db:
            self._db.execute(
                f"INSERT INTO frames (id, {names}) VALUES (?, {marks}) "
                f"ON CONFLICT (id) DO UPDATE SET {changes}",
                (frame, *values.values()),
            )


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keep other drivers out of an output folder; the lock goes with the process, however it ends.

    Raises
    ------
    StateError
        If another process works here.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK).open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StateError(
                f"another skysift frames is at work in {folder}: stop it, or give another --output"
            ) from None
        yield
