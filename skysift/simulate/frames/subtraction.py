"""Subtract the reference from a science frame: ZOGY, as the survey does.

Zackay, Ofek & Gal-Yam 2016 (ApJ 830, 27), "proper image subtraction". Both frames are first brought
to one grid, one level and one flux scale, with the errors that a pipeline makes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy.fft
from astropy.stats import SigmaClip
from numpy.typing import ArrayLike
from photutils.background import Background2D, MedianBackground

from skysift.simulate.frames.psf import PsfField, transform
from skysift.simulate.frames.tiles import tiles

RIM = 32
"""Pixels around a tile that take part in its subtraction."""
MESH = 128
"""Side [px] of the cells in which the sky is measured."""
THINNING = 4
"""Every so many pixels each way are enough to measure the sky."""


Map = Callable[[ArrayLike, ArrayLike], tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True)
class Side:
    """What the pipeline knows of one of the two frames.

    Attributes
    ----------
    image : ndarray (height, width) float32
        Without sky, NaN where there are no data; both on one grid and flux scale.
    psf : PsfField
    noise : float
        Per pixel, of empty sky [DN].
    """

    image: np.ndarray
    psf: PsfField
    noise: float


def subtract(new: Side, reference: Side, map_place: Map) -> np.ndarray:
    """Difference of two frames whose noise is white, and whose flux scale is theirs.

    Their equation 13, divided by the flux scale of equation 15, within tiles.

    Parameters
    ----------
    new, reference : Side
    map_place : callable
        (x, y) → place in the reference's own frame, where its PSF is to be taken.

    Returns
    -------
    ndarray (height, width) float32
        [DN]; NaN where either frame has no data. Empty sky has a noise of `difference_noise`.
    """
    frames = [_padded(side.image) for side in (new, reference)]
    result = np.empty(new.image.shape, np.float32)
    scale = difference_noise(new.noise, reference.noise)
    for tile in tiles(new.image.shape, RIM):
        x, y = map_place(*tile.middle)
        kernels = (
            transform(new.psf.kernel(*tile.middle), tile.size),
            transform(reference.psf.kernel(float(x), float(y)), tile.size),
        )
        spectra = [scipy.fft.rfft2(frame[tile.padded], tile.size) for frame in frames]
        # Equal zero points: F_n = F_r = 1, hence F_D = 1 / scale.
        top = kernels[1] * spectra[0] - kernels[0] * spectra[1]
        bottom = new.noise**2 * _power(kernels[1]) + reference.noise**2 * _power(kernels[0])
        top *= scale / np.sqrt(bottom)
        result[tile.inner] = scipy.fft.irfft2(top, tile.size)[tile.core]
    result[np.isnan(new.image) | np.isnan(reference.image)] = np.nan
    return result


def difference_noise(new: float, reference: float) -> float:
    """Noise per pixel [DN] of the difference of frames with these: 1 / F_D."""
    return float(np.hypot(new, reference))


def _power(spectrum: np.ndarray) -> np.ndarray:
    return spectrum.real**2 + spectrum.imag**2


def _padded(image: np.ndarray) -> np.ndarray:
    """With empty sky around it and where there are no data."""
    return np.pad(np.nan_to_num(image, nan=0.0), RIM)


def subtract_sky(image: np.ndarray) -> float:
    """Take a smooth sky off an image, in place, and return its level.

    The sky is the clipped median of cells, measured on a thinned image.

    Parameters
    ----------
    image : ndarray (height, width) float32
        [DN]; NaN where there are no data.

    Returns
    -------
    float
        Median of the cells [DN].
    """
    thin = image[::THINNING, ::THINNING]
    missing = np.isnan(thin)
    sky = Background2D(
        np.where(missing, np.float32(0.0), thin),
        MESH // THINNING,
        mask=missing,
        exclude_percentile=90.0,
        sigma_clip=SigmaClip(3.0, maxiters=5),
        bkg_estimator=MedianBackground(),
    )
    image -= _interpolated(np.asarray(sky.background_mesh, np.float32), image.shape)
    return float(np.median(sky.background_mesh))


def _interpolated(mesh: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Values between those of the cells, linear in both directions."""
    down, across = (
        _between(count, length) for count, length in zip(mesh.shape, shape, strict=True)
    )
    return down @ mesh @ across.T


def _between(count: int, length: int) -> np.ndarray:
    """Weights (length, count) of the cells for each pixel along an axis."""
    place = np.clip((np.arange(length) + 0.5) / MESH - 0.5, 0.0, count - 1.0)
    weight = 1.0 - np.abs(place[:, None] - np.arange(count))
    return np.maximum(weight, 0.0).astype(np.float32)
