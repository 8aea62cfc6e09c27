"""Loops over pixels: stars, Gaussians, halos, charge that overflows, and resampling."""

from __future__ import annotations

import math

import numpy as np

from skysift.compiled import compiled_in_any_order

REACH = 4.5
"""Gaussians are drawn out to this many widths."""
LANCZOS = 3
"""Zeros of the resampling kernel on each side."""
PHASES = 1024
"""Steps within a pixel for which the kernel is computed beforehand."""


def _lanczos_table() -> np.ndarray:
    """Weights of six pixels (`PHASES` + 1, 6) for a place between the two in the middle."""
    phase = np.arange(PHASES + 1)[:, None] / PHASES
    away = phase + LANCZOS - 1 - np.arange(2 * LANCZOS)
    weight = np.where(np.abs(away) < LANCZOS, np.sinc(away) * np.sinc(away / LANCZOS), 0.0)
    return (weight / weight.sum(axis=1, keepdims=True)).astype(np.float32)


_KERNEL = _lanczos_table()


@compiled_in_any_order
def draw_stars(
    image: np.ndarray,
    x: np.ndarray,
    y: np.ndarray,
    flux: np.ndarray,
    reach: np.ndarray,
    cell: np.ndarray,
    psfs: np.ndarray,
    fine: int,
) -> None:
    """Add stars to an image.

    Parameters
    ----------
    image : ndarray (height, width) float32
    x, y, flux : ndarray (n,)
        Places [px] and fluxes.
    reach : ndarray (n,) of int
        Half of the side of what is drawn [px].
    cell : ndarray (n,) of int
        Which of `psfs` each has.
    psfs : ndarray (cells, side, side) float32
        Light per pixel at steps of 1/`fine` px; the middle one is at the star.
    fine : int
    """
    height, width = image.shape
    middle = psfs.shape[1] // 2
    across, down = np.empty(4, np.float32), np.empty(4, np.float32)
    for i in range(len(x)):
        column, row = math.floor(x[i] + 0.5), math.floor(y[i] + 0.5)
        to_x, to_y = (column - x[i]) * fine, (row - y[i]) * fine
        left, low = math.floor(to_x), math.floor(to_y)
        _cubic(to_x - left, across)
        _cubic(to_y - low, down)
        psf, light, side = psfs[cell[i]], np.float32(flux[i]), reach[i]
        for r in range(max(row - side, 0), min(row + side + 1, height)):
            top = middle + (r - row) * fine + low - 1
            for c in range(max(column - side, 0), min(column + side + 1, width)):
                start = middle + (c - column) * fine + left - 1
                value = np.float32(0.0)
                for j in range(4):
                    line = psf[top + j]
                    value += down[j] * (
                        across[0] * line[start]
                        + across[1] * line[start + 1]
                        + across[2] * line[start + 2]
                        + across[3] * line[start + 3]
                    )
                image[r, c] += light * value


@compiled_in_any_order
def _cubic(t: float, weight: np.ndarray) -> None:
    """Weights of four neighbours (Keys 1981, IEEE ASSP 29, 1153; a = -1/2)."""
    weight[0] = ((-0.5 * t + 1.0) * t - 0.5) * t
    weight[1] = (1.5 * t - 2.5) * t * t + 1.0
    weight[2] = ((-1.5 * t + 2.0) * t + 0.5) * t
    weight[3] = (0.5 * t - 0.5) * t * t


@compiled_in_any_order
def draw_gaussians(
    image: np.ndarray,
    x: np.ndarray,
    y: np.ndarray,
    flux: np.ndarray,
    xx: np.ndarray,
    xy: np.ndarray,
    yy: np.ndarray,
    blur: float,
) -> None:
    """Add elliptical Gaussians to an image.

    Parameters
    ----------
    image : ndarray (height, width) float32
    x, y, flux, xx, xy, yy : ndarray (n,)
        As in `Glow` [px].
    blur : float
        Width [px] of a round Gaussian that all are blurred by; at least 0.6, or they fall between
        the pixels.
    """
    height, width = image.shape
    for i in range(len(x)):
        a, b, c = xx[i] + blur * blur, xy[i], yy[i] + blur * blur
        determinant = a * c - b * b
        scale = flux[i] / (2.0 * math.pi * math.sqrt(determinant))
        px, pxy, py = -0.5 * c / determinant, b / determinant, -0.5 * a / determinant
        far_x, far_y = REACH * math.sqrt(a), REACH * math.sqrt(c)
        first, last = max(int(x[i] - far_x), 0), min(int(x[i] + far_x) + 2, width)
        for r in range(max(int(y[i] - far_y), 0), min(int(y[i] + far_y) + 2, height)):
            dy = r - y[i]
            line = image[r]
            for k in range(first, last):
                dx = k - x[i]
                line[k] += scale * math.exp(px * dx * dx + pxy * dx * dy + py * dy * dy)


@compiled_in_any_order
def draw_halos(
    image: np.ndarray,
    x: np.ndarray,
    y: np.ndarray,
    flux: np.ndarray,
    reach: np.ndarray,
    scale: float,
    spikes: np.ndarray,
    spike_share: float,
) -> None:
    """Add the far light of bright stars: an aureole that falls as 1/r³, and diffraction spikes.

    Parameters
    ----------
    image : ndarray (height, width) float32
    x, y, flux : ndarray (n,)
        Places [px], and fluxes of aureole and spikes.
    reach : ndarray (n,) of int
        Half of the side of what is drawn [px].
    scale : float
        Radius of the aureole's core [px].
    spikes : ndarray (m,)
        Their directions [rad].
    spike_share : float
        Part of the flux in spikes.
    """
    height, width = image.shape
    soft = scale * scale
    for i in range(len(x)):
        column, row, side = int(x[i]), int(y[i]), reach[i]
        bright = flux[i] * (1.0 - spike_share) * scale / (2.0 * math.pi)
        streak = flux[i] * spike_share / (4.0 * len(spikes) * scale)
        for r in range(max(row - side, 0), min(row + side + 1, height)):
            dy = r - y[i]
            for c in range(max(column - side, 0), min(column + side + 1, width)):
                dx = c - x[i]
                square = dx * dx + dy * dy + soft
                value = bright / (square * math.sqrt(square))
                for k in range(len(spikes)):
                    off = dy * math.cos(spikes[k]) - dx * math.sin(spikes[k])
                    if abs(off) < 6.0:
                        value += streak * soft / square * 0.33 * math.exp(-0.35 * off * off)
                image[r, c] += value


@compiled_in_any_order
def overflow(image: np.ndarray, full: float) -> None:
    """Let charge above the full well run up and down its column, half each way, until it fits."""
    height, width = image.shape
    for c in range(width):
        for step in (1, -1):
            carried = 0.0
            row = 0 if step == 1 else height - 1
            for _ in range(height):
                if carried > 0.0:
                    room = max(full - image[row, c], 0.0)
                    taken = min(room, carried)
                    image[row, c] += taken
                    carried -= taken
                excess = image[row, c] - full
                if excess > 0.0:
                    part = excess * (0.5 if step == 1 else 1.0)
                    image[row, c] -= part
                    carried += part
                row += step


@compiled_in_any_order
def resample(
    image: np.ndarray, x: np.ndarray, y: np.ndarray, step: int, shape: tuple[int, int]
) -> np.ndarray:
    """Value of an image at places that vary smoothly over another (Lanczos, three zeros a side).

    Parameters
    ----------
    image : ndarray (height, width) float32
        Without NaN.
    x, y : ndarray (rows, columns) float64
        Places in `image` [px] of every `step`-th pixel of the other one.
    step : int
    shape : (height, width)
        Of the other one.

    Returns
    -------
    ndarray `shape` float32
        NaN where the kernel leaves the image.
    """
    height, width = image.shape
    result = np.empty(shape, np.float32)
    for r in range(shape[0]):
        gr, fr = r // step, (r % step) / step
        for c in range(shape[1]):
            gc, fc = c // step, (c % step) / step
            sx = (1.0 - fr) * ((1.0 - fc) * x[gr, gc] + fc * x[gr, gc + 1]) + fr * (
                (1.0 - fc) * x[gr + 1, gc] + fc * x[gr + 1, gc + 1]
            )
            sy = (1.0 - fr) * ((1.0 - fc) * y[gr, gc] + fc * y[gr, gc + 1]) + fr * (
                (1.0 - fc) * y[gr + 1, gc] + fc * y[gr + 1, gc + 1]
            )
            whole_x, whole_y = math.floor(sx), math.floor(sy)
            left, low = whole_x - LANCZOS + 1, whole_y - LANCZOS + 1
            inside = left >= 0 and low >= 0
            if not (inside and left + 2 * LANCZOS <= width and low + 2 * LANCZOS <= height):
                result[r, c] = np.nan
                continue
            across = _KERNEL[int((sx - whole_x) * PHASES + 0.5)]
            down = _KERNEL[int((sy - whole_y) * PHASES + 0.5)]
            value = np.float32(0.0)
            for j in range(2 * LANCZOS):
                line = image[low + j]
                part = np.float32(0.0)
                for k in range(2 * LANCZOS):
                    part += across[k] * line[left + k]
                value += down[j] * part
            result[r, c] = value
    return result


@compiled_in_any_order
def draw_line(
    image: np.ndarray, x: float, y: float, angle: float, peak: float, sigma: float
) -> None:
    """Add a straight line without ends through (x, y) [px], Gaussian across; `angle` in radians."""
    height, width = image.shape
    sine, cosine = math.sin(angle), math.cos(angle)
    for r in range(height):
        for c in range(width):
            off = abs((c - x) * sine - (r - y) * cosine)
            if off < REACH * sigma:
                image[r, c] += peak * math.exp(-0.5 * (off / sigma) ** 2)
