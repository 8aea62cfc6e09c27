"""What Sherlock has said, remembered on disk: an object is asked about once."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

import numpy as np

TABLE = """
CREATE TABLE IF NOT EXISTS sherlock (
    object TEXT PRIMARY KEY, class TEXT, separation REAL, ra REAL, dec REAL, asked TEXT
)"""
WAIT_SECONDS = 30.0
"""For another process that writes."""

AT_ONCE = 500
"""Names in one query."""


@dataclass(frozen=True)
class Answer:
    """What Sherlock makes of a place.

    Attributes
    ----------
    classification : str or None
        ``SN``, ``NT``, ``CV``, ``BS``, ``AGN``, ``VS``, ``ORPHAN``, ``UNCLEAR``; None for none.
    separation : float
        To the catalogued source that it holds responsible, arcsec; NaN where there is none.
    """

    classification: str | None
    separation: float


class Answers:
    """A SQLite file of answers by object; made if absent.

    Raises
    ------
    ValueError
        If the file is something else.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._file = sqlite3.connect(path, timeout=WAIT_SECONDS)
            self._file.execute(TABLE)
        except sqlite3.Error as error:
            raise ValueError(f"{path} cannot hold Sherlock's answers: {error}") from None

    def get(self, objects: Iterable[str]) -> dict[str, Answer]:
        """Return what is known of some objects."""
        wanted = list(objects)
        found: dict[str, Answer] = {}
        for start in range(0, len(wanted), AT_ONCE):
            names = wanted[start : start + AT_ONCE]
            marks = ", ".join("?" * len(names))
            rows = self._file.execute(
                f"SELECT object, class, separation FROM sherlock WHERE object IN ({marks})", names
            )
            for name, kind, separation in rows:
                found[name] = Answer(kind, np.nan if separation is None else separation)
        return found

    def put(self, name: str, answer: Answer, ra: float, dec: float) -> None:
        """Keep an answer, with the place (deg) and the time that it was asked for."""
        separation = None if np.isnan(answer.separation) else answer.separation
        now = datetime.now(timezone.utc).isoformat(timespec="seconds")
        row = (name, answer.classification, separation, ra, dec, now)
        with self._file:
            self._file.execute("INSERT OR REPLACE INTO sherlock VALUES (?, ?, ?, ?, ?, ?)", row)

    def close(self) -> None:
        """Close the file."""
        self._file.close()
