"""Load weights and score alerts with them."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from skysift.models import _backend
from skysift.models._presets import default_weights
from skysift.models._serving import compiled
from skysift.models._weights import Weights, load_once, read_weights
from skysift.models.btsbot.inputs import FEATURES, SIDE


class Scorer:
    """A BTSbot network ready to score.

    Attributes
    ----------
    version : str
        E.g. ``btsbot-v1.0.1``.
    preprocessing : str
        How `inputs.triplets` must prepare stamps for this network: ``published`` or ``centred``.
    trained_on : str
        What the network learned from, in words.
    """

    def __init__(self, weights: Weights) -> None:
        from skysift.models.btsbot.stored import rebuild

        self._predict = compiled(rebuild(weights))
        self.version: str = weights.facts["version"]
        self.preprocessing: str = weights.facts["preprocessing"]
        self.trained_on: str = weights.facts["trained_on"]

    def score(self, triplet: np.ndarray, metadata: np.ndarray) -> dict[str, np.ndarray]:
        """Score n alerts; n may be 0.

        Parameters
        ----------
        triplet : ndarray (n, 63, 63, 3), float32
            From `inputs.triplets`.
        metadata : ndarray (n, 25), float32
            From `inputs.metadata`.

        Returns
        -------
        dict
            ``score``: float32 (n,), in [0, 1]; NaN where an input is NaN or infinite. It does not
            depend on the other alerts of the call, to 1e-6.
        """
        _check("triplet", triplet, (len(triplet), SIDE, SIDE, 3))
        _check("metadata", metadata, (len(triplet), len(FEATURES)))
        score = self._predict({"triplet": triplet, "metadata": metadata})[:, 0]
        # A network answers NaN inputs with plausible scores (its ReLUs swallow them).
        score[~(_finite(triplet) & _finite(metadata))] = np.nan
        return {"score": score}


def load(weights: str | os.PathLike[str] | None = None, *, threads: int | None = None) -> Scorer:
    """Load a network, once per process.

    Parameters
    ----------
    weights : path-like, optional
        A ``.keras`` file with its sidecar, or a folder with one. By default the network that
        ships with skysift, which was trained on simulation.
    threads : int, optional
        Cores to use, decided by the first call in a process; by default ``SKYSIFT_THREADS``, else
        what Spark gives a task, else all.

    Raises
    ------
    WeightsError
        If there are no such weights, or they differ from what their sidecar says.
    """
    _backend.start(threads)
    return load_once(_file(weights), Scorer)


def check_weights(weights: str | os.PathLike[str] | None = None) -> None:
    """Check that weights are there and whole, without loading them.

    Raises
    ------
    WeightsError
        If there are no such weights, or they differ from what their sidecar says.
    """
    read_weights(_file(weights))


def _file(weights: str | os.PathLike[str] | None) -> str | os.PathLike[str]:
    return default_weights(Path(__file__).parent) if weights is None else weights


def _check(name: str, array: np.ndarray, shape: tuple[int, ...]) -> None:
    if array.shape != shape:
        raise ValueError(f"{name} must have shape {shape}. Got: {array.shape}")


def _finite(rows: np.ndarray) -> np.ndarray:
    """Tell which rows hold finite numbers only; a sum is finite only if its terms are."""
    return np.isfinite(rows.sum(axis=tuple(range(1, rows.ndim)), dtype=np.float64))
