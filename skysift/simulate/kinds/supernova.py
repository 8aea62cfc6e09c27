"""Supernovae in their host galaxies: bright ones and those that never reach the limit.

The light curves are hand-drawn broken lines after the textbook behaviour of each type, in
magnitudes below the peak at rest-frame days from it. They are meant to look right, not to fit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from skysift.simulate.cosmology import arcsec_per_kpc, distance_modulus, redshift
from skysift.simulate.neighbours import Neighbours, galaxy_colours, make_field, make_galaxy
from skysift.simulate.sky import make_extragalactic_position
from skysift.simulate.target import (
    NOT_IN_REFERENCE,
    FluxModel,
    Target,
    draw_magnitude,
    flux_of,
)

BRIGHT_PEAK = 18.5
"""The Bright Transient Survey's definition: it peaks at or above this magnitude."""
FAINTEST_PEAK = 20.2
"""Peaks fainter than this hardly give an alert."""
COUNTS_SLOPE = 0.6
"""Counts of supernovae per magnitude in a Euclidean universe: 10 ** (0.6 m)."""


@dataclass(frozen=True)
class Template:
    """One type's light curve and luminosity.

    Attributes
    ----------
    share : float
        Fraction of a magnitude-limited sample.
    peak, scatter : float
        Mean and spread of the absolute r magnitude at peak.
    host, early : float
        Mean absolute r magnitude of the host; fraction of early-type hosts.
    days : tuple of float
        Rest-frame days from peak at the nodes.
    drop : mapping of int to tuple of float
        Per `fid`, magnitudes below the r peak at the nodes.
    stretch : float
        Mean factor on `days`.
    """

    share: float
    peak: float
    scatter: float
    host: float
    early: float
    days: tuple[float, ...]
    drop: Mapping[int, tuple[float, ...]] = field(repr=False)
    stretch: float = 1.0


_IA_DAYS = (-18, -15, -12, -10, -7, -4, 0, 4, 8, 12, 16, 20, 25, 30, 35, 40, 60, 80, 100, 150)
_IA_DROP = {
    1: (5.5, 2.6, 1.4, 0.9, 0.4, 0.12, 0.0, 0.1, 0.33, 0.68, 1.05, 1.42, 1.85, 2.2, 2.45, 2.6,
        3.0, 3.35, 3.7, 4.6),
    2: (5.6, 2.6, 1.4, 0.9, 0.4, 0.14, 0.03, 0.08, 0.28, 0.53, 0.67, 0.73, 0.8, 1.0, 1.25, 1.5,
        2.1, 2.7, 3.3, 4.6),
    3: (6.0, 3.0, 1.8, 1.25, 0.8, 0.55, 0.48, 0.6, 0.9, 1.1, 1.12, 1.05, 0.95, 1.05, 1.35, 1.65,
        2.45, 3.2, 3.8, 5.2),
}  # fmt: skip
_IBC_DAYS = (-16, -13, -10, -7, -4, 0, 4, 8, 12, 16, 20, 30, 40, 60, 100, 150)
_IBC_DROP = {
    1: (5.4, 2.4, 1.3, 0.75, 0.45, 0.4, 0.6, 0.95, 1.4, 1.8, 2.05, 2.45, 2.65, 2.95, 3.7, 4.7),
    2: (5.0, 2.2, 1.1, 0.5, 0.15, 0.0, 0.06, 0.2, 0.42, 0.65, 0.85, 1.25, 1.5, 1.85, 2.6, 3.6),
    3: (5.2, 2.5, 1.4, 0.75, 0.35, 0.1, 0.08, 0.15, 0.3, 0.48, 0.65, 1.0, 1.25, 1.6, 2.3, 3.3),
}
_II_DAYS = (-10, -8, -5, -2, 0, 10, 20, 40, 60, 80, 90, 100, 110, 130, 180)
_II_DROP = {
    1: (5.0, 1.7, 0.5, 0.0, -0.02, 0.2, 0.5, 0.95, 1.2, 1.5, 1.85, 2.6, 3.2, 3.4, 3.9),
    2: (5.0, 1.9, 0.7, 0.15, 0.0, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.4, 2.0, 2.3, 2.8),
    3: (5.1, 2.1, 0.9, 0.35, 0.15, 0.1, 0.08, 0.1, 0.15, 0.3, 0.55, 1.1, 1.7, 2.0, 2.4),
}
_IIN_DAYS = (-25, -20, -15, -10, -5, 0, 10, 20, 40, 60, 90, 120, 180)
_IIN_DROP = {
    1: (5.0, 2.2, 1.1, 0.5, 0.12, 0.05, 0.2, 0.42, 0.9, 1.35, 1.95, 2.6, 3.7),
    2: (5.0, 2.2, 1.1, 0.5, 0.12, 0.0, 0.1, 0.25, 0.6, 0.95, 1.4, 1.9, 2.8),
    3: (5.1, 2.3, 1.2, 0.6, 0.2, 0.05, 0.1, 0.2, 0.5, 0.8, 1.2, 1.6, 2.4),
}
_SLSN_DAYS = (-45, -35, -25, -15, -7, 0, 10, 20, 35, 50, 70, 100, 150)
_SLSN_DROP = {
    1: (4.0, 2.0, 1.0, 0.38, 0.06, -0.05, 0.12, 0.45, 1.1, 1.7, 2.35, 3.15, 4.4),
    2: (4.1, 2.1, 1.1, 0.45, 0.12, 0.0, 0.1, 0.3, 0.75, 1.2, 1.75, 2.4, 3.5),
    3: (4.3, 2.3, 1.25, 0.6, 0.25, 0.1, 0.15, 0.3, 0.65, 1.0, 1.45, 2.1, 3.1),
}

TEMPLATES = {
    "Ia": Template(0.60, -19.2, 0.3, -20.8, 0.35, _IA_DAYS, _IA_DROP),
    "Ia-91T": Template(0.07, -19.5, 0.2, -20.3, 0.1, _IA_DAYS, _IA_DROP, 1.12),
    "Ia-91bg": Template(0.03, -17.9, 0.3, -21.2, 0.8, _IA_DAYS, _IA_DROP, 0.72),
    "Ib/c": Template(0.06, -17.6, 0.7, -19.9, 0.0, _IBC_DAYS, _IBC_DROP),
    "II": Template(0.17, -17.1, 0.9, -19.8, 0.0, _II_DAYS, _II_DROP),
    "IIn": Template(0.05, -18.7, 0.8, -19.5, 0.0, _IIN_DAYS, _IIN_DROP, 1.2),
    "SLSN": Template(0.02, -21.3, 0.6, -17.6, 0.0, _SLSN_DAYS, _SLSN_DROP),
}


def make_supernova(night: float, *, rng: np.random.Generator) -> Target:
    """Draw a supernova that peaks at 18.5 mag or brighter in g or r."""
    peak = draw_magnitude(13.5, BRIGHT_PEAK, COUNTS_SLOPE, rng=rng)
    return _make("supernova", peak, night, rng)


def make_dim_supernova(night: float, *, rng: np.random.Generator) -> Target:
    """Draw a supernova that peaks below 18.5 mag."""
    peak = draw_magnitude(BRIGHT_PEAK + 1e-6, FAINTEST_PEAK, COUNTS_SLOPE, rng=rng)
    return _make("dim_supernova", peak, night, rng)


def _make(kind: str, peak: float, night: float, rng: np.random.Generator) -> Target:
    names = list(TEMPLATES)
    subclass = names[rng.choice(len(names), p=[TEMPLATES[name].share for name in names])]
    template = TEMPLATES[subclass]
    z = redshift(peak - rng.normal(template.peak, template.scatter))
    scale = template.stretch * np.clip(rng.normal(1.0, 0.1), 0.7, 1.3) * (1.0 + z)
    phase = rng.uniform(template.days[0] * scale, min(template.days[-1] * scale, 120.0))
    peak_jd = night + 0.8 - phase
    position = make_extragalactic_position(rng=rng)
    earlier = rng.random() < 0.06
    return Target(
        kind=kind,
        subclass=subclass,
        position=position,
        flux=_light_curve(template, peak, peak_jd, scale, rng),
        first_visit=peak_jd + template.days[0] * scale - 35.0,
        neighbours=_host(template, z, rng) + make_field(position.latitude, rng=rng),
        reference_mag=NOT_IN_REFERENCE,
        earlier_start=float(night - rng.uniform(400.0, 1800.0)) if earlier else np.nan,
        earlier_rate=0.004 if earlier else 0.0,
        peak_mag=peak,
        redshift=z,
    )


def _light_curve(
    template: Template, peak: float, peak_jd: float, scale: float, rng: np.random.Generator
) -> FluxModel:
    """Flux model whose brightest point in g or r is exactly `peak`."""
    tint = {1: rng.normal(0.0, 0.1) + rng.exponential(0.1), 2: 0.0, 3: rng.normal(0.0, 0.08)}
    top = min(min(template.drop[fid]) + tint[fid] for fid in (1, 2))

    def flux(jd: np.ndarray, fid: np.ndarray) -> np.ndarray:
        days = (jd - peak_jd) / scale
        drops = [np.interp(days, template.days, template.drop[b]) + tint[b] for b in (1, 2, 3)]
        mag = peak - top + np.choose(fid - 1, drops)
        fading = np.maximum(days - template.days[-1], 0.0) * 0.015
        return np.where(days < template.days[0], 0.0, flux_of(mag + fading))

    return flux


def _host(template: Template, z: float, rng: np.random.Generator) -> Neighbours:
    """Catalogue row of the host; the supernova lies within the galaxy's light."""
    early = bool(rng.random() < template.early)
    absolute = float(np.clip(rng.normal(template.host, 1.2), -23.0, -14.0))
    mags = absolute + distance_modulus(z) + galaxy_colours(1, rng=rng)[0]
    kpc = 3.5 * 10.0 ** (-0.12 * (absolute + 20.5)) * rng.lognormal(0.0, 0.3)
    radius = kpc * arcsec_per_kpc(z)
    distance = min(rng.gamma(1.6, 0.55), 3.0) * radius
    angle = rng.uniform(0.0, 2.0 * np.pi)
    east, north = distance * np.cos(angle), distance * np.sin(angle)
    return make_galaxy(mags, radius, east, north, rng=rng, early_type=early)
