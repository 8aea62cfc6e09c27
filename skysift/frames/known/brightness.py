"""How bright bodies should be."""

from __future__ import annotations

import numpy as np

from skysift.frames.known.orbits import Orbits

PHASE = ((3.33, 0.63), (1.87, 1.22))
"""Of the two functions of H and G (Bowell et al. 1989, Asteroids II)."""


def magnitudes(orbits: Orbits, positions: np.ndarray, views: np.ndarray) -> np.ndarray:
    """Predicted magnitudes.

    Comets: all their light, ``M1 + 5 log Δ + 2.5 k log r``. Minor planets: V, by H and G.

    Parameters
    ----------
    orbits : Orbits (n,)
    positions : ndarray (n, 3)
        Heliocentric [au].
    views : ndarray (n, 3)
        From the observer [au].

    Returns
    -------
    ndarray (n,), float64
        NaN for a body without an absolute magnitude.
    """
    sun_distance = np.linalg.norm(positions, axis=-1)
    distance = np.linalg.norm(views, axis=-1)
    bare = orbits.magnitude + 5 * np.log10(distance)
    as_comet = bare + 2.5 * orbits.slope * np.log10(sun_distance)
    cosine = np.sum(positions * views, axis=-1) / (sun_distance * distance)
    half = np.tan(np.arccos(np.clip(cosine, -1, 1)) / 2)
    first, second = (np.exp(-factor * half**power) for factor, power in PHASE)
    lit = (1 - orbits.slope) * first + orbits.slope * second
    with np.errstate(divide="ignore", invalid="ignore"):
        dimming = -2.5 * np.log10(lit)
    return np.where(orbits.comet, as_comet, bare + 5 * np.log10(sun_distance) + dimming)
