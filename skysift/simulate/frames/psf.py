"""What a star looks like, and how that changes over a frame."""

from __future__ import annotations

from dataclasses import dataclass

import galsim
import numpy as np
import scipy.fft
from numpy.typing import ArrayLike

from skysift.simulate.frames.camera import PIXEL_SCALE

FINE = 5
"""Steps per pixel in which a PSF is kept."""
RADIUS = 24
"""Pixels from the middle to where a PSF ends; what is beyond belongs to the aureole."""
NODES = 4
"""PSFs are drawn at this many places along each side of a frame, and blended between."""
CELL = 384
"""Stars in a square of this side [px] share a PSF."""
WINGS = 3.5
"""Moffat's beta: steeper than Kolmogorov's 4.765 is in its wings, as telescopes are."""

_SIDE = 2 * (RADIUS + 2) * FINE + 1


@dataclass(frozen=True)
class Optics:
    """How one exposure, or one stack of them, images a star.

    Attributes
    ----------
    seeing : float
        Full width at half maximum at the frame's centre before the pixels blur it [px].
    drift : (g1, g2)
        Shear by tracking and wind, the same everywhere.
    tilt : (x, y)
        Relative growth of the width over the frame.
    place : (west, north)
        Of the channel in the focal plane [deg]: stars far out are drawn out towards the rim.
    """

    seeing: float
    drift: tuple[float, float]
    tilt: tuple[float, float]
    place: tuple[float, float]


def make_optics(seeing: float, place: np.ndarray, *, rng: np.random.Generator) -> Optics:
    """Draw the imperfections of an exposure of a given seeing [px]."""
    drift, tilt = rng.normal(0.0, 0.012, 2), rng.normal(0.0, 0.02, 2)
    return Optics(seeing, tuple(drift), tuple(tilt), tuple(place))


class PsfField:
    """PSFs over a frame, pixels included.

    Parameters
    ----------
    optics : Optics
    shape : (height, width)
        Of the frame [px].

    Attributes
    ----------
    cells : ndarray (n, side, side) float32
        Light per pixel of a star of unit flux, in steps of 1 / `FINE` px, a row for each cell.
    """

    def __init__(self, optics: Optics, shape: tuple[int, int]) -> None:
        self._shape = shape
        self._counts = tuple(-(-length // CELL) for length in shape)
        ends = np.linspace(-0.5, 0.5, NODES)
        nodes = np.stack([[_draw(optics, x, y) for x in ends] for y in ends])
        down, across = (_blend(count) for count in self._counts)
        cells = np.einsum("ai,bj,ijkl->abkl", down, across, nodes, optimize=True)
        self.cells = np.ascontiguousarray(cells.reshape(-1, _SIDE, _SIDE), dtype=np.float32)

    def cell(self, x: ArrayLike, y: ArrayLike) -> np.ndarray:
        """Index of the cell at places (n,); the nearest one for places off the frame."""
        column = np.clip(np.asarray(x) // CELL, 0, self._counts[1] - 1).astype(np.int64)
        row = np.clip(np.asarray(y) // CELL, 0, self._counts[0] - 1).astype(np.int64)
        return row * self._counts[1] + column

    def kernel(self, x: float, y: float) -> np.ndarray:
        """PSF in whole pixels at a place, (2 `RADIUS` + 1, same) float32, with a sum of one."""
        middle, reach = _SIDE // 2, RADIUS * FINE
        cut = slice(middle - reach, middle + reach + 1, FINE)
        kernel = self.cells[int(self.cell(x, y))][cut, cut]
        return kernel / kernel.sum()

    @property
    def width(self) -> float:
        """Full width at half maximum at the centre [px]: of the disc with the same area."""
        height, width = self._shape
        psf = self.cells[int(self.cell(width / 2, height / 2))]
        area = np.count_nonzero(psf > 0.5 * psf.max()) / FINE**2
        return float(2.0 * np.sqrt(area / np.pi))

    @property
    def noise_pixels(self) -> float:
        """Pixels whose noise a perfect PSF fit at the centre suffers: 1 / Σ psf²."""
        height, width = self._shape
        return float(1.0 / np.sum(self.kernel(width / 2, height / 2) ** 2))


def transform(kernel: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Fourier transform (`scipy.fft.rfft2`) of a kernel whose middle is the origin, complex64."""
    height, width = kernel.shape
    padded = np.zeros(shape, np.float32)
    padded[:height, :width] = kernel
    return scipy.fft.rfft2(np.roll(padded, (-(height // 2), -(width // 2)), (0, 1)))


def _draw(optics: Optics, x: float, y: float) -> np.ndarray:
    """PSF at a place of the frame (from -0.5 to 0.5 on each axis)."""
    west, north = np.array(optics.place) + np.array([x, y]) * 3076 * PIXEL_SCALE / 3600.0
    far = np.hypot(west, north)
    width = optics.seeing * (1.0 + optics.tilt[0] * x + optics.tilt[1] * y + 0.003 * far**2)
    rim = galsim.Shear(g=min(0.008 * far, 0.1), beta=np.arctan2(north, west) * galsim.radians)
    drift = galsim.Shear(g1=optics.drift[0], g2=optics.drift[1])
    core = galsim.Moffat(beta=WINGS, fwhm=width)
    coma = galsim.Moffat(beta=WINGS, fwhm=1.4 * width).shift(
        0.06 * west * width / 3.0, 0.06 * north * width / 3.0
    )
    star = (0.85 * core + 0.15 * coma).shear(rim).shear(drift)
    seen = galsim.Convolve(star, galsim.Pixel(1.0))
    image = seen.drawImage(
        nx=_SIDE, ny=_SIDE, scale=1.0 / FINE, method="no_pixel", dtype=np.float32
    )
    return image.array * FINE**2


def _blend(count: int) -> np.ndarray:
    """Weights (count, NODES) of the nodes in the middles of cells."""
    place = (np.arange(count) + 0.5) / count * (NODES - 1)
    return np.maximum(0.0, 1.0 - np.abs(place[:, None] - np.arange(NODES)))
