"""Galactic and ecliptic places of positions on the sky."""

from __future__ import annotations

import numpy as np

# J2000 place of the north Galactic pole and longitude of the celestial one: Hipparcos catalogue,
# ESA SP-1200, vol. 1, section 1.5.3.
_POLE_RA, _POLE_DEC, _LONGITUDE = np.radians((192.85948, 27.12825, 122.93192))
_OBLIQUITY = np.radians(23.4392911)
"""Of the ecliptic, J2000 (IAU 1976)."""


def galactic(ra: np.ndarray, dec: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Turn ICRS positions into Galactic longitude and latitude.

    Parameters
    ----------
    ra, dec : ndarray (n,), float64
        Degrees; NaN stays NaN.

    Returns
    -------
    longitude, latitude : ndarray (n,), float64
        Degrees, [0, 360) and [−90, 90]. Within 0.1 arcsec of the transformation from ICRS.
    """
    ra, dec = np.radians(ra) - _POLE_RA, np.radians(dec)
    sine = np.sin(_POLE_DEC) * np.sin(dec) + np.cos(_POLE_DEC) * np.cos(dec) * np.cos(ra)
    east = np.cos(dec) * np.sin(ra)
    north = np.cos(_POLE_DEC) * np.sin(dec) - np.sin(_POLE_DEC) * np.cos(dec) * np.cos(ra)
    longitude = np.degrees(_LONGITUDE - np.arctan2(east, north)) % 360
    return longitude, np.degrees(np.arcsin(np.clip(sine, -1, 1)))


def centre_distance(ra: np.ndarray, dec: np.ndarray) -> np.ndarray:
    """Return the angle from the Galactic centre, degrees, of ICRS positions in degrees."""
    longitude, latitude = np.radians(galactic(ra, dec))
    return np.degrees(np.arccos(np.clip(np.cos(latitude) * np.cos(longitude), -1, 1)))


def ecliptic_latitude(ra: np.ndarray, dec: np.ndarray) -> np.ndarray:
    """Return the latitude over the ecliptic, degrees, where asteroids crowd at 0."""
    ra, dec = np.radians(ra), np.radians(dec)
    sine = np.cos(_OBLIQUITY) * np.sin(dec) - np.sin(_OBLIQUITY) * np.cos(dec) * np.sin(ra)
    return np.degrees(np.arcsin(np.clip(sine, -1, 1)))
