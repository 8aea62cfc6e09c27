"""Galactic reddening from the all-sky maps of Schlegel, Finkbeiner & Davis (1998, ApJ 500, 525).

The maps are two FITS files that anyone may fetch from the Harvard Dataverse
(doi:10.7910/DVN/EWCNL5); skysift ships none and asks no network for them.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from skysift.models.vra.sky import galactic

FILES = {1: "SFD_dust_4096_ngp.fits", -1: "SFD_dust_4096_sgp.fits"}
"""By hemisphere: 1 for Galactic latitudes ≥ 0, −1 for negative ones."""


class DustMap:
    """E(B−V) of the whole Galaxy in any direction, read from the maps on disk.

    The maps stay on disk (memory maps); only the pixels asked for are read.

    Parameters
    ----------
    folder : path-like
        Holds both of `FILES`.

    Raises
    ------
    FileNotFoundError
        If one is not there.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self._maps = {north: _open_map(Path(folder) / name) for north, name in FILES.items()}

    def ebv(self, ra: np.ndarray, dec: np.ndarray) -> np.ndarray:
        """Look up reddening, bilinear between pixels; on the scale of 1998, not × 0.86.

        Parameters
        ----------
        ra, dec : ndarray (n,), float64
            ICRS, degrees.

        Returns
        -------
        ndarray (n,), float64
            E(B−V) in mag; NaN where a position is not finite.
        """
        longitude, latitude = galactic(ra, dec)
        ebv = np.full(len(latitude), np.nan)
        for north, pixels in self._maps.items():
            here = (latitude >= 0) if north == 1 else (latitude < 0)
            column, row = project(longitude[here], latitude[here], north, len(pixels))
            ebv[here] = _bilinear(pixels, column, row)
        return ebv


def project(
    longitude: np.ndarray, latitude: np.ndarray, north: int, side: int
) -> tuple[np.ndarray, np.ndarray]:
    """Find positions on a hemisphere's map: Lambert's zenithal equal-area projection.

    Appendix C of the paper.

    Parameters
    ----------
    longitude, latitude : ndarray (n,)
        Galactic, degrees.
    north : int
        1 for the northern map, −1 for the southern.
    side : int
        Pixels along an edge of the map.

    Returns
    -------
    column, row : ndarray (n,), float64
        Pixel, the centre of the first being 0.
    """
    radius = side / 2 * np.sqrt(1 - north * np.sin(np.radians(latitude)))
    centre = side / 2 - 0.5
    angle = np.radians(longitude)
    return centre + radius * np.cos(angle), centre - north * radius * np.sin(angle)


def _open_map(path: Path) -> np.ndarray:
    from astropy.io import fits

    if not path.is_file():
        raise FileNotFoundError(
            f"no dust map {path}: fetch {' and '.join(FILES.values())} from doi:10.7910/DVN/EWCNL5"
        )
    return fits.getdata(path, memmap=True)


def _bilinear(pixels: np.ndarray, column: np.ndarray, row: np.ndarray) -> np.ndarray:
    """Interpolate between the four nearest pixels; beyond the outermost, the outermost."""
    column, row = (np.clip(place, 0, len(pixels) - 1) for place in (column, row))
    left, below = (np.minimum(place.astype(np.int64), len(pixels) - 2) for place in (column, row))
    x, y = column - left, row - below
    low = (1 - x) * pixels[below, left] + x * pixels[below, left + 1]
    high = (1 - x) * pixels[below + 1, left] + x * pixels[below + 1, left + 1]
    return (1 - y) * low + y * high
