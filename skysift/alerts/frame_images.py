"""Survey frames: science, reference and difference of one exposure, on the same pixels."""

from __future__ import annotations

import os
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from astropy.io import fits
from astropy.utils.exceptions import AstropyWarning
from astropy.wcs import WCS
from scipy import ndimage

STEP = 32
"""Pixels from one place to the next at which the map between two frames is computed."""

LOST = 0.01
"""Weight of missing pixels in an interpolated one that makes it missing too."""


class FrameError(ValueError):
    """A frame's file is missing, broken, or does not say what is needed."""


@dataclass(frozen=True, eq=False)
class FrameImages:
    """The images of one exposure.

    Attributes
    ----------
    images : ndarray (h, w, 3), float32
        Science, reference and difference in DN; NaN where there are no data.
    header : astropy.io.fits.Header
        Of the science frame.
    zeropoint : float
        Magnitude of one DN, from ``MAGZP``; NaN if the header has none.
    """

    images: np.ndarray
    header: fits.Header
    zeropoint: float


def read_frame(
    science: str | os.PathLike[str],
    reference: str | os.PathLike[str],
    difference: str | os.PathLike[str],
) -> FrameImages:
    """Read a frame; its reference is brought onto its pixels.

    Parameters
    ----------
    science, reference, difference : path-like
        FITS files as ZTF lays them out: the image is in the first HDU that has one, packed or not.

    Raises
    ------
    FrameError
        Naming the file, and what is wrong with it.
    """
    seen, header = _read(Path(science))
    change, _ = _read(Path(difference))
    if change.shape != seen.shape:
        raise FrameError(
            f"{difference} has {change.shape[0]} × {change.shape[1]} pixels; its science frame "
            f"has {seen.shape[0]} × {seen.shape[1]}"
        )
    deep, deep_header = _read(Path(reference))
    matched = align(
        deep, _world(deep_header, Path(reference)), _world(header, Path(science)), seen.shape
    )
    zeropoint = float(header.get("MAGZP", np.nan))
    return FrameImages(np.stack([seen, matched, change], axis=-1), header, zeropoint)


def align(image: np.ndarray, world: WCS, target: WCS, shape: tuple[int, int]) -> np.ndarray:
    """Bring an image onto other pixels, by cubic splines.

    The way from pixel to pixel, distortion included, is computed at every `STEP`-th pixel and goes
    on linearly between them; ZTF's bends by less than 1e-3 px over that distance.

    Parameters
    ----------
    image : ndarray (h0, w0), float32
        NaN where there are no data; so are pixels next to them.
    world, target : astropy.wcs.WCS
        Of the image, and of the pixels wanted.
    shape : (h, w)

    Returns
    -------
    ndarray (h, w), float32
        In the same units a pixel: the two scales are taken for the same. NaN beyond the image.
    """
    down, across = (np.arange(-(-length // STEP) + 1) * STEP for length in shape)
    columns, rows = np.meshgrid(across, down)
    sky = target.all_pix2world(columns.ravel(), rows.ravel(), 0)
    x, y = (place.reshape(columns.shape) for place in world.all_world2pix(*sky, 0))
    places = np.stack([_every_pixel(place, shape) for place in (y, x)])
    known = np.isfinite(image)
    filled = np.where(known, image, np.nanmedian(image) if known.any() else 0.0)
    aligned = ndimage.map_coordinates(
        filled.astype(np.float32), places, output=np.float32, order=3, cval=np.nan
    )
    if not known.all():
        lost = ndimage.map_coordinates((~known).astype(np.float32), places, order=1, cval=1.0)
        aligned[lost > LOST] = np.nan
    return aligned


def _every_pixel(grid: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Go on linearly from every `STEP`-th pixel to all of them, float32 (h, w)."""
    parts = [np.divmod(np.arange(length), STEP) for length in shape]
    (top, part_y), (left, part_x) = ((whole, part / STEP) for whole, part in parts)
    across = grid[:, left] + part_x * (grid[:, left + 1] - grid[:, left])
    return across[top] + part_y[:, None] * (across[top + 1] - across[top])


def _read(path: Path) -> tuple[np.ndarray, fits.Header]:
    """First image of a file, float32, and its header."""
    try:
        with fits.open(path) as units:
            for unit in units:
                if unit.is_image and unit.header.get("NAXIS", 0) == 2 and unit.size:
                    return np.asarray(unit.data, dtype=np.float32), unit.header.copy()
    except FileNotFoundError:
        raise FrameError(f"no frame at {path}") from None
    except (OSError, TypeError, ValueError) as error:
        raise FrameError(f"{path} is not readable as FITS: {error}") from None
    raise FrameError(f"{path} holds no image")


def _world(header: fits.Header, path: Path) -> WCS:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AstropyWarning)
        world = WCS(header)
    if not world.has_celestial:
        raise FrameError(f"{path} says nothing of where on the sky its pixels are")
    return world
