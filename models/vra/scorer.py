"""Load learned targets and score alerts with them."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from skysift.models._presets import default_weights
from skysift.models._weights import Weights, load_once, read_weights
from skysift.models.vra import stored
from skysift.models.vra.labels import TARGETS
from skysift.models.vra.ranking import rank

NAMES = dict(zip(TARGETS, ("galactic", "real", "transient"), strict=True))
"""What each target is called among the scores."""


class Scorer:
    """What was learned, ready to score.

    Attributes
    ----------
    version : str
        Of the weights.
    features : tuple of str
        Names of the columns of the table of features, in order.
    trained_on : str
        What it learned from, in words.
    """

    def __init__(self, weights: Weights) -> None:
        self.version: str = weights.facts["version"]
        self.features: tuple[str, ...] = tuple(weights.facts["features"])
        self.trained_on: str = weights.facts["trained_on"]
        self._targets = stored.read(weights)

    @property
    def seen(self) -> frozenset[str]:
        """Features that had a number somewhere among the alerts that were learned from."""
        places = (place for model in self._targets.values() for place in model.views.columns)
        return frozenset(self.features[place] for place in places)

    def score(self, features: np.ndarray) -> dict[str, np.ndarray]:
        """Score n alerts; n may be 0.

        Parameters
        ----------
        features : ndarray (n, d), float
            Columns as in the attribute `features`, e.g. from `inputs.features`; NaN is missing.

        Returns
        -------
        dict of str to ndarray (n,), float32
            ``galactic``, ``real``, ``transient``: probabilities, as if yes and no were equally
            common; NaN where this target was never learned. ``rank``: see `ranking.rank`; NaN
            unless both galactic and real were learned.

        Raises
        ------
        ValueError
            If the number of columns is wrong.
        """
        if features.ndim != 2 or features.shape[1] != len(self.features):
            raise ValueError(
                f"features must have shape (n, {len(self.features)}). Got: {features.shape}"
            )
        scores = {name: self._score(target, features) for target, name in NAMES.items()}
        order = rank(scores["real"], scores["galactic"]).astype(np.float32)
        return {**scores, "rank": order}

    def _score(self, target: str, features: np.ndarray) -> np.ndarray:
        if target not in self._targets:
            return np.full(len(features), np.nan, dtype=np.float32)
        return self._targets[target].predict(features)[:, 1]


def load(weights: str | os.PathLike[str] | None = None) -> Scorer:
    """Load learned targets, once per process, and again when the file changes.

    Parameters
    ----------
    weights : path-like, optional
        A ``.skops`` file with its sidecar, or a folder with one. By default those that ship with
        skysift, which learned from simulated alerts.

    Raises
    ------
    WeightsError
        If there are no such weights, they differ from what their sidecar says, or hold what is
        not trusted.
    """
    return load_once(weights_file(weights), Scorer, stored.SUFFIX)


def check_weights(weights: str | os.PathLike[str] | None = None) -> None:
    """Check that weights are there and whole, without loading them.

    Raises
    ------
    WeightsError
        If they are not.
    """
    read_weights(weights_file(weights), stored.SUFFIX)


def weights_file(weights: str | os.PathLike[str] | None) -> str | os.PathLike[str]:
    """Return where weights are: by default those that ship."""
    return default_weights(Path(__file__).parent) if weights is None else weights
