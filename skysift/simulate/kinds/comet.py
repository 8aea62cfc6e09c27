"""Comets: there on the night, with a coma and mostly a tail, and gone from the place after it."""

from __future__ import annotations

import numpy as np

from skysift.simulate.comet_shape import make_comet_shape
from skysift.simulate.extended import make_extended
from skysift.simulate.neighbours import make_field
from skysift.simulate.sky import make_position
from skysift.simulate.target import NOT_IN_REFERENCE, Target, draw_magnitude, flux_of

HISTORY = 40.0
"""Days of empty visits before it passes."""
TRAIL_STEP = 0.5
"""Steps [arcsec] in which its motion during an exposure is drawn."""
EXPOSURE = 0.5
"""Minutes."""
KNOWN = 0.5
"""Share of comets that the survey takes for a known body: it matches comets less well."""


def make_comet(night: float, *, rng: np.random.Generator) -> Target:
    """Draw a comet that passes on the night, of the same shapes as those in simulated frames."""
    total = draw_magnitude(14.0, 20.0, 0.15, rng=rng)
    shape = make_comet_shape(total, rng=rng)
    angle, way = np.radians(shape.rate_angle), shape.rate * EXPOSURE
    trailed = shape.glow().trailed(way * np.sin(angle), way * np.cos(angle), TRAIL_STEP)
    extended = make_extended(trailed)
    mags = total - extended.psf_loss + np.array([0.45, 0.0, -0.15])

    def flux(jd: np.ndarray, fid: np.ndarray) -> np.ndarray:
        there = np.arange(len(jd)) == len(jd) - 1
        return np.where(there, flux_of(mags[fid - 1]), 0.0)

    position = make_position(rng=rng)
    tails = [name for name in ("dust", "ion") if getattr(shape, name).share > 0]
    return Target(
        kind="comet",
        subclass=" and ".join(tails) + " tail" if tails else "no tail",
        position=position,
        flux=flux,
        first_visit=night - HISTORY,
        neighbours=make_field(position.latitude, rng=rng),
        reference_mag=NOT_IN_REFERENCE,
        peak_mag=float(mags.min()),
        known_body=bool(rng.random() < KNOWN),
        extended=extended,
    )
