"""From a list of what is on the sky to the light that falls on the pixels."""

from __future__ import annotations

import numpy as np
import scipy.fft

from skysift.simulate.frames import _pixels
from skysift.simulate.frames.psf import FINE, RADIUS, PsfField, transform
from skysift.simulate.frames.tiles import tiles
from skysift.simulate.glow import Glow

BLUR = 0.7
"""Width [px] of the Gaussian that extended light is drawn with, and whose blur is then undone."""
PAD = 32
"""Pixels around a frame on which extended light is drawn too: a PSF's radius and more."""
FAINT = 0.02
"""Stars are drawn to where they are fainter than this [DN per pixel]."""
SMALLEST = 4
"""But at least this far [px]."""
AUREOLE = 0.03
"""Part of a star's light in aureole and spikes; a few per cent in King (1971, PASP 83, 199)."""
AUREOLE_CORE = 6.0
"""Radius [px] within which the aureole is flat."""
HALO_FLUX = 2e5
"""Flux [DN] from which the aureole is drawn."""
WIDEST = 400
"""Half of the side [px] on which an aureole is drawn at most."""
SPIKE_SHARE = 0.1
"""Part of the aureole in diffraction spikes."""


def add_stars(
    image: np.ndarray, x: np.ndarray, y: np.ndarray, flux: np.ndarray, psf: PsfField
) -> None:
    """Add stars to a frame, but for what lies beyond the radius of a PSF.

    Parameters
    ----------
    image : ndarray (height, width) float32
        Changed.
    x, y, flux : ndarray (n,)
        Places [px], fluxes [DN].
    psf : PsfField
    """
    height, width = image.shape
    near = (x > -RADIUS) & (x < width + RADIUS) & (y > -RADIUS) & (y < height + RADIUS)
    x, y, flux = x[near], y[near], flux[near]
    # How far a Moffat profile is brighter than FAINT.
    reach = 1.1 * psf.width * np.sqrt((0.15 * np.abs(flux) / FAINT) ** (1 / 3.5) + 1e-9)
    reach = np.clip(np.ceil(reach), SMALLEST, RADIUS).astype(np.int64)
    _pixels.draw_stars(image, x, y, flux, reach, psf.cell(x, y), psf.cells, FINE)


def add_aureoles(
    image: np.ndarray, x: np.ndarray, y: np.ndarray, flux: np.ndarray, turn: float
) -> None:
    """Add the far light of bright stars; spikes stand at 45 degrees, turned by `turn` [rad]."""
    bright = flux > HALO_FLUX
    x, y, light = x[bright], y[bright], AUREOLE * flux[bright]
    reach = np.cbrt(light * AUREOLE_CORE / (2.0 * np.pi * FAINT * 5.0))
    reach = np.clip(reach, 30, WIDEST).astype(np.int64)
    spikes = turn + np.pi * np.array([0.25, 0.75])
    _pixels.draw_halos(image, x, y, light, reach, AUREOLE_CORE, spikes, SPIKE_SHARE)


def add_glow(image: np.ndarray, glow: Glow, psf: PsfField) -> None:
    """Add extended light, as the seeing blurs it, to a frame.

    It is drawn on a canvas as Gaussians that are a little too wide to fall between the pixels. The
    canvas is then convolved with the PSF from which that width has been taken away again.

    Parameters
    ----------
    image : ndarray (height, width) float32
        Changed.
    glow : Glow
        In pixels of the frame, fluxes in DN.
    psf : PsfField
    """
    height, width = image.shape
    canvas = np.zeros((height + 2 * PAD, width + 2 * PAD), np.float32)
    shape = (glow.flux, glow.xx, glow.xy, glow.yy)
    _pixels.draw_gaussians(canvas, glow.x + PAD, glow.y + PAD, *shape, BLUR)
    for tile in tiles(image.shape, PAD):
        kernel = transform(psf.kernel(*tile.middle), tile.size) / _blur(tile.size)
        spectrum = scipy.fft.rfft2(canvas[tile.padded], tile.size) * kernel
        seen = scipy.fft.irfft2(spectrum, tile.size)
        image[tile.inner] += seen[tile.core]


def _blur(size: tuple[int, int]) -> np.ndarray:
    """Fourier transform of the Gaussian of width `BLUR`."""
    down = np.fft.fftfreq(size[0]).astype(np.float32)[:, None]
    right = np.fft.rfftfreq(size[1]).astype(np.float32)
    return np.exp(-2.0 * (np.pi * BLUR) ** 2 * (down**2 + right**2))
