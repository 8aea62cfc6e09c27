"""The VRA's rank: one number in [0, 10] that puts real extragalactic alerts first."""

from __future__ import annotations

import numpy as np

GALACTIC_WEIGHT = 0.5
"""How much being Galactic counts against an alert, beside being bogus."""


def rank(real: np.ndarray, galactic: np.ndarray) -> np.ndarray:
    """Rank alerts by how near they lie to "real and not Galactic".

    ``10 (√(1 + f²) − √((1 − real)² + (f galactic)²)) / √(1 + f²)`` with f = 0.5: 10 at real 1 and
    galactic 0, and 0 at the corner opposite.

    Parameters
    ----------
    real, galactic : ndarray (n,), float
        Probabilities.

    Returns
    -------
    ndarray (n,)
        NaN where either is.

    Examples
    --------
    >>> rank(np.array([1.0, 0.0]), np.array([0.0, 1.0]))
    array([10.,  0.])
    """
    farthest = np.hypot(1.0, GALACTIC_WEIGHT)
    return 10 * (farthest - np.hypot(1 - real, GALACTIC_WEIGHT * galactic)) / farthest
