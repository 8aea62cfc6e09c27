"""Stars of our own and galaxies far behind, which happen to lie in the picture."""

from __future__ import annotations

import numpy as np

from skysift.simulate.galaxies import _pixels
from skysift.simulate.galaxies.survey import Survey

STARS = 2.4e-4
"""Stars brighter than `FAINTEST` a square arcsecond: at high galactic latitude, about."""
GALAXIES = 1.1e-3
"""Galaxies likewise."""
BRIGHTEST, FAINTEST = 14.5, 22.5


def add_background(
    canvas: np.ndarray, survey: Survey, pixel: float, *, rng: np.random.Generator
) -> None:
    """Add galaxies far behind to a canvas (3, side, side) [nanomaggies per pixel]."""
    side = canvas.shape[1]
    count = rng.poisson(GALAXIES * (side * pixel) ** 2)
    flux = _fluxes(count, 0.42, rng)
    colour = rng.normal(0.85, 0.35, count).clip(0.1, 1.8)  # g - r
    redder = np.stack([-colour, np.zeros(count), 0.45 * colour + 0.05 * (colour > 1.2)], axis=1)
    x, y = rng.uniform(0.0, side, (2, count))
    width = rng.lognormal(np.log(0.55), 0.35, count) * (flux / flux.mean() if count else 1) ** 0.2
    _pixels.draw_blobs(
        canvas, x, y, width / pixel, rng.uniform(0.4, 1.0, count),
        rng.uniform(0.0, np.pi, count), flux[:, None] * 10.0 ** (0.4 * redder),
    )  # fmt: skip


def draw_stars(
    side: int, survey: Survey, pixel: float, *, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw stars in a square picture.

    Returns
    -------
    x, y : ndarray (n,)
        Places [px].
    flux : ndarray (n, 3)
        By band [nanomaggies].
    """
    count = rng.poisson(STARS * (side * pixel) ** 2)
    # Most stars are red dwarfs: g - r of 1.4, and redder still in i and z.
    colour = np.where(rng.random(count) < 0.6, rng.normal(1.4, 0.1, count),
                      rng.normal(0.65, 0.2, count))  # fmt: skip
    dwarf = colour > 1.2
    red = np.where(dwarf, rng.uniform(0.7, 1.6, count), 0.35 * colour)
    if survey.bands[2] == "z":
        red = 1.55 * red
    tones = np.stack([-colour, np.zeros(count), red], axis=1)
    x, y = rng.uniform(0.0, side, (2, count))
    return x, y, _fluxes(count, 0.25, rng)[:, None] * 10.0 ** (0.4 * tones)


def _fluxes(count: int, slope: float, rng: np.random.Generator) -> np.ndarray:
    """r fluxes [nanomaggies] with number counts of `slope` dex a magnitude."""
    lowest = 10.0 ** (slope * (BRIGHTEST - FAINTEST))
    magnitude = FAINTEST + np.log10(rng.uniform(lowest, 1.0, count)) / slope
    return 10.0 ** (-0.4 * (magnitude - 22.5))
