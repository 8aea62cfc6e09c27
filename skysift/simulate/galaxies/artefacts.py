"""What is taken for a galaxy and is none: bright stars and trails."""

from __future__ import annotations

import math

import numpy as np

from skysift.simulate.frames._pixels import draw_halos, draw_line
from skysift.simulate.galaxies._seeing_loops import draw_stars
from skysift.simulate.galaxies.camera import MOFFAT_BETA, View

SPIKES = 0.12
"""Share of its far light in diffraction spikes."""
FAR_LIGHT = 0.05
"""Share of a bright star's light in aureole and spikes."""


def add_bright_star(
    image: np.ndarray, magnitude: float, view: View, *, rng: np.random.Generator
) -> None:
    """Add a star that outshines its picture, near the middle: core, aureole and spikes.

    Parameters
    ----------
    image : ndarray (3, side, side) float32
        [nanomaggies per pixel]; changed.
    magnitude : float
        In r.
    view : View
    rng : Generator
    """
    side = image.shape[1]
    x, y = side / 2.0 + rng.normal(0.0, side / 16.0, (2, 1))
    colour = rng.uniform(0.2, 1.4)
    tones = np.array([-colour, 0.0, 0.5 * colour])
    flux = 10.0 ** (-0.4 * (magnitude - 22.5) + 0.4 * tones)
    faint = 0.05 * view.sky_noise
    draw_stars(image, x, y, flux[None, :], view.widths, faint, MOFFAT_BETA, view.shear)
    turn = rng.uniform(0.0, np.pi) if view.survey.name == "decals" else math.pi / 4.0
    spikes = turn + np.array([0.0, np.pi / 2.0])
    for band in range(3):
        far = np.array([FAR_LIGHT * flux[band]])
        core = 2.5 / view.pixel
        draw_halos(image[band], x, y, far, np.array([side]), core, spikes, SPIKES)


def add_trail(image: np.ndarray, contrast: float, view: View, *, rng: np.random.Generator) -> None:
    """Add the trail of something that moved.

    Bands are exposed one after another: a trail has one colour.

    Parameters
    ----------
    image : ndarray (3, side, side) float32
        [nanomaggies per pixel]; changed.
    contrast : float
        With the sky's noise.
    view : View
    rng : Generator
    """
    side = image.shape[1]
    band = int(rng.integers(3))
    sigma = rng.uniform(0.5, 1.0) * view.widths[band]
    x, y = side / 2.0 + rng.normal(0.0, side / 10.0, 2)
    peak = contrast * view.sky_noise[band]
    draw_line(image[band], x, y, rng.uniform(0.0, np.pi), peak, sigma)
