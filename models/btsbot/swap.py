"""Stamps in the wrong order: told from the pixels, for no network would notice.

Two marks, measured on 320 real alerts and 1,500 simulated ones (`benchmarks.robustness` measures
them again). A difference image has noise around zero; science and reference have the sky under
them: no real difference has fewer negative pixels than its science or its reference. And where an
alert says that the source brightened, science ≈ a · reference + b · difference + c with b > 0.
"""

from __future__ import annotations

import numpy as np

from skysift.models.btsbot._pixel_loops import count_negative, products

SHARE = 0.05
"""By how much the share of negative pixels of another stamp must exceed the difference's. Among
real alerts it never exceeds it at all; the nearest is 0.03 below."""

SIGNIFICANCE = 5.0
"""Standard errors by which b must be negative; less is not well determined."""

WINDOW = 21
"""Side of the middle [px]: far from other stars, whose subtraction residuals mislead the fit."""


def swapped(triplet: np.ndarray, isdiffpos: np.ndarray) -> np.ndarray:
    """Tell which alerts' stamps cannot be in the order science, template, difference.

    What is not well determined raises no alarm. Of an alert that faded only the negative pixels
    are looked at: a variable on its own star fits with either sign.

    Parameters
    ----------
    triplet : ndarray (n, 63, 63, 3), float32
        From `inputs.triplets`; the scale of each stamp does not matter.
    isdiffpos : ndarray (n,), float
        1 where the alert says that the source brightened; NaN is null.

    Returns
    -------
    ndarray (n,), bool
    """
    negative = _negative_share(triplet)
    alarm = negative[:, :2].max(axis=1, initial=0) > negative[:, 2] + SHARE
    rows = np.flatnonzero((isdiffpos == 1) & ~alarm)
    # The whole stamp only where the middle raises an alarm: both must.
    rows = rows[_slope(triplet, rows, WINDOW) < -SIGNIFICANCE]
    alarm[rows[_slope(triplet, rows, triplet.shape[1]) < -SIGNIFICANCE]] = True
    return alarm


def _negative_share(triplet: np.ndarray) -> np.ndarray:
    """Return the share of negative pixels of each stamp, (n, 3)."""
    pixels = triplet.shape[1] * triplet.shape[2]
    counts: np.ndarray = count_negative(triplet.reshape(len(triplet), pixels, 3))
    return counts / pixels


def _slope(triplet: np.ndarray, rows: np.ndarray, side: int) -> np.ndarray:
    """Fit science = a · template + b · difference + c by least squares; b in standard errors.

    To the central `side` × `side` pixels of some of the alerts.
    """
    start = (triplet.shape[1] - side) // 2
    ss, st, sd, tt, td, dd = products(triplet, rows, start, side).T
    determinant = tt * dd - td**2
    with np.errstate(divide="ignore", invalid="ignore"):
        a, b = (st * dd - sd * td) / determinant, (sd * tt - st * td) / determinant
        variance = (ss - a * st - b * sd) / (side**2 - 3)
        significance = b / np.sqrt(variance * tt / determinant)
    return np.nan_to_num(significance, nan=0.0)
