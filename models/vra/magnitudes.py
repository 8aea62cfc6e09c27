"""Total magnitudes of variable sources, from those of the difference and the reference."""

from __future__ import annotations

import numpy as np

SOURCE_BEHIND = (0.0, 1.5)
"""Pixels within which Fink takes a reference source to be the alert's own."""

POGSON = 1.0857
"""2.5 / ln 10, as rounded in the ZTF explanatory supplement, p. 107."""


def total_magnitude(
    magpsf: np.ndarray,
    sigmapsf: np.ndarray,
    isdiffpos: np.ndarray,
    magnr: np.ndarray,
    sigmagnr: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Add the difference's flux to the reference source's, or take it off.

    After the ZTF Science Data System explanatory supplement, p. 107; errors are taken as
    independent. A negative `magnr` is a sentinel.

    Parameters
    ----------
    magpsf, sigmapsf, magnr, sigmagnr : ndarray (n,), float64
        Difference and reference, magnitudes and their errors.
    isdiffpos : ndarray (n,), float64
        1 where the difference is positive; anything else is taken off.

    Returns
    -------
    magnitude, error : ndarray (n,), float64
        Both NaN where a number is missing or nothing is left.
    """
    difference = 10 ** (-0.4 * magpsf)
    reference = 10 ** (-0.4 * np.where(magnr < 0, np.nan, magnr))
    flux = reference + np.where(isdiffpos == 1, difference, -difference)
    flux = np.where(flux > 0, flux, np.nan)
    error = np.hypot(sigmapsf * difference, sigmagnr * reference) / flux
    magnitude = -2.5 * np.log10(flux)
    known = np.isfinite(magnitude) & np.isfinite(error)
    return np.where(known, magnitude, np.nan), np.where(known, error, np.nan)
