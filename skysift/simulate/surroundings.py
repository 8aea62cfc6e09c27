"""What catalogues and the reference image say about the place of a detection."""

from __future__ import annotations

from typing import Any

import numpy as np

from skysift.simulate.images import PIXEL_SCALE
from skysift.simulate.neighbours import Neighbours
from skysift.simulate.sky import Position, offset_position

ABSENT = -999.0
"""ZTF's number for a match that does not exist."""
PS1_RADIUS = 30.0
GAIA_RADIUS = 90.0
"""Search radii [arcsec]."""
PS1_LIMITS = (22.9, 22.7, 22.5, 21.9)
"""Magnitudes in g, r, i, z below which PS1 has no measurement."""
GAIA_LIMIT, GAIA_BRIGHT = 20.7, 14.0
"""Faintest Gaia magnitude, and the one below which a star counts as bright."""
REFERENCE_LIMIT = 22.0
"""Faintest magnitude in the reference images."""


def ps1_fields(catalogue: Neighbours, east: float, north: float, position: Position) -> dict:
    """PS1 fields of a candidate: the three nearest sources within 30 arcsec, and their count.

    Parameters
    ----------
    catalogue : Neighbours
        Stars and galaxies around the target.
    east, north : float
        Measured place of the detection relative to the target [arcsec].
    position : Position
        Place of the target.
    """
    distance = np.hypot(catalogue.east - east, catalogue.north - north)
    order = np.argsort(distance)
    order = order[(distance[order] < PS1_RADIUS) & (catalogue.mags[order, 1] < PS1_LIMITS[1])]
    values: dict[str, Any] = {"nmtchps": len(order)}
    for place in (1, 2, 3):
        row = order[place - 1] if place <= len(order) else None
        values |= _ps1_match(catalogue, row, place, distance, position)
    return values


def _ps1_match(
    catalogue: Neighbours,
    row: int | None,
    place: int,
    distance: np.ndarray,
    position: Position,
) -> dict[str, Any]:
    bands = ("sgmag", "srmag", "simag", "szmag")
    if row is None:
        values: dict[str, Any] = {f"{name}{place}": ABSENT for name in bands}
        values[f"sgscore{place}"] = values[f"distpsnr{place}"] = ABSENT
        values[f"objectidps{place}"] = int(ABSENT)
        return values
    mags = [float(mag) for mag in catalogue.mags[row]]
    values = {
        f"{name}{place}": mag if mag < limit else ABSENT
        for name, mag, limit in zip(bands, mags, PS1_LIMITS, strict=True)
    }
    ra, dec = offset_position(position, catalogue.east[row], catalogue.north[row])
    values[f"sgscore{place}"] = float(catalogue.star_score[row])
    values[f"distpsnr{place}"] = float(distance[row])
    values[f"objectidps{place}"] = _ps1_identifier(ra, dec)
    return values


def _ps1_identifier(ra: float, dec: float) -> int:
    """Zone of declination, then right ascension in microdegrees, as PS1 numbers its objects."""
    zone = int((dec + 90.0) / 0.00833333)
    return zone * 10**13 + round(ra * 1e6) * 10**4 + round(dec * 1e7) % 10**4


def gaia_fields(catalogue: Neighbours, east: float, north: float) -> dict[str, float]:
    """Gaia fields of a candidate: the nearest source, and the nearest bright one.

    Gaia sees the nuclei of galaxies too, fainter than the whole and the more so the larger it is.
    """
    extended = np.where(catalogue.is_star, 0.0, 1.0 + 0.5 * catalogue.radius)
    magnitude = catalogue.mags[:, 1] + extended
    seen = magnitude < GAIA_LIMIT
    distance = np.hypot(catalogue.east - east, catalogue.north - north)
    values: dict[str, float] = {}
    for suffix, chosen in (("", seen), ("bright", seen & (magnitude < GAIA_BRIGHT))):
        there = np.where(chosen & (distance < GAIA_RADIUS), distance, np.inf)
        row = int(np.argmin(there)) if len(there) else -1
        found = row >= 0 and np.isfinite(there[row])
        values[f"neargaia{suffix}"] = float(there[row]) if found else ABSENT
        values[f"maggaia{suffix}"] = float(magnitude[row]) if found else ABSENT
    return values


def reference_columns(
    catalogue: Neighbours,
    east: np.ndarray,
    north: np.ndarray,
    fid: np.ndarray,
    position: Position,
    *,
    rng: np.random.Generator,
) -> dict[str, np.ndarray]:
    """Nearest source of the reference image for each visit: `distnr` [px], `magnr`, shape, place.

    Parameters
    ----------
    catalogue : Neighbours
        Stars and galaxies around the target.
    east, north : ndarray (n,)
        Measured places of the detections relative to the target [arcsec].
    fid : ndarray (n,)
        Filters: each has its own reference image.
    position : Position
        Place of the target.
    rng : numpy.random.Generator
        Source of chance.

    Returns
    -------
    dict of ndarray (n,)
    """
    seen = (catalogue.mags[:, 1] < REFERENCE_LIMIT) & (catalogue.distance < 40.0)
    sources = catalogue[seen] if seen.any() else _far_source(rng)
    chi, sharp = _shapes(sources, rng)
    east_gap = sources.east - east[:, None]
    north_gap = sources.north - north[:, None]
    distance = np.hypot(east_gap, north_gap)
    nearest = np.argmin(distance, axis=1)
    magnitude = sources.mags[nearest, fid - 1]
    depth = 10.0 ** (0.4 * (magnitude - 22.5))
    ra, dec = offset_position(position, 0.0, 0.0)
    cosine = np.cos(np.radians(position.dec))
    return {
        "distnr": distance[np.arange(len(fid)), nearest] / PIXEL_SCALE,
        "magnr": magnitude,
        "sigmagnr": np.clip(0.015 + 0.2 * depth, 0.0, 0.35),
        "chinr": chi[nearest, fid - 1],
        "sharpnr": sharp[nearest, fid - 1],
        "ranr": (ra + sources.east[nearest] / 3600.0 / cosine) % 360.0,
        "decnr": dec + sources.north[nearest] / 3600.0,
    }


def _far_source(rng: np.random.Generator) -> Neighbours:
    """A lone star some way off, where nothing of the field is bright enough."""
    one = np.ones(1)
    place = rng.uniform(12.0, 25.0, (2, 1))
    mags = np.full((1, 4), 21.5)
    return Neighbours(place[0], place[1], mags, one, 0.0 * one, one, one, 0.0 * one)


def _shapes(sources: Neighbours, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """DAOPhot's chi and sharpness, (m, 3): stars near 0.8 and 0, galaxies large in both."""
    count = len(sources)
    size = np.clip(sources.radius / 1.2, 0.0, 3.0)
    bright = np.clip((20.0 - sources.mags[:, :3]) / 4.0, 0.0, 1.5)
    chi = rng.lognormal(-0.2, 0.45, (count, 3)) * (1.0 + 2.5 * size[:, None] * bright)
    sharp = rng.normal(0.0, 0.04, (count, 3)) + 0.22 * size[:, None]
    sharp += rng.normal(0.0, 0.25, (count, 3)) * (sources.mags[:, :3] > 20.5)
    return np.minimum(chi, 10.0), sharp
