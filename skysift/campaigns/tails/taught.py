"""A network in a campaign: what it says of a pool's detections."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from skysift.campaigns.tails.pool import DetectionPool
from skysift.campaigns.tails.settings import COMET, NOT
from skysift.models.tails import Scorer, load
from skysift.models.tails.labelled_set import MIDDLE
from skysift.models.tails.matching import RADIUS, RADIUS_SHARE
from skysift.models.tails.scorer import FLOOR


class Taught:
    """What was learned.

    Parameters
    ----------
    folder : Path or None
        Of the weights; None for what ships.
    pool : DetectionPool

    Attributes
    ----------
    version : str
    classes : tuple of str
        Answers; the columns of a prediction.
    """

    classes = (COMET, NOT)

    def __init__(self, folder: Path | None, pool: DetectionPool) -> None:
        self.folder = folder
        self.scorer: Scorer = load(folder)
        self.version = self.scorer.version
        self._pool = pool
        self._seen: dict[str, float] = {}

    def predict(self, features: np.ndarray) -> np.ndarray:
        """Return probabilities (n, 2) of comet and not, of detections by name."""
        for item in features.tolist():
            if item not in self._seen:
                self._seen[item] = self._score(item)
        comet = np.array([self._seen[item] for item in features.tolist()])
        return np.stack([comet, 1 - comet], axis=-1)

    def _score(self, item: str) -> float:
        """Score the best that is found in the middle of a cutout; 0 if nothing is found there."""
        found = self.scorer.detect(self._pool.images(item), threshold=FLOOR)
        away = np.hypot(found["x"] - MIDDLE, found["y"] - MIDDLE)
        here = away <= np.fmax(RADIUS, RADIUS_SHARE * found["size"])
        return float(found["score"][here].max(initial=0.0))
