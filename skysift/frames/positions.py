"""Where detections are: pixels to the sky, with errors; and which of them are one."""

from __future__ import annotations

import numpy as np
from astropy import units
from astropy.coordinates import SkyCoord
from astropy.wcs import WCS

ASTROMETRY = 0.085
"""Error of a ZTF frame's own WCS, each axis [arcsec]: 0.045 to 0.085 (Masci et al. 2019)."""


def sky_places(world: WCS, x: np.ndarray, y: np.ndarray) -> SkyCoord:
    """Places on the sky by the full WCS, distortion included; ICRS, (k,)."""
    return world.pixel_to_world(np.asarray(x, np.float64), np.asarray(y, np.float64)).icrs


def pixel_sides(world: WCS, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Side of the pixels at some places [arcsec], (k,): the root of their area."""
    x, y = np.asarray(x, np.float64), np.asarray(y, np.float64)
    here, right, up = (sky_places(world, x + dx, y + dy) for dx, dy in ((0, 0), (1, 0), (0, 1)))
    (a, b), (c, d) = (here.spherical_offsets_to(there) for there in (right, up))
    area = a.to_value(units.arcsec) * d.to_value(units.arcsec)
    area -= b.to_value(units.arcsec) * c.to_value(units.arcsec)
    return np.sqrt(np.abs(area))


def sky_errors(sigma: np.ndarray, sides: np.ndarray) -> np.ndarray:
    """Error of each coordinate on the sky [arcsec], (k,): of the place, and of the frame's WCS.

    Parameters
    ----------
    sigma : ndarray (k,)
        Error of column and row [px]; NaN gives NaN.
    sides : ndarray (k,)
        Of the pixels there [arcsec].
    """
    return np.hypot(sigma * sides, ASTROMETRY)


def distinct(places: SkyCoord, radius: float) -> np.ndarray:
    """Choose detections so that no two are near each other.

    Parameters
    ----------
    places : SkyCoord (k,)
        The best first: of two that are near, the earlier stays.
    radius : float
        What is nearer than that is the same [arcsec].

    Returns
    -------
    ndarray of int
        Which stay, in their order.
    """
    kept: list[int] = []
    for i in range(len(places)):
        if not kept or places[i].separation(places[kept]).arcsec.min() >= radius:
            kept.append(i)
    return np.array(kept, dtype=int)
