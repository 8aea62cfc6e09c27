"""Draw what a galaxy is: kinds, and how their numbers are spread.

The spreads are those of bright nearby galaxies, about: magnitudes and sizes as in SDSS (Shen et al.
2003, MNRAS 343, 978), shares of kinds as Galaxy Zoo 2 sees them. Strengths are drawn from 0 up, so
that every feature comes in all degrees, from what nobody sees to what nobody misses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from skysift.simulate.cosmology import arcsec_per_kpc, redshift
from skysift.simulate.galaxies.structure import Structure

BRIGHTEST, FAINTEST = 13.2, 17.0
"""r magnitudes, those of Galaxy Zoo 2."""
COUNTS = 0.5
"""Slope of the number counts, in dex a magnitude: 0.6 in a flat universe that never changed."""
SMALLEST, LARGEST = 1.3, 18.0
"""Half-light radii [arcsec]: smaller ones are taken for stars, larger ones are cut in pieces."""
DIMMEST = 22.4
"""Mean r brightness within the half-light radius [mag per square arcsecond]: others are missed."""
ARMS = {1: 0.06, 2: 0.52, 3: 0.17, 4: 0.12, 5: 0.08, 6: 0.05}
"""Shares of numbers of spiral arms."""
TRAILS = (4.0, 60.0)
"""Brightness of trails over the sky's noise."""

DEFAULT_MIX: Mapping[str, float] = {
    "elliptical": 0.22,
    "lenticular": 0.17,
    "spiral": 0.40,
    "irregular": 0.05,
    "ring": 0.04,
    "merger": 0.07,
    "star": 0.025,
    "trail": 0.015,
    "blank": 0.01,
}
"""Shares of the kinds unless others are asked for."""

ARTEFACTS = ("star", "trail", "blank")
"""What is no galaxy: a star that outshines the picture, something that moved, an empty picture."""


def draw_structure(mix: Mapping[str, float], rng: np.random.Generator) -> Structure:
    """Draw a galaxy.

    Parameters
    ----------
    mix : mapping of str to float
        Shares of the kinds.
    rng : Generator
    """
    shares = np.array([mix.get(kind, 0.0) for kind in KINDS])
    kind = str(rng.choice(list(KINDS), p=shares / shares.sum()))
    return KINDS[kind](rng)


def _elliptical(rng: np.random.Generator) -> Structure:
    index = rng.uniform(2.0, 5.5)
    galaxy = _seen(rng, "elliptical", -21.6, 0.9, slope=0.24, at_21=4.0, scatter=0.14)
    return replace(
        galaxy,
        r90=galaxy.r50 * (2.32 + 0.33 * (index - 1.0)),
        young=0.0,
        spheroid_index=index,
        spheroid_radius=galaxy.r50,
        spheroid_ratio=1.0 - 0.6 * rng.beta(1.3, 2.2),
        boxiness=0.6 * rng.beta(1.0, 2.0),
        angle=_angle(rng),
    )


def _lenticular(rng: np.random.Generator) -> Structure:
    return _disc(
        rng, _seen(rng, "lenticular", -21.1, 0.9, slope=0.2, at_21=4.0, scatter=0.13),
        spheroid=0.12 + 0.68 * rng.beta(2.0, 2.0), index=rng.uniform(1.5, 4.0),
        young=0.1 * rng.random(), bar=0.7 * rng.beta(0.7, 1.6),
        ring_strength=0.5 * rng.beta(0.5, 3.0), thickness=rng.uniform(0.15, 0.3),
    )  # fmt: skip


def _spiral(rng: np.random.Generator) -> Structure:
    arms = int(rng.choice(list(ARMS), p=list(ARMS.values())))
    early = rng.random()  # Sa to Sd
    galaxy = _disc(
        rng, _seen(rng, "spiral", -20.9, 0.9, slope=0.16, at_21=5.2, scatter=0.13),
        spheroid=float(np.clip(0.45 * (1.0 - early) * rng.uniform(0.4, 1.4), 0.005, 0.6)),
        index=rng.uniform(1.0, 3.5 - 2.0 * early),
        young=0.35 + 0.5 * early * rng.uniform(0.6, 1.3),
        bar=rng.beta(0.65, 1.1), ring_strength=0.5 * rng.beta(0.4, 3.0),
        thickness=rng.uniform(0.10, 0.2),
    )  # fmt: skip
    return replace(
        galaxy,
        arms=arms,
        arm_strength=rng.beta(1.5, 1.1),
        pitch=float(np.clip(np.exp(rng.normal(np.log(12.0 + 10.0 * early), 0.35)), 6.0, 42.0)),
        raggedness=float(np.clip(rng.beta(1.2, 2.5) + 0.1 * (arms > 3), 0.0, 1.0)),
        sense=int(rng.choice([-1, 1])),
        clumps=0.7 * early * rng.random(),
        tidal=0.25 * rng.beta(0.4, 3.0),
    )


def _irregular(rng: np.random.Generator) -> Structure:
    galaxy = _disc(
        rng, _seen(rng, "irregular", -19.3, 0.9, slope=0.15, at_21=5.2, scatter=0.15),
        spheroid=0.04 * rng.random(), index=1.0, young=rng.uniform(0.7, 1.0),
        bar=0.8 * rng.beta(0.6, 1.5), ring_strength=0.0, thickness=rng.uniform(0.25, 0.45),
    )  # fmt: skip
    return replace(
        galaxy, clumps=0.4 + 0.6 * rng.random(), raggedness=rng.uniform(0.5, 1.0),
        tidal=0.5 * rng.beta(0.8, 2.0),
    )  # fmt: skip


def _ring(rng: np.random.Generator) -> Structure:
    galaxy = _spiral(rng) if rng.random() < 0.5 else _lenticular(rng)
    return replace(
        galaxy, kind="ring", ring_strength=0.35 + 0.65 * rng.random(),
        ring_radius=galaxy.scale_length * rng.uniform(1.3, 2.6),
        arm_strength=0.5 * galaxy.arm_strength,
    )  # fmt: skip


def _merger(rng: np.random.Generator) -> Structure:
    galaxy = (_spiral, _lenticular, _elliptical)[rng.choice(3, p=[0.6, 0.25, 0.15])](rng)
    apart = rng.random()  # from just met to one galaxy with tails
    return replace(
        galaxy,
        kind="merger",
        tidal=0.3 + 0.7 * rng.beta(1.6, 1.0),
        clumps=min(galaxy.clumps + 0.3 * rng.random(), 1.0),
        dust_lane=galaxy.dust_lane,
        companion=float(10.0 ** rng.uniform(-1.2, -0.05)) if apart < 0.75 else 0.0,
        companion_distance=galaxy.r50 * rng.uniform(0.9, 3.2),
        companion_angle=_angle(rng),
    )


def _artefact(kind: str) -> Callable[[np.random.Generator], Structure]:
    def draw(rng: np.random.Generator) -> Structure:
        galaxy = _elliptical(rng) if kind == "star" else _spiral(rng)
        magnitude = rng.uniform(9.0, 14.0) if kind == "star" else galaxy.r_mag
        trail = np.exp(rng.uniform(*np.log(TRAILS))) if kind == "trail" else 0.0
        return replace(galaxy, kind=kind, r_mag=magnitude, trail=float(trail))

    return draw


def _disc(
    rng: np.random.Generator,
    galaxy: Structure,
    *,
    spheroid: float,
    index: float,
    young: float,
    bar: float,
    ring_strength: float,
    thickness: float,
) -> Structure:
    """Give a galaxy a disc, seen from a random side, with a bulge and what is in it."""
    scale = galaxy.scale_length
    inclination = float(np.degrees(np.arccos(rng.random())))
    length = scale * rng.uniform(0.7, 1.7)
    return replace(
        galaxy,
        r90=galaxy.r50 * 2.32 * (1.0 - 0.2 * spheroid),
        young=min(young, 1.0),
        reddening=galaxy.reddening + 0.12 * (1.0 - np.cos(np.radians(inclination))),
        angle=_angle(rng),
        inclination=inclination,
        thickness=thickness,
        spheroid=spheroid,
        spheroid_index=index,
        spheroid_radius=scale * (0.15 + 0.55 * spheroid) * rng.uniform(0.7, 1.4),
        spheroid_ratio=rng.uniform(0.8, 1.0) - 0.25 * inclination / 90.0,
        boxiness=rng.beta(1.0, 1.6),
        bar_strength=bar,
        bar_length=length,
        bar_angle=_angle(rng),
        ring_strength=ring_strength,
        ring_radius=length * rng.uniform(1.0, 1.4),
        dust_lane=rng.beta(1.0, 1.2),
    )


def _seen(
    rng: np.random.Generator,
    kind: str,
    magnitude: float,
    spread: float,
    *,
    slope: float,
    at_21: float,
    scatter: float,
) -> Structure:
    """Draw magnitude, distance and size.

    Parameters
    ----------
    rng : Generator
    kind : str
    magnitude, spread : float
        Mean and spread of the absolute r magnitude among galaxies of one apparent magnitude.
    slope, at_21, scatter : float
        Half-light radius: dex a magnitude, kpc at -21, scatter in dex.
    """
    while True:  # until one is selected
        lowest = 10.0 ** (COUNTS * (BRIGHTEST - FAINTEST))
        r_mag = FAINTEST + np.log10(rng.uniform(lowest, 1.0)) / COUNTS
        absolute = rng.normal(magnitude, spread)
        z = redshift(r_mag - absolute)
        kpc = at_21 * 10.0 ** (-slope * (absolute + 21.0) + rng.normal(0.0, scatter))
        r50 = kpc * arcsec_per_kpc(z)
        brightness = r_mag + 2.5 * np.log10(2.0 * np.pi * r50**2)
        if SMALLEST < r50 < LARGEST and brightness < DIMMEST and 0.003 < z < 0.3:
            dust = rng.normal(0.0, 0.04)
            return Structure(kind, z, float(r_mag), r50, 2.32 * r50, 0.0, dust, 0.0)


def _angle(rng: np.random.Generator) -> float:
    return float(rng.uniform(0.0, 2.0 * np.pi))


KINDS: Mapping[str, Callable[[np.random.Generator], Structure]] = {
    "elliptical": _elliptical,
    "lenticular": _lenticular,
    "spiral": _spiral,
    "irregular": _irregular,
    "ring": _ring,
    "merger": _merger,
    **{kind: _artefact(kind) for kind in ARTEFACTS},
}
"""Kinds of galaxies and of artefacts, and how each is drawn."""
