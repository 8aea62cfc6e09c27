"""How a point looks in a frame, by its own stars; and how a source differs from that.

An asteroid, a supernova and a comet with little coma are all alike in a stamp without a star. So
the frame's stars are put together, those near a place, and the best such point is taken away from
what is there; what it leaves, ring by ring, is for the second look to judge.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.spatial import KDTree

from skysift.cores import on_cores, usable_cores
from skysift.models.tails import _point_loops as loops
from skysift.models.tails.inputs import Sky

HALF = loops.HALF
"""A star is looked at so many pixels to each side."""

BRIGHT = 60.0
"""Least peak of a star, in noise of a pixel; fainter ones tell little."""

MOST, NEAR, LEAST = 400, 30, 4
"""Stars of a frame at most; of them, for a place, the nearest; and at least, or nothing is told."""

WIDER = 0.12
"""Of the nearest stars, those are left out whose share of light in the core differs by more."""

RINGS = loops.RINGS
"""Radii between which the rest is summed [px]."""

SHAPE = 2 + 2 * (len(RINGS) - 1) + 1
"""Numbers that `Points.shapes` tells of a place."""

STRETCH = 3.0
"""What is left over the point's light is small: it is stretched by so much."""


class Points:
    """Stars of a frame.

    Parameters
    ----------
    images : ndarray (h, w, c), float32
        Science first; NaN where there are no data.
    sky : Sky
        Of these images alone.
    """

    def __init__(self, images: np.ndarray, sky: Sky) -> None:
        self._channel = 2 if images.shape[-1] == 3 else 0
        self._light, self._sky = images[..., self._channel], sky
        self._stars, places = _stars(images[..., 0], sky)
        self._near = KDTree(places) if len(places) >= LEAST else None

    def shapes(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Tell how what is at places differs from a point.

        Parameters
        ----------
        x, y : ndarray (k,)
            Places [px].

        Returns
        -------
        ndarray (k, SHAPE), float32
            1 if the rest is known; the S/N of the best point; of each ring about it, what is left,
            over its noise and over the point's light; and the mean square of what is left. The
            S/N and the rings by asinh, the last by its logarithm. All 0 where it is not known: with
            too few stars, or too few pixels.
        """
        out = np.zeros((len(x), SHAPE), np.float32)
        stars = self._near
        if stars is None:
            return out

        def one(k: int) -> None:
            near = stars.query((x[k], y[k]), k=min(NEAR, stars.n))[1]
            point, rest = _together(self._stars[near]), np.empty(SHAPE - 1)
            sky = _sky_at(self._sky, x[k], y[k], self._channel)
            if loops.rest_of(self._light, point, float(x[k]), float(y[k]), *sky, rest):
                out[k, 0] = 1.0
                out[k, 1:] = _compressed(rest)

        on_cores(one, range(len(x)), usable_cores())
        return out


def _compressed(rest: np.ndarray) -> np.ndarray:
    count = len(RINGS) - 1
    signal, of_noise, of_light, square = np.split(rest, [1, 1 + count, 1 + 2 * count])
    return np.concatenate(
        [np.arcsinh(signal), np.arcsinh(of_noise), np.arcsinh(STRETCH * of_light),
         np.log(np.maximum(square, 0.1))]
    )  # fmt: skip


def _sky_at(sky: Sky, x: float, y: float, channel: int) -> tuple[float, float]:
    """Sky and noise of the cell in which a place is."""
    (height, width), (down, across) = sky.shape, sky.level.shape[1:3]
    row = min(max(int(y * down / height), 0), down - 1)
    column = min(max(int(x * across / width), 0), across - 1)
    level, noise = (part[0, row, column, channel] for part in (sky.level, sky.noise))
    return float(level), float(noise)


def _stars(science: np.ndarray, sky: Sky) -> tuple[np.ndarray, np.ndarray]:
    """Cut the brightest lonely stars out, each moved to the middle and of one light in all.

    Returns
    -------
    stars : ndarray (k, side, side), float64
    places : ndarray (k, 2)
        Column and row.
    """
    least = float((sky.level[..., 0] + BRIGHT * sky.noise[..., 0]).min())
    rows = range(HALF, science.shape[0] - HALF, loops.BAND)
    parts = on_cores(lambda row: loops.peaks(science, row, least), rows, usable_cores())
    found = np.concatenate([np.empty((0, 3)), *parts])
    found = found[np.argsort(-found[:, 2], kind="stable")]
    side = 2 * HALF + 1
    stars = np.empty((min(MOST, len(found)), side, side))
    kept: list[tuple[float, float]] = []
    for x, y, value in found:
        if len(kept) == MOST:
            break
        level, noise = _sky_at(sky, x, y, 0)
        bright = value >= level + BRIGHT * noise
        if bright and loops.star_at(science, int(x), int(y), level, noise, stars[len(kept)]):
            kept.append((x, y))
    return stars[: len(kept)], np.array(kept).reshape(-1, 2)


def _together(stars: np.ndarray) -> np.ndarray:
    """Put stars together: the median of those that are as narrow as most."""
    core = stars[:, HALF - 1 : HALF + 2, HALF - 1 : HALF + 2].sum(axis=(1, 2))
    usual = np.percentile(core, 75)
    alike = np.abs(core / usual - 1) < WIDER
    point = np.median(stars[alike] if alike.sum() >= LEAST else stars, axis=0)
    return point / math.fsum(point.ravel())
