"""From what networks answer to detections: peaks of heat maps, each of them once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from scipy.ndimage import maximum_filter
from scipy.spatial import KDTree

from skysift.models.tails.networks import LOG_SIGMA_LIMITS, STRIDE, Maps
from skysift.models.tails.targets import BRIGHTNESS_UNIT

APART = 12.0
"""Detections nearer to a better one than this [px] are the same comet."""

APART_SHARE = 1.5
"""Or nearer than so many of its half-light radii."""

LARGEST_LOG_SIZE = 7.0
"""Of a half-light radius [px], so that its exponential is a number."""


@dataclass(frozen=True)
class Detections:
    """Comets found in an image, k of them, the best first.

    Attributes
    ----------
    score : ndarray (k,), float32
        In [0, 1].
    x, y : ndarray (k,), float64
        Column and row of the nucleus, from 0 at the centre of the first pixel.
    sigma : ndarray (k,), float32
        Uncertainty of each coordinate [px]; NaN where the network tells none.
    brightness : ndarray (k,), float32
        Total light, in magnitudes above one standard deviation of a pixel's noise; or NaN.
    size : ndarray (k,), float32
        Half-light radius [px]; or NaN.
    """

    score: np.ndarray
    x: np.ndarray
    y: np.ndarray
    sigma: np.ndarray
    brightness: np.ndarray
    size: np.ndarray

    def __len__(self) -> int:
        """Count the detections."""
        return len(self.score)

    def take(self, rows: np.ndarray) -> Detections:
        """Choose detections by their places or a mask."""
        return Detections(*(getattr(self, one.name)[rows] for one in fields(self)))

    def above(self, threshold: float) -> Detections:
        """Detections of that score or more."""
        return self.take(self.score >= threshold)

    def scored(self, score: np.ndarray) -> Detections:
        """Return the same detections, in the same order, with other scores."""
        return replace(self, score=np.asarray(score, np.float32))

    def moved(self, x: float, y: float) -> Detections:
        """Detections of a part of an image that begins at (x, y), in the image."""
        return Detections(
            self.score, self.x + x, self.y + y, self.sigma, self.brightness, self.size
        )


NONE = Detections(*np.empty((1, 0), np.float32), *np.empty((2, 0)), *np.empty((3, 0), np.float32))
"""No detection."""


def join(parts: Sequence[Detections]) -> Detections:
    """Put detections of several parts together, the best first."""
    columns = [
        np.concatenate([getattr(part, one.name) for part in parts]) for one in fields(Detections)
    ]
    return Detections(*columns).take(np.argsort(-columns[0], kind="stable"))


def decode(maps: np.ndarray, row: np.ndarray, column: np.ndarray) -> Detections:
    """Read cells of a heat map network's answer.

    Parameters
    ----------
    maps : ndarray (k, 6), float32
        The answer in k cells; see `networks.Maps`.
    row, column : ndarray (k,)
        Which cells.
    """
    logit = maps[:, Maps.HEAT].astype(np.float64)
    log_size = np.minimum(maps[:, Maps.LOG_SIZE], LARGEST_LOG_SIZE)
    return Detections(
        score=(0.5 * (1.0 + np.tanh(0.5 * logit))).astype(np.float32),
        x=STRIDE * (column + 0.5 + maps[:, Maps.DX].astype(np.float64)) - 0.5,
        y=STRIDE * (row + 0.5 + maps[:, Maps.DY].astype(np.float64)) - 0.5,
        sigma=STRIDE * np.exp(np.clip(maps[:, Maps.LOG_SIGMA], *LOG_SIGMA_LIMITS)),
        brightness=BRIGHTNESS_UNIT * maps[:, Maps.BRIGHTNESS],
        size=np.exp(log_size),
    )


def find(maps: np.ndarray, threshold: float) -> Detections:
    """Find the comets of one image.

    Parameters
    ----------
    maps : ndarray (h, w, 6), float32
        A heat map network's answer.
    threshold : float
        Least score, in (0, 1).

    Returns
    -------
    Detections
        Cells that are no less hot than their eight neighbours, without those that are too near to
        a better one (see `thin`).
    """
    heat = maps[..., Maps.HEAT]
    limit = np.log(threshold) - np.log1p(-threshold)
    row, column = np.nonzero((heat >= limit) & (heat >= maximum_filter(heat, 3, mode="nearest")))
    found = decode(maps[row, column], row, column)
    return thin(found.take(np.argsort(-found.score, kind="stable")))


def thin(found: Detections) -> Detections:
    """Leave out detections too near to a better one: see `APART` and `APART_SHARE`.

    Parameters
    ----------
    found : Detections
        The best first.
    """
    if not len(found):
        return found
    places = np.stack([found.x, found.y], axis=1)
    near = KDTree(places)
    reach = np.nextafter(np.fmax(APART, APART_SHARE * found.size.astype(np.float64)), 0)
    kept = np.ones(len(found), bool)
    for i in range(len(found)):
        if kept[i]:
            others = np.array(near.query_ball_point(places[i], reach[i]))
            kept[others[others > i]] = False
    return found.take(kept)
