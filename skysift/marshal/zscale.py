"""Limits between which to show an image: the zscale algorithm of IRAF's ``display``.

Written here, since astropy's brings matplotlib with it, which the page can do without.
"""

from __future__ import annotations

import numpy as np

SAMPLES = 1000
"""Pixels that are looked at, at most."""

CONTRAST = 0.25
"""The line's slope is divided by it: the smaller, the wider the limits."""

REJECT_SIGMA = 2.5
ITERATIONS = 5
LEAST_KEPT = 0.5
"""Share of the sample; where fewer are left the line means nothing."""


def zscale_limits(values: np.ndarray) -> tuple[float, float]:
    """Return the limits that show the sky and what is faint upon it.

    A line is fitted to the sorted pixels, those rejected that lie far from it: stars and defects
    stand at both ends. The limits are where that line, made steeper by `CONTRAST`, has its ends.

    Parameters
    ----------
    values : ndarray (n,), float64
        Finite, one at least.

    Returns
    -------
    low, high : float
        Within the range of the sample.

    References
    ----------
    IRAF's help page of ``images.tv.display``, section "Z scale algorithm".
    """
    sample = np.sort(values[:: max(1, len(values) // SAMPLES)])
    low, high = float(sample[0]), float(sample[-1])
    slope = _slope(sample)
    if slope is None:
        return low, high
    steep = slope / CONTRAST
    middle = (len(sample) - 1) // 2
    median = float(np.median(sample))
    return (
        max(low, median - steep * (middle - 1)),
        min(high, median + steep * (len(sample) - middle)),
    )


def _slope(sample: np.ndarray) -> float | None:
    """Slope per pixel of the line through the sorted sample; None where too few are left of it."""
    places = np.arange(len(sample), dtype=np.float64)
    neighbours = np.ones(max(1, len(sample) // 100))
    least = max(5, LEAST_KEPT * len(sample))
    kept = np.ones(len(sample), dtype=bool)
    slope = 0.0
    for _ in range(ITERATIONS):
        if kept.sum() < least:
            return None
        slope, start = np.polynomial.polynomial.polyfit(places[kept], sample[kept], 1)[::-1]
        away = sample - (start + slope * places)
        far = np.abs(away) > REJECT_SIGMA * away[kept].std()
        # What stands beside an outlier in the sorted sample goes with it.
        now = kept & ~(np.convolve(far, neighbours, mode="same") > 0)
        if now.sum() == kept.sum():
            break
        kept = now
    return float(slope) if kept.sum() >= least else None
