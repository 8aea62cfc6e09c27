"""Variable stars: RR Lyrae, eclipsing binaries and long-period variables."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from skysift.simulate.neighbours import make_field, make_star
from skysift.simulate.sky import make_galactic_position
from skysift.simulate.target import Target, draw_magnitude, flux_of, magnitude_of

WINDOW = 110.0
"""Days before the night that are simulated visit by visit."""
SUBCLASSES = {"RR Lyrae": 0.35, "eclipsing binary": 0.35, "long period": 0.3}
"""Shares among variable stars that give alerts."""

Shape = Callable[[np.ndarray], np.ndarray]


def make_variable(night: float, *, rng: np.random.Generator) -> Target:
    """Draw a variable star; its alerts may be brighter or fainter than the reference."""
    subclass = str(rng.choice(list(SUBCLASSES), p=list(SUBCLASSES.values())))
    period, amplitudes, shape = _MAKERS[subclass](rng)
    mags = _mean_mags(subclass, rng)
    epoch = rng.uniform(0.0, 1.0)
    wobble = 0.15 if subclass == "long period" else 0.0

    def magnitude(jd: np.ndarray, fid: np.ndarray) -> np.ndarray:
        cycle = (jd - night) / period + epoch
        slow = wobble * np.sin(2.0 * np.pi * cycle / 3.7)
        return mags[fid - 1] + amplitudes[fid - 1] * (shape(cycle) + slow)

    reference = _reference_mag(magnitude, night, rng)
    position = make_galactic_position(12.0 if subclass != "RR Lyrae" else 35.0, rng=rng)
    own = make_star(np.append(reference, reference[2] - 0.3 * (mags[1] - mags[2])), rng=rng)
    return Target(
        kind="variable",
        subclass=subclass,
        position=position,
        flux=lambda jd, fid: flux_of(magnitude(jd, fid)) - flux_of(reference[fid - 1]),
        first_visit=night - WINDOW,
        neighbours=make_field(position.latitude, rng=rng),
        reference_mag=reference,
        own_entry=own,
        earlier_start=float(rng.uniform(2458200.0, 2458900.0)),
        earlier_rate=float(rng.uniform(0.02, 0.4)),
    )


def _mean_mags(subclass: str, rng: np.random.Generator) -> np.ndarray:
    """Mean magnitudes in g, r, i."""
    bright, faint, g_r = {
        "RR Lyrae": (13.5, 19.0, 0.2),
        "eclipsing binary": (13.0, 19.0, 0.6),
        "long period": (12.5, 18.0, 1.6),
    }[subclass]
    r_mag = draw_magnitude(bright, faint, 0.3, rng=rng)
    g_r += rng.normal(0.0, 0.12)
    return r_mag + np.array([g_r, 0.0, -0.5 * g_r])


def _reference_mag(magnitude, night: float, rng: np.random.Generator) -> np.ndarray:
    """Magnitude of the star's mean flux over the exposures of the reference images."""
    jd = night - 1800.0 + rng.uniform(0.0, 90.0, 15)
    means = [flux_of(magnitude(jd, np.full(15, fid))).mean() for fid in (1, 2, 3)]
    return magnitude_of(np.array(means))


def _rr_lyrae(rng: np.random.Generator) -> tuple[float, np.ndarray, Shape]:
    amplitude = np.clip(rng.normal(0.85, 0.25), 0.3, 1.4)
    amplitudes = amplitude * np.array([1.0, 0.7, 0.55])

    def shape(cycle: np.ndarray) -> np.ndarray:
        angle = 2.0 * np.pi * cycle
        return 0.5 * np.sin(angle + 0.7 * np.sin(angle))

    return rng.uniform(0.3, 0.75), amplitudes, shape


def _eclipsing_binary(rng: np.random.Generator) -> tuple[float, np.ndarray, Shape]:
    """Contact binaries vary all the time, detached ones dip and are quiet between."""
    if rng.random() < 0.6:
        depth = rng.uniform(0.3, 0.8)
        return (
            rng.uniform(0.25, 0.6),
            np.full(3, depth),
            lambda cycle: 0.5 - 0.5 * np.abs(np.sin(2.0 * np.pi * cycle)),
        )
    depth, width, second = rng.uniform(0.6, 2.0), rng.uniform(0.02, 0.06), rng.uniform(0.1, 0.9)

    def shape(cycle: np.ndarray) -> np.ndarray:
        primary = (cycle + 0.5) % 1.0 - 0.5
        secondary = cycle % 1.0 - 0.5
        dips = np.exp(-0.5 * (primary / width) ** 2)
        return dips + second * np.exp(-0.5 * (secondary / width) ** 2)

    return float(rng.lognormal(np.log(1.5), 0.6)), np.full(3, depth), shape


def _long_period(rng: np.random.Generator) -> tuple[float, np.ndarray, Shape]:
    amplitude = rng.uniform(0.6, 4.0)
    return (
        rng.uniform(120.0, 500.0),
        amplitude * np.array([1.3, 1.0, 0.8]),
        lambda cycle: 0.5 * np.sin(2.0 * np.pi * cycle),
    )


_MAKERS = {
    "RR Lyrae": _rr_lyrae,
    "eclipsing binary": _eclipsing_binary,
    "long period": _long_period,
}
