"""What is in an exposure and not in its reference: comets, and what may be taken for one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from skysift.simulate.comet_shape import CometShape, make_comet_shape
from skysift.simulate.frames.surroundings import Field
from skysift.simulate.glow import Glow, join, round_glow
from skysift.simulate.target import draw_magnitude

COMET_MAGS = (14.0, 21.0, 0.1)
"""Brightest, faintest, and slope of the counts: flat, so that bright comets are not rare."""
RIM = 12.0
"""Comets keep this far [px] from the frame's edge."""
APART = 40.0
"""And this far [px] from each other's comae."""
CONFUSERS = {"asteroid": 6.0, "streak": 2.0, "transient": 3.0, "blend": 2.0}
"""Mean numbers on a full quadrant; main-belt asteroids are more numerous near the ecliptic."""
FULL_AREA = 3072.0 * 3080.0


@dataclass(frozen=True)
class Visitor:
    """A source that only an exposure shows.

    Attributes
    ----------
    kind : str
        One of `truth.KINDS`.
    x, y : float
        Where it is at the middle of the field's first exposure, in pixels of the reference frame.
    mag : float
        All its light [mag].
    glow : Glow
        Its light, of unit flux: `x` east, `y` north [arcsec].
    rate, rate_angle : float
        Motion [arcsec/min], and its direction from north through east [deg].
    comet : CometShape or None
    """

    kind: str
    x: float
    y: float
    mag: float
    glow: Glow
    rate: float = 0.0
    rate_angle: float = np.nan
    comet: CometShape | None = None

    def way(self, minutes: float) -> np.ndarray:
        """How far it goes (east, north) [arcsec]."""
        if self.rate == 0.0:
            return np.zeros(2)
        angle = np.radians(self.rate_angle)
        return self.rate * minutes * np.array([np.sin(angle), np.cos(angle)])


POINT = round_glow(np.ones(1), np.zeros(1))
"""The light of a point."""


def make_comets(count: int, shape: tuple[int, int], *, rng: np.random.Generator) -> list[Visitor]:
    """Draw comets on a frame (height, width), none in the coma of another where there is room."""
    comets: list[Visitor] = []
    for _ in range(count):
        mag = draw_magnitude(*COMET_MAGS, rng=rng)
        comet = make_comet_shape(mag, rng=rng)
        x, y = _free_place(comet.radius, comets, shape, rng)
        motion = {"rate": comet.rate, "rate_angle": comet.rate_angle}
        comets.append(Visitor("comet", x, y, mag, comet.glow(), comet=comet, **motion))
    return comets


def _free_place(
    radius: float, others: list[Visitor], shape: tuple[int, int], rng: np.random.Generator
) -> tuple[float, float]:
    for _ in range(50):
        x, y = (float(rng.uniform(RIM, length - RIM)) for length in shape[::-1])
        near = (
            np.hypot(x - other.x, y - other.y) < APART + radius + other.comet.radius
            for other in others
            if other.comet is not None
        )
        if not any(near):
            break
    return x, y


def make_confusers(
    field: Field, shape: tuple[int, int], factor: float, *, rng: np.random.Generator
) -> list[Visitor]:
    """Draw asteroids, streaks, transients in galaxies and close groups of points on a frame.

    `factor` times as many as are usual.
    """
    share = factor * shape[0] * shape[1] / FULL_AREA
    makers = {
        "asteroid": _asteroid, "streak": _streak, "transient": _transient, "blend": _blend
    }  # fmt: skip
    return [
        makers[kind](field, shape, rng)
        for kind, mean in CONFUSERS.items()
        for _ in range(int(rng.poisson(mean * share)))
    ]


def _anywhere(shape: tuple[int, int], rng: np.random.Generator) -> tuple[float, float]:
    x, y = (float(rng.uniform(0.0, length - 1.0)) for length in shape[::-1])
    return x, y


def _asteroid(field: Field, shape: tuple[int, int], rng: np.random.Generator) -> Visitor:
    """Main belt: half a degree a day at opposition, less at the turning points."""
    mag, rate = draw_magnitude(15.0, 21.0, 0.35, rng=rng), float(rng.uniform(0.1, 0.8))
    place = _anywhere(shape, rng)
    return Visitor("asteroid", *place, mag, POINT, rate, float(rng.uniform(0.0, 360.0)))


def _streak(field: Field, shape: tuple[int, int], rng: np.random.Generator) -> Visitor:
    """Near the Earth: trails of a few to sixty arcseconds in an exposure."""
    mag = draw_magnitude(14.0, 19.5, 0.2, rng=rng)
    rate = float(np.exp(rng.uniform(np.log(6.0), np.log(120.0))))
    place = _anywhere(shape, rng)
    return Visitor("streak", *place, mag, POINT, rate, float(rng.uniform(0.0, 360.0)))


def _transient(field: Field, shape: tuple[int, int], rng: np.random.Generator) -> Visitor:
    """A supernova within the light of a galaxy, or without one where none is bright."""
    mag = draw_magnitude(16.5, 21.0, 0.3, rng=rng)
    inside = (field.galaxy_x > 0) & (field.galaxy_x < shape[1] - 1)
    inside &= (field.galaxy_y > 0) & (field.galaxy_y < shape[0] - 1)
    hosts = np.flatnonzero(inside & (field.galaxy_mag < 20.5))
    if not len(hosts):
        return Visitor("transient", *_anywhere(shape, rng), mag, POINT)
    host = rng.choice(hosts)
    x, y = rng.normal(0.0, field.galaxy_radius[host], 2)
    place = float(field.galaxy_x[host] + x), float(field.galaxy_y[host] + y)
    return Visitor("transient", *place, mag, POINT)


def _blend(field: Field, shape: tuple[int, int], rng: np.random.Generator) -> Visitor:
    """Two to four points so close together that they look like one fuzzy thing."""
    count = int(rng.integers(2, 5))
    part = join(
        POINT.scaled(share).moved(*rng.normal(0.0, 2.0, 2))
        for share in rng.dirichlet(np.ones(count))
    )
    return Visitor("blend", *_anywhere(shape, rng), draw_magnitude(15.5, 20.0, 0.2, rng=rng), part)
