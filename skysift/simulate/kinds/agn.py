"""Active galactic nuclei: quasars, and Seyferts in bright hosts."""

from __future__ import annotations

import numpy as np

from skysift.simulate.neighbours import (
    Neighbours,
    galaxy_colours,
    make_field,
    make_galaxy,
    make_star,
)
from skysift.simulate.sky import make_extragalactic_position
from skysift.simulate.target import FluxModel, Target, draw_magnitude, flux_of

WINDOW = 110.0
"""Days before the night that are simulated visit by visit."""


def make_agn(night: float, *, rng: np.random.Generator) -> Target:
    """Draw a nucleus that varies as a damped random walk."""
    quasar = bool(rng.random() < 0.5)
    reference = draw_magnitude(15.5, 20.0, 0.4, rng=rng) + np.array([0.25, 0.0, -0.1])
    position = make_extragalactic_position(rng=rng)
    field = make_field(position.latitude, rng=rng)
    return Target(
        kind="agn",
        subclass="quasar" if quasar else "seyfert",
        position=position,
        flux=_damped_random_walk(reference, rng),
        first_visit=night - WINDOW,
        neighbours=field if quasar else _host(reference, rng) + field,
        reference_mag=reference,
        own_entry=make_star(np.append(reference, reference[2]), rng=rng) if quasar else None,
        earlier_start=float(rng.uniform(2458200.0, night - WINDOW)),
        earlier_rate=float(rng.uniform(0.02, 0.4)),
        redshift=float(rng.uniform(0.2, 2.0) if quasar else rng.uniform(0.02, 0.2)),
    )


def _host(mags: np.ndarray, rng: np.random.Generator) -> Neighbours:
    """The galaxy around a Seyfert nucleus; catalogues know the two as one source."""
    host = mags[1] - rng.uniform(0.0, 2.0) + galaxy_colours(1, rng=rng)[0]
    radius = 2.0 * 10.0 ** (-0.15 * (host[1] - 17.0)) * rng.lognormal(0.0, 0.3)
    east, north = rng.normal(0.0, 0.12, 2)
    return make_galaxy(host, radius, east, north, rng=rng, early_type=bool(rng.random() < 0.5))


def _damped_random_walk(reference: np.ndarray, rng: np.random.Generator) -> FluxModel:
    """Kelly et al. (2009): a first-order autoregression of the magnitude, exact between visits.

    The reference images saw the nucleus at another moment of the same walk.
    """
    scatter, memory = rng.uniform(0.12, 0.4), 10.0 ** rng.uniform(1.6, 2.7)
    then = rng.normal(0.0, scatter)

    def flux(jd: np.ndarray, fid: np.ndarray) -> np.ndarray:
        decay = np.exp(-np.diff(jd, prepend=jd[:1] - 9.0 * memory) / memory)
        kicks = rng.normal(0.0, scatter, len(jd)) * np.sqrt(1.0 - decay**2)
        walk, offsets = 0.0, np.empty(len(jd))
        for visit, (keep, kick) in enumerate(zip(decay, kicks, strict=True)):
            walk = walk * keep + kick
            offsets[visit] = walk
        bluer = np.array([1.15, 1.0, 0.9])[fid - 1]
        steady = flux_of(reference[fid - 1])
        return steady * (10.0 ** (-0.4 * bluer * (offsets - then)) - 1.0)

    return flux
