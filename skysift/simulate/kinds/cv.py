"""Cataclysmic variables in outburst."""

from __future__ import annotations

import numpy as np

from skysift.simulate.neighbours import Neighbours, make_field, make_star
from skysift.simulate.sky import make_galactic_position
from skysift.simulate.target import Target, draw_magnitude, flux_of

WINDOW = 110.0
"""Days before the night that are simulated visit by visit."""
CATALOGUE_LIMIT = 22.5
"""Stars fainter than this in quiescence are in no catalogue and no reference image."""


def make_cv(night: float, *, rng: np.random.Generator) -> Target:
    """Draw a dwarf nova that is, or lately was, in outburst."""
    peak = draw_magnitude(13.5, 19.5, 0.25, rng=rng)
    quiescent = peak + rng.uniform(2.0, 6.0)
    colour = rng.normal([0.0, 0.0, 0.0], 0.08)
    superoutburst = bool(rng.random() < 0.3)
    plateau = rng.uniform(8.0, 16.0) if superoutburst else rng.uniform(1.0, 4.0)
    rise, fall = rng.uniform(0.4, 1.5), rng.uniform(0.3, 0.8)
    recurrence = 10.0 ** rng.uniform(1.5, 3.2)
    onset = night + 0.5 - rng.uniform(0.0, plateau + (quiescent - peak) / fall)

    def flux(jd: np.ndarray, fid: np.ndarray) -> np.ndarray:
        days = np.where(jd >= onset, jd - onset, (jd - onset) % recurrence)
        rising = (quiescent - peak) * np.exp(-days / (0.35 * rise))
        fading = fall * np.maximum(days - plateau, 0.0) + 0.04 * np.minimum(days, plateau)
        mag = np.minimum(peak + rising + fading, quiescent)
        return (flux_of(mag) - flux_of(quiescent)) * flux_of(colour[fid - 1]) / flux_of(0.0)

    position = make_galactic_position(25.0, rng=rng)
    reference = quiescent + colour
    known = bool(rng.random() < 0.6) or recurrence < WINDOW
    return Target(
        kind="cv",
        subclass="superoutburst" if superoutburst else "outburst",
        position=position,
        flux=flux,
        first_visit=night - WINDOW,
        neighbours=make_field(position.latitude, rng=rng),
        reference_mag=reference,
        own_entry=_own_star(reference, rng) if quiescent < CATALOGUE_LIMIT else None,
        earlier_start=float(rng.uniform(2458200.0, night - WINDOW)) if known else np.nan,
        earlier_rate=min(8.0 / recurrence, 0.2) if known else 0.0,
        peak_mag=float(peak + min(colour[0], colour[1])),
    )


def _own_star(reference: np.ndarray, rng: np.random.Generator) -> Neighbours:
    return make_star(np.append(reference, reference[2]), 0.15, rng=rng)
