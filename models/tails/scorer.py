"""Load weights, score stamps and search frames with them."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from skysift.models import _backend, _calibration
from skysift.models._presets import default_weights
from skysift.models._weights import Weights, load_once, read_weights
from skysift.models.tails.inputs import IMAGES
from skysift.models.tails.peaks import Detections

FLOOR = 0.01
"""Least score, before calibration, of what is looked at at all."""

STEPS = np.linspace(FLOOR, 1.0, 1000)
"""Scores before calibration, at which it is looked up where a threshold lies."""


class Scorer:
    """A network ready to find comets.

    Attributes
    ----------
    version : str
        E.g. ``tails-sim+0123abcd``.
    trained_on : str
        What the network learned from, in words.
    images : tuple of str
        The images that it looks at, in their order: ``science``, ``reference`` and maybe
        ``difference``.
    """

    def __init__(self, weights: Weights) -> None:
        from skysift.models.tails.detector import Detector
        from skysift.models.tails.stored import rebuild

        facts = weights.facts
        self.version: str = facts["version"]
        self.trained_on: str = facts["trained_on"]
        self.images: tuple[str, ...] = IMAGES[facts["channels"]]
        self._calibration = facts["calibration"]
        self._detector = Detector(
            rebuild(weights), facts["network"], facts["preprocessing"], facts["channels"]
        )

    def score(
        self, images: np.ndarray, zeropoint: np.ndarray | float = math.nan
    ) -> dict[str, np.ndarray]:
        """Score n stamps; n may be 0. Of each, the likeliest comet is told.

        Parameters
        ----------
        images : ndarray (n, h, w, 3), float32
            Science, reference and difference, of any size; NaN where there are no data. The last
            is not needed by networks of two images.
        zeropoint : float or ndarray (n,)
            Magnitude of one unit of the last image that the network looks at.

        Returns
        -------
        dict of ndarray (n,), float32
            ``score`` in [0, 1]; ``x`` and ``y``, column and row of the nucleus, from 0 at the
            centre of the first pixel; ``sigma``, uncertainty of each [px]; ``mag``, of all its
            light; ``size``, half-light radius [px]. All NaN where an image has no pixel with a
            number; ``mag`` without a zeropoint, and what a network does not tell.

        Raises
        ------
        ValueError
            If the images have another shape.
        """
        self._check(images, dimensions=4)
        return self._answer(*self._detector.stamps(images), zeropoint)

    def detect(
        self, images: np.ndarray, *, threshold: float = 0.5, zeropoint: float = math.nan
    ) -> dict[str, np.ndarray]:
        """Find all comets of a frame, of any size.

        Parameters
        ----------
        images : ndarray (h, w, 3), float32
            As for `score`; aligned.
        threshold : float
            Least score, in (0, 1); what scores less than `FLOOR` before it is calibrated is never
            told.
        zeropoint : float
            Magnitude of one unit of the last image that the network looks at.

        Returns
        -------
        dict of ndarray (k,), float32
            As from `score`, a number a comet, the best first.

        Raises
        ------
        ValueError
            If the images have another shape, or the threshold is not between 0 and 1.
        """
        self._check(images, dimensions=3)
        if not 0 < threshold < 1:
            raise ValueError(f"threshold must lie between 0 and 1. Got: {threshold}")
        answer = self._answer(*self._detector.frame(images, self._floor(threshold)), zeropoint)
        kept = answer["score"] >= threshold
        return {name: column[kept] for name, column in answer.items()}

    def _floor(self, threshold: float) -> float:
        """Score before calibration below which none reaches a threshold: less to look at."""
        reached = _calibration.apply(self._calibration, STEPS) >= threshold
        first = int(np.argmax(reached)) if reached.any() else len(STEPS) - 1
        return float(STEPS[max(first - 1, 0)])

    def _answer(
        self, found: Detections, noise: np.ndarray, zeropoint: np.ndarray | float
    ) -> dict[str, np.ndarray]:
        """Calibrate scores, and turn brightness above the noise into magnitudes."""
        mag = zeropoint - 2.5 * np.log10(noise) - found.brightness
        columns = {
            "score": _calibration.apply(self._calibration, found.score),
            "x": found.x, "y": found.y, "sigma": found.sigma, "mag": mag, "size": found.size,
        }  # fmt: skip
        return {name: np.asarray(column, np.float32) for name, column in columns.items()}

    def _check(self, images: np.ndarray, *, dimensions: int) -> None:
        enough = images.ndim == dimensions and images.shape[-1] in (len(self.images), 3)
        if not enough:
            shape = "(n, h, w, 3)" if dimensions == 4 else "(h, w, 3)"
            raise ValueError(
                f"images must have shape {shape}: {', '.join(IMAGES[3])}. Got: {images.shape}"
            )


def load(weights: str | os.PathLike[str] | None = None, *, threads: int | None = None) -> Scorer:
    """Load a network, once per process.

    Parameters
    ----------
    weights : path-like, optional
        A ``.keras`` file with its sidecar, or a folder with one. By default the network that
        ships with skysift, trained on simulated frames.
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


def check_weights(weights: str | os.PathLike[str] | None = None) -> Mapping[str, Any]:
    """Check that weights are there and whole, without loading them.

    Returns
    -------
    mapping
        What their sidecar says, ``version`` and ``channels`` (2 or 3, see `IMAGES`) among it.

    Raises
    ------
    WeightsError
        If there are no such weights, or they differ from what their sidecar says.
    """
    return read_weights(_file(weights)).facts


def _file(weights: str | os.PathLike[str] | None) -> str | os.PathLike[str]:
    return default_weights(Path(__file__).parent) if weights is None else weights
