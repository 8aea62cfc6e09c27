"""How bright a comet is: apertures on the difference frame, and how far its coma reaches.

The reference has the stars, so the difference has the comet alone, as long as there is none in the
reference; where one is, the light found here is too little. Apertures have sizes on the sky, so
that a comet is measured alike on every night; light beyond them is not made up for.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from astropy.stats import mad_std
from scipy import ndimage

from skysift.alerts.photometry import MAG_PER_RELATIVE_FLUX

RADII = (5.0, 10.0, 15.0)
"""Of the apertures [arcsec]."""

RING = 2.5
"""Width of the rings of the profile [arcsec]."""

LARGEST = 75.0
"""Radius to which a coma is followed [arcsec]."""

SKY = (25.0, 100.0)
"""Radii between which sky and noise are measured [arcsec]."""

CLIP, ROUNDS = 3.0, 4
"""Pixels farther from the sky than so many sigma are not it; and how often that is decided."""

MEETS_NOISE = 2.0
"""A ring whose light is less than so many of its own errors belongs to the sky."""

MEDIAN_ERROR = 1.2533
"""Error of a median over that of a mean, √(π/2)."""

LEAST_SKY = 200
"""Pixels without which sky and noise are not known."""

LARGEST_BAD = 0.5
"""Share of an aperture without data above which its light is not known."""

LIMIT = 5.0
"""Sigma of the limiting magnitude."""


@dataclass(frozen=True)
class Camera:
    """What turns pixels into light.

    Attributes
    ----------
    scale : float
        Side of a pixel [arcsec].
    zeropoint : float
        Magnitude of one DN.
    gain : float
        Electrons a DN; NaN where it is not known: then only the sky's noise counts.
    """

    scale: float
    zeropoint: float
    gain: float


@dataclass(frozen=True)
class Photometry:
    """Light of one comet; NaN where it is not known, or no light is left.

    Attributes
    ----------
    mags, sigmas : tuple of float
        Within `RADII`, and one sigma of each [mag].
    coma_radius : float
        Where the profile meets the noise, but at least the first of `RADII` [arcsec]; NaN if there
        is no light to begin with.
    magcoma, sigmagcoma : float
        Within that.
    limit : float
        Magnitude of `LIMIT` sigma of the sky within the first aperture.
    bad : float
        Share of the first aperture without data.
    """

    mags: tuple[float, ...]
    sigmas: tuple[float, ...]
    coma_radius: float
    magcoma: float
    sigmagcoma: float
    limit: float
    bad: float


def measure(difference: np.ndarray, x: float, y: float, camera: Camera) -> Photometry:
    """Measure a comet.

    Pixels without data are given the mean of their ring. The sky is what is left, far out, of a
    coma that falls as one over the distance (Jewitt & Meech 1987, ApJ 317, 992), so that a large
    one is not taken for sky. Errors are of sky, photons and the sky's own uncertainty, and take
    the noise of neighbouring pixels as independent.

    Parameters
    ----------
    difference : ndarray (h, w), float
        Of the whole frame [DN]; NaN where there are no data.
    x, y : float
        Column and row of the nucleus, from 0 at the centre of the first pixel.
    camera : Camera
    """
    pixels, x, y = _around(difference, x, y, SKY[1] / camera.scale)
    rows, columns = np.indices(pixels.shape)
    away = np.hypot(columns - x, rows - y) * camera.scale
    known = np.isfinite(pixels)
    bad = 1.0 - float(known[away <= RADII[0]].mean())
    sky = _sky(pixels, away)
    if sky is None:
        nothing = (np.nan,) * len(RADII)
        return Photometry(nothing, nothing, np.nan, np.nan, np.nan, np.nan, bad)
    filled, profile, error = _rings(pixels - sky.level, known, away, sky)
    coma = _coma_radius(profile, error)
    radii = (*RADII, coma if np.isfinite(coma) else RADII[0])
    fluxes, errors = _apertures(filled, (x, y), radii, camera, sky)
    lost = np.array([1.0 - known[away <= radius].mean() for radius in radii])
    fluxes[lost > LARGEST_BAD] = np.nan
    fluxes[-1] = fluxes[-1] if np.isfinite(coma) else np.nan
    mags, sigmas = _magnitudes(fluxes, errors, camera.zeropoint)
    faintest = LIMIT * sky.noise * np.sqrt(np.pi) * RADII[0] / camera.scale
    limit = float(_magnitudes(np.array([faintest]), np.ones(1), camera.zeropoint)[0][0])
    return Photometry(tuple(mags[:-1]), tuple(sigmas[:-1]), coma, mags[-1], sigmas[-1], limit, bad)


@dataclass(frozen=True)
class _Sky:
    """Level of the sky, the error of that, and the noise of a pixel [DN]."""

    level: float
    error: float
    noise: float


def _sky(pixels: np.ndarray, away: np.ndarray) -> _Sky | None:
    """Fit level + coma / distance to the surroundings; None where there are too few of them."""
    used = np.isfinite(pixels) & (away >= SKY[0]) & (away < SKY[1])
    values = pixels[used]
    terms = np.stack([np.ones(len(values)), SKY[0] / away[used]], axis=1)
    kept = np.ones(len(values), bool)
    for _ in range(ROUNDS):
        if kept.sum() < LEAST_SKY:
            return None
        square = terms[kept].T @ terms[kept]
        solution = np.linalg.solve(square, terms[kept].T @ values[kept])
        apart = values - terms @ solution
        noise = float(mad_std(apart[kept]))
        kept = np.abs(apart) <= CLIP * noise
    error = noise * float(np.sqrt(np.linalg.inv(square)[0, 0]))
    return _Sky(float(solution[0]), error, noise)


def _around(image: np.ndarray, x: float, y: float, reach: float) -> tuple[np.ndarray, float, float]:
    """Cut out what is within reach [px]; also the place in it. NaN beyond the image."""
    half = int(np.ceil(reach)) + 1
    column, row = round(float(x)), round(float(y))
    part = np.full((2 * half + 1, 2 * half + 1), np.nan)
    top, left = row - half, column - half
    inside = image[max(top, 0) : row + half + 1, max(left, 0) : column + half + 1]
    down, across = max(-top, 0), max(-left, 0)
    part[down : down + inside.shape[0], across : across + inside.shape[1]] = inside
    return part, x - left, y - top


def _rings(
    light: np.ndarray, known: np.ndarray, away: np.ndarray, sky: _Sky
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The light with its gaps filled; and median and error of each ring of the profile.

    Medians do not see what is left of stars; what fills a gap is the mean, for the middle is steep.
    """
    ring = (away / RING).astype(int)
    count = np.bincount(ring[known], minlength=ring.max() + 1)
    there = np.flatnonzero(count)
    mean = np.bincount(ring[known], light[known], minlength=len(count))[there] / count[there]
    filled = np.where(known, light, np.interp(ring, there, mean))
    rings = np.arange(int(LARGEST / RING))
    middle = ndimage.median(light, np.where(known, ring, -1), rings)
    with np.errstate(divide="ignore"):
        error = MEDIAN_ERROR * sky.noise / np.sqrt(count[rings])
    return filled, middle, np.hypot(error, sky.error)


def _coma_radius(profile: np.ndarray, error: np.ndarray) -> float:
    """Outer radius of the last ring before two in a row that belong to the sky [arcsec]."""
    dark = ~(profile > MEETS_NOISE * error)
    ends = np.flatnonzero(dark & np.append(dark[1:], True))
    rings = int(ends[0]) if len(ends) else len(profile)
    return max(RING * rings, RADII[0]) if rings else float("nan")


def _apertures(
    light: np.ndarray,
    place: tuple[float, float],
    radii: tuple[float, ...],
    camera: Camera,
    sky: _Sky,
) -> tuple[np.ndarray, np.ndarray]:
    """Flux within each radius, and its error [DN]."""
    from photutils.aperture import CircularAperture, aperture_photometry

    variance = np.full(light.shape, sky.noise**2)
    if np.isfinite(camera.gain) and camera.gain > 0:
        variance += np.maximum(light, 0.0) / camera.gain
    apertures = [CircularAperture(place, radius / camera.scale) for radius in radii]
    table = aperture_photometry(light, apertures, error=np.sqrt(variance))
    fluxes = np.array([table[f"aperture_sum_{i}"][0] for i in range(len(radii))])
    errors = np.array([table[f"aperture_sum_err_{i}"][0] for i in range(len(radii))])
    areas = np.array([aperture.area for aperture in apertures])
    return fluxes, np.hypot(errors, areas * sky.error)


def _magnitudes(
    fluxes: np.ndarray, errors: np.ndarray, zeropoint: float
) -> tuple[list[float], list[float]]:
    """Magnitudes and their errors; NaN where there is no light."""
    positive = np.where(fluxes > 0, fluxes, np.nan)
    mags = zeropoint - 2.5 * np.log10(positive)
    return mags.tolist(), (MAG_PER_RELATIVE_FLUX * errors / positive).tolist()
