"""Loops over pixels: what the atmosphere and resampling do to light and noise."""

from __future__ import annotations

import math

import numpy as np

from skysift.compiled import compiled_in_any_order


@compiled_in_any_order
def draw_stars(
    image: np.ndarray,
    x: np.ndarray,
    y: np.ndarray,
    flux: np.ndarray,
    fwhm: np.ndarray,
    faint: np.ndarray,
    beta: float,
    shear: tuple[float, float],
) -> None:
    """Add stars, as the seeing shows them: Moffat profiles, pixels near the centre divided.

    Parameters
    ----------
    image : ndarray (3, height, width) float32
        Changed.
    x, y : ndarray (n,)
        Places [px].
    flux : ndarray (n, 3)
    fwhm, faint : ndarray (3,)
        Width [px], and the light per pixel down to which a star is drawn, by band.
    beta : float
        Of the profile.
    shear : (g1, g2)
    """
    bands, height, width = image.shape
    g1, g2 = shear
    for i in range(len(x)):
        for band in range(bands):
            core = fwhm[band] / (2.0 * math.sqrt(2.0 ** (1.0 / beta) - 1.0))
            peak = flux[i, band] * (beta - 1.0) / (math.pi * core * core)
            far = core * math.sqrt(max(peak / faint[band], 1.0) ** (1.0 / beta)) + 2.0
            for row in range(max(int(y[i] - far), 0), min(int(y[i] + far) + 2, height)):
                for column in range(max(int(x[i] - far), 0), min(int(x[i] + far) + 2, width)):
                    near = abs(row - y[i]) < 2.5 and abs(column - x[i]) < 2.5
                    parts = 4 if near else 1
                    light = 0.0
                    for part in range(parts * parts):
                        dx = column - x[i] + (part % parts + 0.5) / parts - 0.5
                        dy = row - y[i] + (part // parts + 0.5) / parts - 0.5
                        sx, sy = (1.0 - g1) * dx - g2 * dy, (1.0 + g1) * dy - g2 * dx
                        light += (1.0 + (sx * sx + sy * sy) / (core * core)) ** -beta
                    image[band, row, column] += peak * light / (parts * parts)


@compiled_in_any_order
def transfer(
    table: np.ndarray,
    step: float,
    side: int,
    fwhm: np.ndarray,
    shear: tuple[float, float],
) -> np.ndarray:
    """Fourier transform of the point spread functions; light is averaged over pixels already.

    Parameters
    ----------
    table : ndarray (n,)
        Transform of a PSF of unit width at steps of `step` [rad], from 0 to where it is 0.
    step : float
    side : int
        Of the image [px].
    fwhm : ndarray (3,)
        Widths [px].
    shear : (g1, g2)
        How the images of stars are drawn out.

    Returns
    -------
    ndarray (3, side, side // 2 + 1) float32
    """
    result = np.empty((3, side, side // 2 + 1), np.float32)
    g1, g2 = shear
    for row in range(side):
        ky = 2.0 * math.pi * (row if row <= side // 2 else row - side) / side
        for column in range(side // 2 + 1):
            kx = 2.0 * math.pi * column / side
            sx, sy = (1.0 + g1) * kx + g2 * ky, (1.0 - g1) * ky + g2 * kx
            size = math.sqrt(sx * sx + sy * sy)
            for band in range(3):
                place = size * fwhm[band] / step
                low = int(place)
                if low + 1 >= len(table):
                    result[band, row, column] = 0.0
                    continue
                part = place - low
                result[band, row, column] = (1.0 - part) * table[low] + part * table[low + 1]
    return result


@compiled_in_any_order
def smooth(image: np.ndarray, weight: float, times: int) -> None:
    """Blur the images (3, height, width) with ``(w, 1 - 2 w, w)`` both ways, `times` times."""
    bands, height, width = image.shape
    middle = np.float32(1.0 - 2.0 * weight)
    side = np.float32(weight)
    line = np.empty(max(height, width), np.float32)
    for _ in range(times):
        for band in range(bands):
            for row in range(height):
                for i in range(width):
                    line[i] = image[band, row, i]
                for i in range(width):
                    before, behind = line[max(i - 1, 0)], line[min(i + 1, width - 1)]
                    image[band, row, i] = middle * line[i] + side * (before + behind)
            for column in range(width):
                for i in range(height):
                    line[i] = image[band, i, column]
                for i in range(height):
                    before, behind = line[max(i - 1, 0)], line[min(i + 1, height - 1)]
                    image[band, i, column] = middle * line[i] + side * (before + behind)
