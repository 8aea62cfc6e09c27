"""What comets look like: a nucleus, a coma, and tails of dust and of ions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from skysift.simulate.glow import Glow, coma_glow, join, round_glow

SMALLEST, LARGEST = 2.0, 60.0
"""Radii of comae [arcsec]; see `coma_glow`."""
FULL_SIZE = 14.0
"""Comets as bright as this, or brighter, may have the largest coma.

Fainter ones end nearer, at the same brightness of the surface: what lies below it is never seen.
"""
TAILS = {"none": 0.35, "dust": 0.35, "ion": 0.08, "both": 0.22}
"""Shares of comets by their tails."""
SPEEDS = (0.7, 0.9)
"""Median [arcsec/min] and log-scatter of motions: a comet at 2 au goes half a degree a day, few go
thrice that, and those near the Earth more."""


@dataclass(frozen=True)
class Tail:
    """A tail.

    Attributes
    ----------
    angle : float
        Its direction at the nucleus, from north through east [deg].
    length : float
        Way along it on which it fades by a factor e [arcsec].
    share : float
        Part of the comet's light; 0 for no tail.
    opening : float
        Width over distance from the nucleus.
    bend : float
        By how much it turns on its length [deg].
    """

    angle: float
    length: float
    share: float
    opening: float
    bend: float


NO_TAIL = Tail(np.nan, np.nan, 0.0, 0.0, 0.0)


@dataclass(frozen=True)
class CometShape:
    """A comet without its brightness.

    Attributes
    ----------
    radius, slope : float
        Of the coma; see `coma_glow`.
    nucleus : float
        Part of the light that is a point.
    lean : float
        By how much wider parts of the coma lie towards the tail, over their width.
    dust, ion : Tail
    rate, rate_angle : float
        Motion [arcsec/min], and its direction from north through east [deg].
    """

    radius: float
    slope: float
    nucleus: float
    lean: float
    dust: Tail
    ion: Tail
    rate: float
    rate_angle: float

    def glow(self) -> Glow:
        """Its light, of unit flux, without seeing or motion: `x` east, `y` north [arcsec]."""
        coma = self._coma()
        rest = 1.0 - self.nucleus - self.dust.share - self.ion.share
        parts = [round_glow(np.array([self.nucleus]), np.zeros(1)), coma.scaled(rest)]
        parts += [_tail_glow(tail, self.radius) for tail in (self.dust, self.ion) if tail.share > 0]
        return join(parts)

    def _coma(self) -> Glow:
        coma = coma_glow(self.radius, self.slope)
        angle = np.radians(self.dust.angle if self.dust.share > 0 else self.rate_angle + 180.0)
        shift = self.lean * np.sqrt(coma.xx)
        return Glow(
            shift * np.sin(angle), shift * np.cos(angle), coma.flux, coma.xx, coma.xy, coma.yy
        )


def make_comet_shape(mag: float, *, rng: np.random.Generator) -> CometShape:
    """Draw the shape of a comet of a total magnitude."""
    largest = np.clip(LARGEST * 10.0 ** (-0.2 * (mag - FULL_SIZE)), 1.2 * SMALLEST, LARGEST)
    size = np.sqrt(rng.random())  # few are hardly larger than the seeing
    radius = float(SMALLEST * (largest / SMALLEST) ** size)
    away = float(rng.uniform(0.0, 360.0))  # from the Sun
    tails = str(rng.choice(list(TAILS), p=list(TAILS.values())))
    dust = _draw_dust(radius, away, rng) if tails in ("dust", "both") else NO_TAIL
    ion = _draw_ions(radius, away, rng) if tails in ("ion", "both") else NO_TAIL
    return CometShape(
        radius=radius,
        slope=float(np.clip(rng.normal(1.08, 0.1), 0.9, 1.4)),
        nucleus=float(rng.uniform(0.01, 0.2)),
        lean=float(rng.uniform(0.0, 0.35)),
        dust=dust,
        ion=ion,
        rate=float(min(rng.lognormal(np.log(SPEEDS[0]), SPEEDS[1]), 30.0)),
        rate_angle=float(rng.uniform(0.0, 360.0)),
    )


def _draw_dust(radius: float, away: float, rng: np.random.Generator) -> Tail:
    """Broad, bent, and up to a right angle off the direction away from the Sun."""
    return Tail(
        angle=(away + float(np.clip(rng.normal(0.0, 35.0), -90.0, 90.0))) % 360.0,
        length=radius * float(rng.lognormal(np.log(1.0), 0.5)),
        share=float(rng.uniform(0.1, 0.5)),
        opening=float(rng.uniform(0.08, 0.35)),
        bend=float(rng.normal(0.0, 15.0)),
    )


def _draw_ions(radius: float, away: float, rng: np.random.Generator) -> Tail:
    """Narrow, straight, long, faint, and within a few degrees of away from the Sun."""
    return Tail(
        angle=(away + float(rng.normal(0.0, 3.0))) % 360.0,
        length=radius * float(rng.lognormal(np.log(2.5), 0.5)),
        share=float(rng.uniform(0.04, 0.2)),
        opening=float(rng.uniform(0.01, 0.05)),
        bend=0.0,
    )


def _tail_glow(tail: Tail, radius: float) -> Glow:
    """Gaussians along a tail to four times its length, wider and further apart as it opens."""
    narrowest = max(0.05 * radius, 0.4)
    places, steps = [], []
    way = 0.0
    while way < 4.0 * tail.length:
        step = max(0.8 * (narrowest + tail.opening * way), 0.04 * tail.length)
        places.append(way)
        steps.append(step)
        way += step
    along, between = np.array(places), np.array(steps)
    flux = between * np.exp(-along / tail.length)
    angle = np.radians(tail.angle + tail.bend * along / tail.length)
    wide, thick = (narrowest + tail.opening * along) ** 2, (0.7 * between) ** 2
    sine, cosine = np.sin(angle), np.cos(angle)
    return Glow(
        x=along * sine,
        y=along * cosine,
        flux=tail.share * flux / flux.sum(),
        xx=thick * sine**2 + wide * cosine**2,
        xy=(thick - wide) * sine * cosine,
        yy=thick * cosine**2 + wide * sine**2,
    )
