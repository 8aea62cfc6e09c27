"""Render stars and galaxies on the pixels of a stamp."""

from __future__ import annotations

import math

import numpy as np

from skysift.simulate.glow import Glow

PIXEL_SCALE = 1.012
"""Arcseconds per pixel of ZTF's camera."""
MOFFAT_BETA = 4
"""Steepness of the wings of a star's image."""

_NODES, _WEIGHTS = np.polynomial.laguerre.laggauss(5)
_SHARES = _WEIGHTS * _NODES ** (MOFFAT_BETA - 2)
_SHARES /= _SHARES.sum()


def moffat_components(fwhm: float) -> tuple[np.ndarray, np.ndarray]:
    """A Moffat profile as a sum of round Gaussians.

    ``(1 + r²/a²)^-β`` is the mean of ``exp(-t r²/a²)`` over a gamma distribution of t, so
    Gauss-Laguerre quadrature gives the Gaussians; the flux of each goes as 1/t.

    Parameters
    ----------
    fwhm : float
        Full width at half maximum [px].

    Returns
    -------
    share, sigma : ndarray (5,)
        Fraction of the flux, and width [px], of each Gaussian.
    """
    core = fwhm / (2.0 * np.sqrt(2.0 ** (1.0 / MOFFAT_BETA) - 1.0))
    return _SHARES, core / np.sqrt(2.0 * _NODES)


def render_round(
    shape: tuple[int, int],
    x: np.ndarray,
    y: np.ndarray,
    flux: np.ndarray,
    width: np.ndarray,
    fwhm: float,
) -> np.ndarray:
    """Image of stars and of galaxies too faint to show a shape.

    Parameters
    ----------
    shape : (height, width)
    x, y, flux : ndarray (m,)
        Pixel coordinates, counted from 0 at the centre of the first pixel, and total fluxes.
    width : ndarray (m,)
        Intrinsic Gaussian width [px]; 0 for a star.
    fwhm : float
        Seeing [px].

    Returns
    -------
    ndarray (height, width) float64
    """
    share, sigma = moffat_components(fwhm)
    blurred = np.hypot(sigma, width[:, None])
    columns = _profiles(shape[1], x, blurred)
    rows = _profiles(shape[0], y, blurred) * (flux[:, None] * share)[:, :, None]
    # One small product a component: BLAS would start threads for a single large one, and those
    # would fight the other workers for their cores.
    return np.matmul(rows.transpose(1, 2, 0), columns.transpose(1, 0, 2)).sum(axis=0)


def render_glow(shape: tuple[int, int], glow: Glow, fwhm: float) -> np.ndarray:
    """Image (height, width) of extended light, in px, in a seeing of `fwhm` [px]."""
    image = np.zeros(shape)
    x, y = np.arange(shape[1]) - glow.x[:, None], np.arange(shape[0]) - glow.y[:, None]
    for share, sigma in zip(*moffat_components(fwhm), strict=True):
        blurred = glow.blurred(sigma)
        determinant = blurred.xx * blurred.yy - blurred.xy**2
        px, pxy, py = (part / determinant for part in (blurred.yy, blurred.xy, blurred.xx))
        peak = share * glow.flux / (2.0 * np.pi * np.sqrt(determinant))
        for row in range(len(glow)):
            power = px[row] * x[row] ** 2 - 2.0 * pxy[row] * y[row][:, None] * x[row]
            power += py[row] * (y[row] ** 2)[:, None]
            image += peak[row] * np.exp(-0.5 * power)
    return image


def sersic_image(
    size: int,
    x: float,
    y: float,
    *,
    radius: float,
    index: float,
    axis_ratio: float,
    angle: float,
) -> np.ndarray:
    """Image of a galaxy of unit flux as seen from above the atmosphere.

    Parameters
    ----------
    size : int
        Height and width [px].
    x, y : float
        Centre [px], counted as in `render_round`.
    radius, index, axis_ratio, angle : float
        Half-light radius [px], Sérsic index, minor/major axis, position angle [rad].

    Returns
    -------
    ndarray (size, size) float64
    """
    fine = 3 if radius < 4.0 else 1
    steps = (np.arange(size * fine) + 0.5) / fine - 0.5
    east, north = (steps - x)[None, :], (steps - y)[:, None]
    along = east * np.cos(angle) + north * np.sin(angle)
    across = north * np.cos(angle) - east * np.sin(angle)
    squared = (along**2 * axis_ratio + across**2 / axis_ratio + 0.05) / radius**2
    image = np.exp(-_steepness(index) * squared ** (0.5 / index))
    image = image.reshape(size, fine, size, fine).mean(axis=(1, 3))
    return image / _sersic_flux(radius, index)


class Blur:
    """Convolution of one square image with the atmosphere of many nights.

    The image's own rim is lost to wrap-around: give one larger than what is wanted.

    Parameters
    ----------
    image : ndarray (size, size)
        Seen from above the atmosphere.
    """

    def __init__(self, image: np.ndarray) -> None:
        self._size = image.shape[0]
        self._transform = np.fft.rfft2(image)
        self._down = np.fft.fftfreq(self._size)[:, None]
        self._right = np.fft.rfftfreq(self._size)[None, :]

    def __call__(self, fwhm: float, shift: tuple[float, float] = (0.0, 0.0)) -> np.ndarray:
        """The image in a seeing of `fwhm` [px], moved by `shift` (x, y) [px]."""
        share, sigma = moffat_components(fwhm)
        squared = 2.0 * np.pi**2 * (self._down**2 + self._right**2)
        transfer = np.tensordot(share, np.exp(-(sigma**2)[:, None, None] * squared), axes=1)
        move = np.exp(-2j * np.pi * self._right * shift[0])
        move = move * np.exp(-2j * np.pi * self._down * shift[1])
        return np.fft.irfft2(self._transform * transfer * move, s=(self._size, self._size))


def _profiles(length: int, centre: np.ndarray, sigma: np.ndarray) -> np.ndarray:
    """Gaussians of unit sum along an axis, (m, components, length)."""
    distance = np.arange(length) - centre[:, None, None]
    width = sigma[:, :, None]
    return np.exp(-0.5 * (distance / width) ** 2) / (np.sqrt(2.0 * np.pi) * width)


def _steepness(index: float) -> float:
    """Sérsic's b_n to better than 2 per cent for indices above 0.5."""
    return 2.0 * index - 1.0 / 3.0


def _sersic_flux(radius: float, index: float) -> float:
    """Flux of a profile whose central brightness is one (Graham & Driver 2005, eq. 2)."""
    shape = index * _steepness(index) ** (-2.0 * index) * math.gamma(2.0 * index)
    return 2.0 * np.pi * radius**2 * shape
