"""Asteroids: there in one exposure, gone a few minutes later."""

from __future__ import annotations

import numpy as np

from skysift.simulate.neighbours import make_field
from skysift.simulate.sky import make_position
from skysift.simulate.target import NOT_IN_REFERENCE, Target, draw_magnitude, flux_of

HISTORY = 40.0
"""Days of empty visits before it passes."""
SLOW_SHARE = 0.15
"""Fraction so slow that two exposures of a night see them at one place."""


def make_asteroid(night: float, *, rng: np.random.Generator) -> Target:
    """Draw an asteroid that passes on the night; most are known bodies."""
    colours = np.array([0.5, 0.0, -0.2])
    mags = draw_magnitude(15.0, 20.5, 0.4, rng=rng) + colours
    slow = bool(rng.random() < SLOW_SHARE)

    def flux(jd: np.ndarray, fid: np.ndarray) -> np.ndarray:
        there = np.arange(len(jd)) == len(jd) - 1
        if slow:
            there |= jd > night
        return np.where(there, flux_of(mags[fid - 1]), 0.0)

    position = make_position(rng=rng)
    return Target(
        kind="asteroid",
        subclass="slow" if slow else "main belt",
        position=position,
        flux=flux,
        first_visit=night - HISTORY,
        neighbours=make_field(position.latitude, rng=rng),
        reference_mag=NOT_IN_REFERENCE,
        peak_mag=float(mags.min()),
        known_body=bool(rng.random() < 0.85),
    )
