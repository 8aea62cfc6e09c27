"""Rate caps: a topic that floods stops taking alerts for the night, and says so.

A cap guards subscribers against a fault upstream. Nothing is lost by it: an alert above the cap
stays in the annotated Parquet, only not in that topic. The counts are kept in the checkpoint, a
file a micro-batch, so that a replayed batch is judged as it was the first time.
"""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

log = logging.getLogger(__name__)

NIGHT_BEGINS = {"ztf": 0.5, "lsst": 0.0}
"""Fraction of a Julian day at which no night is under way: Palomar's nights lie within one UTC
date, Cerro Pachón's between two noons (UTC)."""


def night_of(jd: np.ndarray, survey: str) -> np.ndarray:
    """Number the nights: the Julian day each began with, int64; -1 where `jd` is NaN."""
    nights = np.floor(np.nan_to_num(jd, nan=-1.0) - NIGHT_BEGINS[survey])
    return np.where(np.isnan(jd), -1, nights).astype(np.int64)


class RateCaps:
    """Counts what each capped topic took, night by night.

    Parameters
    ----------
    folder : Path
        Where the counts are kept; made if absent.
    caps : mapping of str to int
        Most alerts a night, by topic; topics without a cap are not in it.
    """

    def __init__(self, folder: Path, caps: Mapping[str, int]) -> None:
        self.folder = folder
        self.caps = caps
        folder.mkdir(parents=True, exist_ok=True)
        self._batches = {
            int(path.stem): Counter(json.loads(path.read_text())) for path in folder.glob("*.json")
        }

    def excess(
        self, batch_id: int, topics: Sequence[Sequence[str]], nights: np.ndarray
    ) -> dict[str, np.ndarray]:
        """Find the alerts that would take a topic above its cap, and count the others.

        Parameters
        ----------
        batch_id : int
            Number of Spark's micro-batch.
        topics : sequence of n sequences of str
            Where each alert goes, in the order of arrival.
        nights : ndarray (n,), int64
            From `night_of`.

        Returns
        -------
        dict of str to ndarray of int64
            For each capped topic that overflows, the positions of the alerts to keep out.
        """
        taken: Counter[str] = Counter()
        excess = {}
        for topic, cap in self.caps.items():
            going = np.array(
                [i for i, names in enumerate(topics) if topic in names], dtype=np.int64
            )
            over = [
                part[self._room(batch_id, topic, night, cap, taken, len(part)) :]
                for night, part in _by_night(going, nights)
            ]
            if sum(map(len, over)):
                excess[topic] = np.concatenate(over)
                log.warning(
                    "topic %s is full for the night (%d): %d alerts kept out",
                    topic, cap, len(excess[topic]),
                )  # fmt: skip
        self._remember(batch_id, taken)
        return excess

    def _room(
        self, batch_id: int, topic: str, night: int, cap: int, taken: Counter[str], wanted: int
    ) -> int:
        key = f"{topic} {night}"
        before = sum(counts[key] for n, counts in self._batches.items() if n < batch_id)
        room = max(min(cap - before, wanted), 0)
        taken[key] += room
        return room

    def _remember(self, batch_id: int, taken: Counter[str]) -> None:
        self._batches[batch_id] = taken
        if taken:
            partial = self.folder / f"{batch_id:09d}.tmp"
            partial.write_text(json.dumps(taken))
            partial.replace(partial.with_suffix(".json"))


def _by_night(positions: np.ndarray, nights: np.ndarray) -> list[tuple[int, np.ndarray]]:
    of_each = nights[positions]
    return [(int(night), positions[of_each == night]) for night in np.unique(of_each)]
