"""Open the shutter: the reference of a field, and its exposures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from skysift.simulate.frames import _pixels
from skysift.simulate.frames.camera import EXPOSURE, PlaneMap, per_arcsec
from skysift.simulate.frames.defects import (
    Defect,
    add_cosmic_rays,
    add_ghosts,
    add_satellites,
    add_sky,
    read_out,
)
from skysift.simulate.frames.light import add_aureoles, add_glow, add_stars
from skysift.simulate.frames.pointing import Exposure, Pointing
from skysift.simulate.frames.psf import PsfField
from skysift.simulate.frames.surroundings import MARGIN, Field, seen_by
from skysift.simulate.frames.visitors import Visitor
from skysift.simulate.glow import Glow, join

TRAIL_STEP = 0.5
"""Steps [px] in which a moving source is drawn."""
VARIABLE_SHARE, VARIABILITY = 0.02, 0.12
"""Part of the stars that are not as bright as in the reference, and the scatter of the change."""


@dataclass(frozen=True)
class Image:
    """A frame as it was read out.

    Attributes
    ----------
    pixels : ndarray (height, width) float32
        [DN], sky included.
    psf : PsfField
    """

    pixels: np.ndarray
    psf: PsfField


@dataclass(frozen=True)
class Placed:
    """A visitor on the pixels of an exposure.

    Attributes
    ----------
    visitor : Visitor
    x, y : float
        Its nucleus in the middle of the exposure [px].
    glow : Glow
        Its light, in px and DN.
    trail : float
        How far it goes in the exposure [px].
    """

    visitor: Visitor
    x: float
    y: float
    glow: Glow
    trail: float


@dataclass(frozen=True)
class Exposed:
    """An exposure, and all that is known of what is on it.

    Attributes
    ----------
    image : Image
    noise : ndarray (height, width) float32
        Of each pixel [DN].
    placed : list of Placed
        Visitors, those off the frame too.
    defects : list of Defect
    star_x, star_y, star_change : ndarray (n,)
        Stars that vary [px], and by how much [DN].
    stars : int
        Stars on the frame.
    onto : PlaneMap
        From pixels of the reference to those of the exposure.
    """

    image: Image
    noise: np.ndarray
    placed: list[Placed]
    defects: list[Defect]
    star_x: np.ndarray
    star_y: np.ndarray
    star_change: np.ndarray
    stars: int
    onto: PlaneMap


def expose_reference(pointing: Pointing, field: Field, *, rng: np.random.Generator) -> Image:
    """Make the reference of a field: an average of images, without what moves or flickers.

    The average is not taken; its noise is that of one image over the square root of their number.
    """
    exposure = pointing.reference
    psf = PsfField(exposure.optics, pointing.shape)
    pixels = np.zeros(pointing.shape, np.float32)
    flux = _flux(field.mag, exposure)
    add_stars(pixels, field.x, field.y, flux, psf)
    add_aureoles(pixels, field.x, field.y, flux, np.radians(exposure.turn))
    add_glow(pixels, field.galaxies(exposure.zeropoint), psf)
    add_sky(pixels, exposure.sky, rng=rng)
    read_out(pixels, exposure.noise(pixels), rng=rng)
    return Image(pixels, psf)


def expose(
    pointing: Pointing,
    number: int,
    field: Field,
    visitors: list[Visitor],
    *,
    rng: np.random.Generator,
) -> Exposed:
    """Make one exposure of a field.

    Parameters
    ----------
    pointing : Pointing
    number : int
        Which of its exposures.
    field : Field
        Stars and galaxies.
    visitors : list of Visitor
    rng : numpy.random.Generator
    """
    exposure = pointing.exposures[number]
    onto = PlaneMap(pointing.reference.true_header, exposure.true_header, pointing.shape, MARGIN)
    psf = PsfField(exposure.optics, pointing.shape)
    pixels = np.zeros(pointing.shape, np.float32)

    x, y = onto(field.x, field.y)
    steady = _flux(field.mag, exposure)
    flux = _vary(steady, rng)
    add_stars(pixels, x, y, flux, psf)
    add_aureoles(pixels, x, y, flux, np.radians(exposure.turn))
    placed = [_place(visitor, pointing, number, onto) for visitor in visitors]
    galaxies = seen_by(field.galaxies(exposure.zeropoint), onto)
    add_glow(pixels, join([galaxies, *(one.glow for one in placed)]), psf)
    defects = add_ghosts(pixels, x, y, field.mag, flux, rng=rng)
    defects += add_satellites(pixels, rng=rng)
    add_sky(pixels, exposure.sky, rng=rng)
    defects += add_cosmic_rays(pixels, rng=rng)
    noise = exposure.noise(pixels)
    read_out(pixels, noise, rng=rng)
    changed = flux != steady
    height, width = pointing.shape
    return Exposed(
        image=Image(pixels, psf),
        noise=noise,
        placed=placed,
        defects=defects,
        star_x=x[changed],
        star_y=y[changed],
        star_change=(flux - steady)[changed],
        stars=int(np.count_nonzero((x > 0) & (x < width) & (y > 0) & (y < height))),
        onto=onto,
    )


def aligned(image: Image, onto: PlaneMap, shape: tuple[int, int]) -> np.ndarray:
    """A frame on the grid of another, NaN where it does not reach.

    Parameters
    ----------
    image : Image
    onto : PlaneMap
        From the other frame to this one, without a margin.
    shape : (height, width)
        Of the other frame.
    """
    return _pixels.resample(image.pixels, onto.x, onto.y, PlaneMap.STEP, shape)


def _flux(mag: np.ndarray, exposure: Exposure) -> np.ndarray:
    return 10.0 ** (-0.4 * (mag - exposure.zeropoint))


def _vary(flux: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Make some stars brighter or fainter than they were."""
    varies = rng.random(len(flux)) < VARIABLE_SHARE
    change = 10.0 ** rng.normal(0.0, 0.4 * VARIABILITY, len(flux))
    return np.where(varies, flux * change, flux)


def _place(visitor: Visitor, pointing: Pointing, number: int, onto: PlaneMap) -> Placed:
    """Where a visitor is in the middle of an exposure, and how its light falls."""
    exposure = pointing.exposures[number]
    way = per_arcsec(pointing.reference.true_header) @ visitor.way(pointing.minutes(number))
    x, y = (float(value) for value in onto(visitor.x + way[0], visitor.y + way[1]))
    to_pixels = per_arcsec(exposure.true_header)
    trail = to_pixels @ visitor.way(EXPOSURE / 60.0)
    glow = visitor.glow.mapped(to_pixels).trailed(trail[0], trail[1], TRAIL_STEP)
    flux = 10.0 ** (-0.4 * (visitor.mag - exposure.zeropoint))
    placed = glow.scaled(flux).moved(x, y)
    return Placed(visitor, x, y, placed, float(np.hypot(*trail)))
