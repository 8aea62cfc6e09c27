"""What the camera adds: noise, full pixels, cosmic rays, ghosts, trails and bad columns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from skysift.simulate.frames import _pixels
from skysift.simulate.frames.camera import SATURATION

COSMIC_RAYS = 40.0
"""Mean number on a full quadrant: muons at 1 / cm² / min for 40 s, and as many scattered photons
(Groom 2002, Exp. Astron. 14, 45)."""
SATELLITES = 0.12
"""Mean number of trails on a full quadrant (Mróz et al. 2022, ApJL 924, L30: a fifth of twilight
frames of ZTF have one)."""
GHOST_STAR = 9.5
"""Magnitude above which a star may have a ghost."""
GRADIENT = 0.012
"""Scatter of the sky's slope across a frame, over its level."""
FULL_AREA = 3072.0 * 3080.0


@dataclass(frozen=True)
class Defect:
    """Something in the frame that is not on the sky; `flux` in DN, `radius` in px."""

    kind: str
    x: float
    y: float
    flux: float
    radius: float


def add_sky(image: np.ndarray, level: float, *, rng: np.random.Generator) -> None:
    """Add sky [DN] with a slope and a bow, as the Moon and an uneven flat field leave it."""
    height, width = image.shape
    down = np.linspace(-0.5, 0.5, height, dtype=np.float32)[:, None]
    across = np.linspace(-0.5, 0.5, width, dtype=np.float32)
    slope = rng.normal(0.0, GRADIENT, 2).astype(np.float32)
    bow = rng.normal(0.0, GRADIENT, 3).astype(np.float32)
    image += np.float32(level) * (1.0 + down * (slope[0] + bow[0] * down + bow[1] * across))
    image += np.float32(level) * (across * (slope[1] + bow[2] * across))


def add_ghosts(
    image: np.ndarray,
    x: np.ndarray,
    y: np.ndarray,
    mag: np.ndarray,
    flux: np.ndarray,
    *,
    rng: np.random.Generator,
) -> list[Defect]:
    """Add reflections of bright stars: wide discs with a hole, some way from the star.

    Parameters
    ----------
    image : ndarray (height, width) float32
        Changed.
    x, y, mag, flux : ndarray (n,)
        Stars.
    rng : numpy.random.Generator
    """
    ghosts = []
    for star in np.flatnonzero(mag < GHOST_STAR):
        if rng.random() < 0.5:
            continue
        radius = float(rng.uniform(30.0, 110.0))
        centre = (float(x[star] + rng.normal(0.0, 150.0)), float(y[star] + rng.normal(0.0, 150.0)))
        light = float(flux[star] * rng.lognormal(np.log(1.5e-3), 0.6))
        if _add_ring(image, centre, radius, float(rng.uniform(0.25, 0.55)), light):
            ghosts.append(Defect("ghost", *centre, light, radius))
    return ghosts


def _add_ring(
    image: np.ndarray, centre: tuple[float, float], radius: float, hole: float, flux: float
) -> bool:
    """Add a disc with a soft rim and a hole; False if its centre is off the frame."""
    height, width = image.shape
    x, y = centre
    if not (0 <= x < width and 0 <= y < height):
        return False
    reach = int(radius + 20)
    rows = np.arange(max(int(y) - reach, 0), min(int(y) + reach, height))[:, None]
    columns = np.arange(max(int(x) - reach, 0), min(int(x) + reach, width))
    distance = np.hypot(rows - y, columns - x)
    disc = 1.0 / (1.0 + np.exp((distance - radius) / 2.0))
    disc -= 0.8 / (1.0 + np.exp((distance - hole * radius) / 2.0))
    area = np.pi * radius**2 * (1.0 - 0.8 * hole**2)
    image[rows[0, 0] : rows[-1, 0] + 1, columns[0] : columns[-1] + 1] += flux * disc / area
    return True


def add_satellites(image: np.ndarray, *, rng: np.random.Generator) -> list[Defect]:
    """Add trails of satellites, right through the frame and a little out of focus."""
    height, width = image.shape
    trails = []
    for _ in range(rng.poisson(SATELLITES * _share(image))):
        x, y = float(rng.uniform(0, width)), float(rng.uniform(0, height))
        peak, sigma = float(rng.lognormal(np.log(80.0), 1.0)), float(rng.uniform(1.0, 2.2))
        _pixels.draw_line(image, x, y, float(rng.uniform(0.0, np.pi)), peak, sigma)
        trails.append(Defect("satellite", x, y, 2.5 * peak * sigma * max(height, width), sigma))
    return trails


def add_cosmic_rays(image: np.ndarray, *, rng: np.random.Generator) -> list[Defect]:
    """Add tracks sharper than any star, mostly short; they do not pass through the optics."""
    height, width = image.shape
    rays = []
    for _ in range(rng.poisson(COSMIC_RAYS * _share(image))):
        length = 1.0 + float(min(rng.exponential(5.0), 60.0))
        x, y, angle = rng.uniform(0, width), rng.uniform(0, height), rng.uniform(0.0, 2.0 * np.pi)
        steps = np.linspace(-0.5, 0.5, int(3 * length) + 1) * length
        bend = 0.02 * rng.normal() * steps**2 / length
        columns = np.round(x + steps * np.cos(angle) - bend * np.sin(angle)).astype(int)
        rows = np.round(y + steps * np.sin(angle) + bend * np.cos(angle)).astype(int)
        inside = (columns >= 0) & (columns < width) & (rows >= 0) & (rows < height)
        charge = rng.lognormal(np.log(250.0), 0.8) * rng.lognormal(0.0, 0.3, len(steps)) / 3.0
        np.add.at(image, (rows[inside], columns[inside]), charge[inside].astype(np.float32))
        rays.append(Defect("cosmic_ray", float(x), float(y), float(charge.sum()), length / 2))
    return rays


def bad_columns(shape: tuple[int, int], *, rng: np.random.Generator) -> np.ndarray:
    """Draw the pixels of a channel that give no data, (height, width) of bool: parts of columns."""
    height, width = shape
    bad = np.zeros(shape, bool)
    for _ in range(rng.poisson(4.0 * width / 3072)):
        column, start = int(rng.integers(width)), int(rng.integers(height))
        stop = height if rng.random() < 0.7 else start + int(rng.exponential(300.0)) + 1
        bad[start:stop, column : column + int(rng.choice([1, 1, 1, 2, 3]))] = True
    return bad


def read_out(image: np.ndarray, noise: np.ndarray, *, rng: np.random.Generator) -> None:
    """Add noise, let full pixels overflow along their columns, and cut what is still too much.

    Parameters
    ----------
    image : ndarray (height, width) float32
        Light and sky [DN]; changed.
    noise : ndarray (height, width) float32
        Noise of each pixel [DN].
    rng : numpy.random.Generator
    """
    image += noise * rng.standard_normal(image.shape, dtype=np.float32)
    if image.max() > SATURATION:
        _pixels.overflow(image, SATURATION)
        np.minimum(image, SATURATION, out=image)


def _share(image: np.ndarray) -> float:
    return image.size / FULL_AREA
