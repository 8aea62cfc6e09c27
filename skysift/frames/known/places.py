"""Where bodies are seen: astrometric places, as an observer has them among the stars."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from skysift.frames.known.brightness import magnitudes
from skysift.frames.known.ephemeris import LIGHT, PALOMAR, Ephemeris, Site
from skysift.frames.known.orbits import Orbits
from skysift.frames.known.perturbed import moved
from skysift.frames.known.two_body import SUN, states

ARCSEC = 3600 * 180 / np.pi
MINUTES = 1440.0


@dataclass(frozen=True, eq=False)
class Places:
    """What an observer sees of n bodies.

    Attributes
    ----------
    directions : ndarray (n, 3), float64
        Unit vectors, ICRS.
    motions : ndarray (n, 3), float64
        Of the directions [1/day].
    magnitudes : ndarray (n,), float64
    """

    directions: np.ndarray
    motions: np.ndarray
    magnitudes: np.ndarray

    def rate(self) -> np.ndarray:
        """Speed on the sky (n,) [arcsec/min]."""
        return np.linalg.norm(self.motions, axis=-1) * ARCSEC / MINUTES

    def position_angle(self) -> np.ndarray:
        """Direction of motion, from north through east (n,) [deg]."""
        x, y, z = self.directions.T
        east = np.stack([-y, x, np.zeros_like(x)], axis=-1)
        north = np.stack([-x * z, -y * z, x**2 + y**2], axis=-1)
        angle = np.arctan2(
            np.sum(self.motions * east, axis=-1), np.sum(self.motions * north, axis=-1)
        )
        return np.degrees(angle) % 360


def seen(
    orbits: Orbits,
    utc: float,
    ephemeris: Ephemeris,
    *,
    site: Site | None = PALOMAR,
    planets: bool = True,
) -> Places:
    """Astrometric places at an instant: light time is taken into account, aberration is not,
    since the stars that a frame is measured by have it too.

    Parameters
    ----------
    orbits : Orbits (n,)
    utc : float
        Julian date, UTC.
    ephemeris : Ephemeris
    site : Site, optional
        None is the Earth's centre.
    planets : bool
        Whether their pull is followed since the epoch of each orbit, which costs a thousand times
        as much.

    Raises
    ------
    ValueError
        If the instant is not in the ephemeris.
    """
    time = ephemeris.terrestrial(utc)
    if not ephemeris.covers(time):
        raise ValueError(
            f"JD {utc} is outside the ephemeris, JD {ephemeris.first:.0f} to {ephemeris.last:.0f}"
        )
    positions, velocities = (
        moved(orbits, time, ephemeris) if planets else states(orbits, np.array(time))
    )
    sun, sun_speed = ephemeris.sun(time)
    eye = ephemeris.observer(time, site)
    later = ephemeris.observer(time + 0.5 / MINUTES, site)
    earlier = ephemeris.observer(time - 0.5 / MINUTES, site)
    views, there = _by_light(positions, velocities, sun - eye, sun_speed)
    distance = np.linalg.norm(views, axis=-1, keepdims=True)
    directions = views / distance
    relative = velocities + sun_speed - (later - earlier) * MINUTES
    along = np.sum(relative * directions, axis=-1, keepdims=True)
    return Places(
        directions, (relative - along * directions) / distance, magnitudes(orbits, there, views)
    )


def _by_light(
    positions: np.ndarray, velocities: np.ndarray, sun: np.ndarray, sun_speed: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Views (n, 3) of the bodies where they were when the light left them, and where from the Sun
    that was. They fell freely for the minutes to hours between."""
    fall = -SUN * positions / np.linalg.norm(positions, axis=-1, keepdims=True) ** 3
    there, views = positions, positions + sun
    for _ in range(3):
        ago = np.linalg.norm(views, axis=-1, keepdims=True) / LIGHT
        there = positions - ago * velocities + ago**2 / 2 * fall
        views = there + sun - ago * sun_speed
    return views, there


def unit(ra: np.ndarray | float, dec: np.ndarray | float) -> np.ndarray:
    """Unit vectors (..., 3) of right ascensions and declinations [deg]."""
    a, d = np.radians(ra), np.radians(dec)
    return np.stack([np.cos(d) * np.cos(a), np.cos(d) * np.sin(a), np.sin(d)], axis=-1)


def angles(directions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Right ascension in [0, 360) and declination of unit vectors (n, 3) [deg]."""
    x, y, z = directions.T
    return np.degrees(np.arctan2(y, x)) % 360, np.degrees(np.arctan2(z, np.hypot(x, y)))
