"""Motion under the Sun and the planets, from the epoch of the elements to the exposure."""

from __future__ import annotations

import numpy as np
from scipy.integrate import solve_ivp

from skysift.frames.known.ephemeris import Ephemeris
from skysift.frames.known.orbits import Orbits
from skysift.frames.known.two_body import SUN, states

LONGEST = 4000.0
"""Orbits whose epoch is farther away go on as two bodies do: it is lost objects that have such old
ones, and each would hold up its frame for seconds [days]."""

NEAREST = 3e-3
"""Within this distance, a little more than the Moon's, a planet pulls no more than at it: bodies
that hit the Earth are in the catalogues, and must not stop the clock [au]."""

TOLERANCE = 1e-10
"""Relative, of a step; `tests/frames/test_perturbed.py` says what it comes to."""


def moved(orbits: Orbits, time: float, ephemeris: Ephemeris) -> tuple[np.ndarray, np.ndarray]:
    """Heliocentric positions and velocities at a time, planets taken into account.

    The bodies are points without mass; relativity, outgassing and the pull of asteroids are left
    out. Orbits without an epoch, or with one farther away than `LONGEST` or outside the ephemeris,
    go on as two bodies do.

    Parameters
    ----------
    orbits : Orbits (n,)
    time : float
        Julian date, TT.
    ephemeris : Ephemeris

    Returns
    -------
    positions, velocities : ndarray (n, 3), float64
        Equator and equinox J2000 [au], [au/day].
    """
    pulled = ephemeris.covers(orbits.epoch) & (np.abs(time - orbits.epoch) <= LONGEST)
    positions, velocities = states(orbits, np.where(pulled, orbits.epoch, time))
    if pulled.any():
        positions[pulled], velocities[pulled] = integrated(
            positions[pulled], velocities[pulled], orbits.epoch[pulled], time, ephemeris
        )
    return positions, velocities


def integrated(
    positions: np.ndarray,
    velocities: np.ndarray,
    start: np.ndarray,
    end: float,
    ephemeris: Ephemeris,
) -> tuple[np.ndarray, np.ndarray]:
    """Follow bodies from a time of their own to a common one.

    All go together, each over its own span, in one integration (DOP853) by the share of the span
    that is done.

    Parameters
    ----------
    positions, velocities : ndarray (n, 3), float64
        Heliocentric, at the start; equator and equinox J2000 [au], [au/day].
    start : ndarray (n,), float64
        Julian dates, TT, in the ephemeris.
    end : float
    ephemeris : Ephemeris

    Returns
    -------
    positions, velocities : ndarray (n, 3), float64
        At the end.
    """
    span = (end - start)[:, None]
    different, which = np.unique(start, return_inverse=True)

    def change(share: float, state: np.ndarray) -> np.ndarray:
        place, speed = state.reshape(2, -1, 3)
        planets, pulls = ephemeris.planets(different + share * (end - different))
        return np.stack([speed * span, _pull(place, planets[:, which], pulls) * span]).ravel()

    begin = np.stack([positions, velocities]).ravel()
    answer = solve_ivp(
        change, (0.0, 1.0), begin, "DOP853", t_eval=[1.0], rtol=TOLERANCE, atol=1e-12
    )
    if not answer.success:
        raise ArithmeticError(f"motion under the planets could not be followed: {answer.message}")
    place, speed = answer.y[:, -1].reshape(2, -1, 3)
    return place, speed


def _pull(place: np.ndarray, planets: np.ndarray, pulls: np.ndarray) -> np.ndarray:
    """Acceleration relative to the Sun (n, 3): by Sun and planets, less theirs on the Sun."""
    away = planets - place
    apart = np.linalg.norm(away, axis=-1, keepdims=True)
    direct = away / np.maximum(apart, NEAREST) ** 3
    of_the_sun = planets / np.linalg.norm(planets, axis=-1, keepdims=True) ** 3
    by_planets = np.einsum("p,pnk->nk", pulls, direct - of_the_sun)
    return by_planets - SUN * place / np.linalg.norm(place, axis=-1, keepdims=True) ** 3
