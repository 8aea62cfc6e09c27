"""The stars and galaxies of a field, which all its exposures share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from skysift.simulate.frames.camera import PIXEL_SCALE, PlaneMap
from skysift.simulate.glow import Glow, join, sersic_glow
from skysift.simulate.neighbours import galaxy_colours, star_colours, star_density

MARGIN = 192
"""Pixels around a reference frame that are filled too: exposures are dithered against it."""
BRIGHTEST, BREAK, FAINTEST = 7.0, 15.0, 22.7
"""r magnitudes of stars: the ends of their counts, and where these grow flatter."""
STAR_SLOPES = (0.4, 0.25)
"""Counts of stars rise as 10 ** (slope m), up to the break and beyond it."""
BRIGHTEST_GALAXY, GALAXY_SLOPE = 13.0, 0.5
GALAXY_DENSITY = 3.0
"""Galaxies above `FAINTEST` per square arcminute where there is no dust."""
ROUND_BELOW = 20.5
"""Galaxies fainter than this r magnitude are drawn as one round Gaussian."""
POLE_DUST = 0.05
"""Extinction [mag, r] towards the galactic poles; it grows as a plane layer's, up to 3 mag."""
_COLOUR = {1: 0, 2: 1, 3: 2}
"""Filter → column of the colours."""


@dataclass(frozen=True)
class Field:
    """Stars and galaxies in pixels of the reference frame; stars first, galaxies second.

    Attributes
    ----------
    x, y, mag : ndarray (n,)
        Stars: places [px], magnitudes in the filter.
    galaxy_x, galaxy_y, galaxy_mag, galaxy_radius : ndarray (m,)
        Galaxies, with half-light radii [arcsec].
    bulge : ndarray (m,) of bool
        Which are ellipticals.
    axis_ratio, angle : ndarray (m,)
        Their shapes; angles [rad] from the rows.
    """

    x: np.ndarray
    y: np.ndarray
    mag: np.ndarray
    galaxy_x: np.ndarray
    galaxy_y: np.ndarray
    galaxy_mag: np.ndarray
    galaxy_radius: np.ndarray
    bulge: np.ndarray
    axis_ratio: np.ndarray
    angle: np.ndarray

    def galaxies(self, zeropoint: float) -> Glow:
        """Light of all galaxies [DN] in pixels of the reference frame."""
        flux = 10.0 ** (-0.4 * (self.galaxy_mag - zeropoint))
        fuzzy = self.galaxy_mag > ROUND_BELOW
        width = self.galaxy_radius / PIXEL_SCALE
        parts = [self._round(fuzzy, flux, width / 1.1774)]
        for index, chosen in ((1.0, ~fuzzy & ~self.bulge), (4.0, ~fuzzy & self.bulge)):
            parts.append(self._shaped(chosen, flux, width, sersic_glow(index)))
        return join(parts)

    def _round(self, chosen: np.ndarray, flux: np.ndarray, sigma: np.ndarray) -> Glow:
        square = sigma[chosen] ** 2
        return Glow(
            self.galaxy_x[chosen], self.galaxy_y[chosen], flux[chosen], square, 0 * square, square
        )

    def _shaped(
        self, chosen: np.ndarray, flux: np.ndarray, width: np.ndarray, profile: Glow
    ) -> Glow:
        """Each chosen galaxy as the profile's Gaussians, stretched and turned."""
        ratio, angle = self.axis_ratio[chosen], self.angle[chosen]
        square = width[chosen] ** 2
        along, across = square / ratio, square * ratio
        cosine, sine = np.cos(angle), np.sin(angle)
        shape = (
            along * cosine**2 + across * sine**2,
            (along - across) * cosine * sine,
            along * sine**2 + across * cosine**2,
        )
        count = len(profile)
        return Glow(
            np.repeat(self.galaxy_x[chosen], count),
            np.repeat(self.galaxy_y[chosen], count),
            np.outer(flux[chosen], profile.flux).ravel(),
            *(np.outer(part, profile.xx).ravel() for part in shape),
        )


def seen_by(glow: Glow, plane: PlaneMap) -> Glow:
    """Light with absolute places, on the pixels of another frame."""
    x, y = plane(glow.x, glow.y)
    turned = glow.mapped(plane.jacobian)
    return Glow(x, y, glow.flux, turned.xx, turned.xy, turned.yy)


def make_field(
    shape: tuple[int, int], latitude: float, fid: int, *, rng: np.random.Generator
) -> Field:
    """Draw the stars and galaxies on and around a frame at a galactic latitude [deg].

    Densities are those of the alerts' simulator (`neighbours`); a plane layer of dust dims the
    galaxies.
    """
    height, width = (length + 2 * MARGIN for length in shape)
    area = height * width * (PIXEL_SCALE / 60.0) ** 2
    stars = int(rng.poisson(area * star_density(latitude)))
    star_mag = _star_mags(stars, rng)
    star_mag += star_colours(stars, rng=rng)[:, _COLOUR[fid]]
    dust = min(POLE_DUST / np.sin(np.radians(max(abs(latitude), 0.5))), 3.0)
    galaxies = int(rng.poisson(area * GALAXY_DENSITY * 10.0 ** (-0.5 * dust)))
    r_mag = _galaxy_mags(galaxies, rng)
    radius = 0.7 * 10.0 ** (-0.15 * (r_mag - dust - 21.0)) * rng.lognormal(0.0, 0.25, galaxies)
    bulge = rng.random(galaxies) < 0.3
    return Field(
        x=rng.uniform(-MARGIN, width - MARGIN, stars),
        y=rng.uniform(-MARGIN, height - MARGIN, stars),
        mag=star_mag,
        galaxy_x=rng.uniform(-MARGIN, width - MARGIN, galaxies),
        galaxy_y=rng.uniform(-MARGIN, height - MARGIN, galaxies),
        galaxy_mag=r_mag + galaxy_colours(galaxies, rng=rng)[:, _COLOUR[fid]],
        galaxy_radius=radius,
        bulge=bulge,
        axis_ratio=np.where(
            bulge, rng.uniform(0.6, 1.0, galaxies), rng.uniform(0.2, 1.0, galaxies)
        ),
        angle=rng.uniform(0.0, np.pi, galaxies),
    )


def _star_mags(count: int, rng: np.random.Generator) -> np.ndarray:
    """r magnitudes, by the share of stars that are brighter."""
    bright, faint = STAR_SLOPES
    at_break = 10.0 ** (faint * (BREAK - FAINTEST))
    share = rng.uniform(at_break * 10.0 ** (bright * (BRIGHTEST - BREAK)), 1.0, count)
    return np.where(
        share > at_break,
        FAINTEST + np.log10(share) / faint,
        BREAK + np.log10(share / at_break) / bright,
    )


def _galaxy_mags(count: int, rng: np.random.Generator) -> np.ndarray:
    least = 10.0 ** (GALAXY_SLOPE * (BRIGHTEST_GALAXY - FAINTEST))
    return FAINTEST + np.log10(rng.uniform(least, 1.0, count)) / GALAXY_SLOPE
