"""Bogus alerts: what the subtraction gets wrong."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from skysift.simulate.neighbours import make_field, make_star, star_colours
from skysift.simulate.sky import make_galactic_position, make_position
from skysift.simulate.target import NOT_IN_REFERENCE, Target, draw_magnitude, flux_of

WINDOW = 60.0
"""Days before the night that are simulated visit by visit."""


@dataclass(frozen=True)
class Defect:
    """How often a defect makes bogus alerts, and how often it comes back at the same place."""

    share: float
    recurrence: float
    brightest: float
    faintest: float


DEFECTS = {
    "dipole": Defect(0.45, 0.12, 14.0, 19.5),
    "cosmic_ray": Defect(0.25, 0.0, 17.0, 20.0),
    "edge": Defect(0.1, 0.02, 17.0, 20.0),
    "ghost": Defect(0.1, 0.01, 16.5, 19.0),
    "noise": Defect(0.1, 0.01, 19.0, 20.3),
}


def make_bogus(night: float, *, rng: np.random.Generator) -> Target:
    """Draw a place where the pipeline found something that is not on the sky."""
    name = str(rng.choice(list(DEFECTS), p=[defect.share for defect in DEFECTS.values()]))
    defect = DEFECTS[name]
    mag = draw_magnitude(defect.brightest, defect.faintest, 0.3, rng=rng)
    position = make_galactic_position(15.0, rng=rng) if name == "dipole" else make_position(rng=rng)
    star = mag - rng.uniform(1.0, 3.0) + star_colours(1, rng=rng)[0]

    def flux(jd: np.ndarray, fid: np.ndarray) -> np.ndarray:
        there = rng.random(len(jd)) < defect.recurrence
        there[-1] = True
        sign = np.where(rng.random(len(jd)) < 0.5, -1.0, 1.0) if name == "dipole" else 1.0
        return there * sign * flux_of(mag + rng.normal(0.0, 0.3, len(jd)))

    returns = defect.recurrence > 0.1
    return Target(
        kind="bogus",
        subclass=name,
        position=position,
        flux=flux,
        first_visit=night - WINDOW,
        neighbours=make_field(position.latitude, rng=rng),
        reference_mag=star[:3] if name == "dipole" else NOT_IN_REFERENCE,
        own_entry=make_star(star, 0.25, rng=rng) if name == "dipole" else None,
        earlier_start=float(rng.uniform(2458250.0, night - WINDOW)) if returns else np.nan,
        earlier_rate=float(rng.uniform(0.001, 0.05)) if returns else 0.0,
        artefact=name,
    )
