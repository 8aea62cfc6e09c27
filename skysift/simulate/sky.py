"""Where on the sky things are, and how crowded it is there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

NORTH_GALACTIC_POLE = (192.85948, 27.12825)
"""Right ascension and declination of the pole, J2000 [deg]."""
SOUTHERN_LIMIT, NORTHERN_LIMIT = -28.0, 86.0
"""Declinations that the survey reaches [deg]."""


@dataclass(frozen=True)
class Position:
    """A place on the sky: J2000 right ascension and declination, galactic latitude [deg]."""

    ra: float
    dec: float
    latitude: float


def galactic_latitude(ra: float, dec: float) -> float:
    """Galactic latitude [deg] of a J2000 position [deg]."""
    pole_ra, pole_dec = np.radians(NORTH_GALACTIC_POLE)
    ra_rad, dec_rad = np.radians(ra), np.radians(dec)
    sine = np.sin(dec_rad) * np.sin(pole_dec)
    sine += np.cos(dec_rad) * np.cos(pole_dec) * np.cos(ra_rad - pole_ra)
    return float(np.degrees(np.arcsin(np.clip(sine, -1.0, 1.0))))


def make_position(*, rng: np.random.Generator) -> Position:
    """Draw a position uniformly over the survey's sky."""
    low, high = np.sin(np.radians([SOUTHERN_LIMIT, NORTHERN_LIMIT]))
    ra = float(rng.uniform(0.0, 360.0))
    dec = float(np.degrees(np.arcsin(rng.uniform(low, high))))
    return Position(ra, dec, galactic_latitude(ra, dec))


def make_extragalactic_position(*, rng: np.random.Generator) -> Position:
    """Draw a position away from the plane, where dust lets galaxies be seen (|b| > 7 deg)."""
    while True:
        position = make_position(rng=rng)
        if abs(position.latitude) > 7.0:
            return position


def make_galactic_position(scale: float, *, rng: np.random.Generator) -> Position:
    """Draw a position whose density falls as exp(-|b| / `scale` [deg]), over a thin halo."""
    while True:
        position = make_position(rng=rng)
        if rng.random() < 0.05 + 0.95 * np.exp(-abs(position.latitude) / scale):
            return position


def offset_position(position: Position, east: float, north: float) -> tuple[float, float]:
    """Right ascension and declination [deg] at offsets [arcsec] from a position."""
    dec = position.dec + north / 3600.0
    ra = position.ra + east / 3600.0 / np.cos(np.radians(position.dec))
    return float(ra % 360.0), float(dec)
