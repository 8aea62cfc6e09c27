"""Asteroids near the Earth: trails of one exposure."""

from __future__ import annotations

import numpy as np

from skysift.simulate.extended import make_extended
from skysift.simulate.glow import round_glow
from skysift.simulate.neighbours import make_field
from skysift.simulate.sky import make_position
from skysift.simulate.target import NOT_IN_REFERENCE, Target, draw_magnitude, flux_of

HISTORY = 40.0
"""Days of empty visits before it passes."""
LENGTHS = (3.0, 40.0)
"""Shortest and longest trail [arcsec]."""
STEP = 0.5
"""Steps [arcsec] in which it is drawn."""


def make_streak(night: float, *, rng: np.random.Generator) -> Target:
    """Draw an asteroid that leaves a trail in one exposure of the night."""
    length, angle = np.exp(rng.uniform(*np.log(LENGTHS))), rng.uniform(0.0, np.pi)
    point = round_glow(np.ones(1), np.zeros(1))
    way = length * np.array([np.sin(angle), np.cos(angle)])
    extended = make_extended(point.trailed(way[0], way[1], STEP))
    # The fit sees a part of it only: as bright as is needed to be detected.
    mags = draw_magnitude(15.0, 19.8, 0.3, rng=rng) + np.array([0.5, 0.0, -0.2])

    def flux(jd: np.ndarray, fid: np.ndarray) -> np.ndarray:
        there = np.arange(len(jd)) == len(jd) - 1
        return np.where(there, flux_of(mags[fid - 1]), 0.0)

    position = make_position(rng=rng)
    return Target(
        kind="streak",
        subclass="near-Earth",
        position=position,
        flux=flux,
        first_visit=night - HISTORY,
        neighbours=make_field(position.latitude, rng=rng),
        reference_mag=NOT_IN_REFERENCE,
        peak_mag=float(mags.min()),
        known_body=bool(rng.random() < 0.3),
        extended=extended,
    )
