"""Rate caps: so many alerts a night and topic, the first to come or the best by a score.

A cap guards subscribers against a fault upstream, or is how many they can look at. Nothing is lost
by it: an alert above the cap stays in the annotated Parquet, only not in that topic. The counts are
kept in the checkpoint, a file a micro-batch, so that a replayed batch is judged as it was the first
time.
"""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from skysift.stream.best_first import WantedScores, write_json

log = logging.getLogger(__name__)

NIGHT_BEGINS = {"ztf": 0.5, "lsst": 0.0}
"""Fraction of a Julian day at which no night is under way: Palomar's nights lie within one UTC
date, Cerro Pachón's between two noons (UTC)."""


LAST = -1e30
"""Stands for a score that is null, among finite ones."""


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
        self._wanted = WantedScores(folder / "wanted")

    def excess(
        self,
        batch_id: int,
        topics: Sequence[Sequence[str]],
        nights: np.ndarray,
        scores: Mapping[str, np.ndarray] | None = None,
        left: float | None = None,
    ) -> dict[str, np.ndarray]:
        """Find the alerts that a capped topic does not take, and count the others.

        Parameters
        ----------
        batch_id : int
            Number of Spark's micro-batch.
        topics : sequence of n sequences of str
            Where each alert goes, in the order of arrival.
        nights : ndarray (n,), int64
            From `night_of`.
        scores : mapping of str to ndarray (n,), optional
            Of the topics that take the best first, what is best; NaN comes last.
        left : float, optional
            Share of the source that is still to be read, where it has an end.

        Returns
        -------
        dict of str to ndarray of int64
            For each topic that takes less than all, the positions of the alerts to keep out,
            ascending.
        """
        taken: Counter[str] = Counter()
        wanted: dict[str, np.ndarray] = {}
        excess = {}
        for topic, cap in self.caps.items():
            going = np.array(
                [i for i, names in enumerate(topics) if topic in names], dtype=np.int64
            )
            chosen = [going[:0]]
            for night, part in _by_night(going, nights):
                key = f"{topic} {night}"
                room = self._room(batch_id, key, cap)
                if scores is not None and topic in scores:
                    wanted[key] = _finite(scores[topic][part])
                    part = part[self._best(batch_id, topic, night, wanted[key], room, left)]
                chosen.append(part[:room])
                taken[key] = len(chosen[-1])
            over = np.setdiff1d(going, np.concatenate(chosen))
            if len(over):
                excess[topic] = over
                self._say(topic, cap, len(over), ordered=scores is not None and topic in scores)
        self._wanted.remember(batch_id, wanted)
        self._remember(batch_id, +taken)
        return excess

    def _room(self, batch_id: int, key: str, cap: int) -> int:
        before = sum(counts[key] for n, counts in self._batches.items() if n < batch_id)
        return max(cap - before, 0)

    def _best(
        self,
        batch_id: int,
        topic: str,
        night: int,
        worth: np.ndarray,
        room: int,
        left: float | None,
    ) -> np.ndarray:
        """Return the places of what is good enough, the best first; of equals the first to come."""
        least = self._wanted.threshold(batch_id, topic, night, worth, room, left)
        order = np.argsort(-worth, kind="stable")
        return order[worth[order] >= least]

    def _say(self, topic: str, cap: int, count: int, *, ordered: bool) -> None:
        if ordered:
            log.info("topic %s takes the best %d a night: %d alerts kept out", topic, cap, count)
        else:
            log.warning(
                "topic %s is full for the night (%d): %d alerts kept out", topic, cap, count
            )

    def _remember(self, batch_id: int, taken: Counter[str]) -> None:
        self._batches[batch_id] = taken
        write_json(self.folder / f"{batch_id:09d}.json", taken)


def _finite(scores: np.ndarray) -> np.ndarray:
    """Put what is no number last."""
    return np.nan_to_num(scores.astype(np.float64), nan=LAST, posinf=-LAST, neginf=LAST)


def _by_night(positions: np.ndarray, nights: np.ndarray) -> list[tuple[int, np.ndarray]]:
    of_each = nights[positions]
    return [(int(night), positions[of_each == night]) for night in np.unique(of_each)]
