"""From a galaxy's numbers to its light above the atmosphere, in three bands."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from skysift.simulate.galaxies import _pixels
from skysift.simulate.galaxies.structure import Structure
from skysift.simulate.galaxies.survey import DUST, KNOT, OLD, REDSHIFTED, YOUNG, Survey

EDGE = 76.0
"""Inclination [deg] about which dust lanes appear and patterns on the disc vanish."""
KNOTS = 45
"""Star-forming regions of the clumpiest galaxies."""
KNOT_SHARE = 0.22
"""Their share of the young light there."""


def add_galaxy(
    canvas: np.ndarray, galaxy: Structure, survey: Survey, pixel: float, *, rng: np.random.Generator
) -> None:
    """Draw a galaxy, and what it merges with, in the middle of a canvas, or near it in stamps.

    Parameters
    ----------
    canvas : ndarray (3, side, side) float32
        Flux per pixel [nanomaggies]; changed.
    galaxy : Structure
    survey : Survey
        Gives the bands.
    pixel : float
        Width of a pixel [arcsec].
    rng : Generator
        For arms and knots; the galaxy's numbers are settled.
    """
    middle = (canvas.shape[1] - 1) / 2.0
    x, y = middle + rng.uniform(-0.5, 0.5, 2)
    if survey.stamps is not None:
        off_centre = survey.stamps.off_centre * galaxy.r50 / pixel
        x, y = x + rng.normal(0.0, off_centre), y + rng.normal(0.0, off_centre)
    _add(canvas, galaxy, survey, pixel, x, y, rng)
    if galaxy.companion > 0.0:
        away = galaxy.companion_distance / pixel
        _add(
            canvas,
            companion_of(galaxy, rng),
            survey,
            pixel,
            x + away * math.cos(galaxy.companion_angle),
            y + away * math.sin(galaxy.companion_angle),
            rng,
        )


def companion_of(galaxy: Structure, rng: np.random.Generator) -> Structure:
    """Draw the smaller one of a pair."""
    smaller = galaxy.companion**0.35
    return replace(
        galaxy,
        r_mag=galaxy.r_mag - 2.5 * math.log10(galaxy.companion),
        r50=galaxy.r50 * smaller,
        spheroid_radius=galaxy.spheroid_radius * smaller,
        spheroid_ratio=rng.uniform(0.6, 1.0),
        young=float(np.clip(galaxy.young + rng.normal(0.0, 0.2), 0.0, 1.0)),
        angle=rng.uniform(0.0, 2.0 * np.pi),
        inclination=math.degrees(math.acos(rng.random())) if galaxy.spheroid < 1.0 else 0.0,
        arm_strength=0.5 * galaxy.arm_strength,
        bar_length=galaxy.bar_length * smaller,
        ring_strength=0.0,
        companion=0.0,
    )


def _add(
    canvas: np.ndarray,
    galaxy: Structure,
    survey: Survey,
    pixel: float,
    x: float,
    y: float,
    rng: np.random.Generator,
) -> None:
    shape, lumps = _shape(galaxy, pixel, x, y, rng)
    old, young = (_colours(galaxy, survey, tones) for tones in (OLD, YOUNG))
    dust = np.array([DUST[band] for band in survey.bands]) / DUST["r"]
    angles = 2.0 * np.pi * np.arange(galaxy.arms) / max(galaxy.arms, 1)
    angles = angles + rng.uniform(0.0, 2.0 * np.pi) + rng.normal(0.0, 0.15, galaxy.arms)
    fluxes = np.exp(rng.normal(0.0, 0.15 + 0.35 * galaxy.raggedness, galaxy.arms))
    _pixels.draw_galaxy(canvas, shape, angles, fluxes, _waves(galaxy, rng), old, young, dust)
    if lumps > 0.0:
        _add_knots(canvas, galaxy, shape, lumps, angles, survey, rng)


def _shape(
    galaxy: Structure, pixel: float, x: float, y: float, rng: np.random.Generator
) -> tuple[_pixels.Shape, float]:
    """A galaxy on the pixels, and its flux in knots [nanomaggies]."""
    flux = 10.0 ** (-0.4 * (galaxy.r_mag - 22.5))
    disc, scale = flux * (1.0 - galaxy.spheroid), galaxy.scale_length / pixel
    lumps = KNOT_SHARE * galaxy.clumps * galaxy.young * disc
    tilt = math.radians(galaxy.inclination)
    squash = squash_of(galaxy)
    edge = edge_on(galaxy)
    isophote = 2.0 if edge < 0.02 else 2.0 - 0.65 * edge
    radius = galaxy.spheroid_radius / pixel
    squared = 1.6 * galaxy.boxiness * (edge if galaxy.spheroid < 1.0 else 0.6)
    boxy = 2.0 + squared if squared > 0.05 else 2.0  # ellipses are drawn faster
    steepness = sersic_steepness(galaxy.spheroid_index)
    pitch = math.tan(math.radians(galaxy.pitch))
    light = disc - lumps
    features = _feature_light(galaxy)
    bar = galaxy.bar_length / pixel
    return _pixels.Shape(
        x=x,
        y=y,
        cosine=math.cos(galaxy.angle),
        sine=math.sin(galaxy.angle),
        steepness=steepness,
        inverse_index=1.0 / galaxy.spheroid_index,
        radius=radius,
        ratio=galaxy.spheroid_ratio,
        boxy=boxy,
        peak=flux * galaxy.spheroid
        / sersic_flux(galaxy.spheroid_index, radius, galaxy.spheroid_ratio, boxy),
        root_steps=100.0 / math.sqrt(radius),
        scale=scale,
        squash=squash,
        isophote=isophote,
        disc=light / (disc_flux(scale, squash, isophote) * (1.0 + features)),
        young=galaxy.young,
        pattern=1.0 - edge,
        arms=galaxy.arms if galaxy.arm_strength > 0.0 else 0,
        winding=galaxy.sense / pitch,
        arm_width=1.2 + 0.55 * galaxy.arms**1.5,
        arm_strength=0.95 * galaxy.arm_strength,
        arm_start=max(0.8 * scale, 0.9 * bar * (galaxy.bar_strength > 0.25)),
        ragged=0.6 * galaxy.raggedness,
        bar=2.2 * galaxy.bar_strength,
        bar_length=bar,
        bar_width=bar * (0.42 - 0.17 * galaxy.bar_strength),
        bar_cosine=math.cos(galaxy.bar_angle),
        bar_sine=math.sin(galaxy.bar_angle),
        ring=0.55 * galaxy.ring_strength,
        ring_radius=galaxy.ring_radius / pixel,
        ring_width=0.16 * galaxy.ring_radius / pixel + 0.05 * scale,
        tail=0.5 * galaxy.tidal**1.5,
        tail_winding=galaxy.sense * rng.uniform(0.5, 1.6),
        tail_start=scale * rng.uniform(1.6, 2.6),
        tails=int(rng.integers(1, 3)),
        bend=0.10 * galaxy.tidal * rng.uniform(-1.0, 1.0),
        clumpy=0.7 * galaxy.clumps,
        lane=2.2 * galaxy.dust_lane * max(2.0 * edge - 1.0, 0.0),
        lane_offset=0.8 * scale * math.cos(tilt) * rng.choice([-1, 1]),
        lane_width=max(0.35 * galaxy.thickness * scale, 0.4),
        dust=0.5 * (1.0 - 0.5 * galaxy.raggedness),
    ), lumps  # fmt: skip


def edge_on(galaxy: Structure) -> float:
    """How much a disc is seen from its edge: 0 to 1, and 0 without a disc."""
    if galaxy.spheroid >= 1.0:
        return 0.0
    return 1.0 / (1.0 + math.exp((EDGE - galaxy.inclination) / 3.0))


def squash_of(galaxy: Structure) -> float:
    """Axis ratio of the disc as it is seen: of a spheroid as flat as the disc (Hubble 1926)."""
    tilt, thickness = math.radians(galaxy.inclination), galaxy.thickness
    return math.hypot(math.cos(tilt) * math.sqrt(1.0 - thickness**2), thickness)


def sersic_steepness(index: float) -> float:
    """Sérsic's b_n (Prugniel & Simien 1997, A&A 321, 111)."""
    return 2.0 * index - 1.0 / 3.0 + 0.009876 / index


def sersic_flux(index: float, radius: float, ratio: float, boxy: float) -> float:
    """Flux of a profile whose central brightness is one (Graham & Driver 2005, eq. 2)."""
    b = sersic_steepness(index)
    shape = index * b ** (-2.0 * index) * math.gamma(2.0 * index)
    return 2.0 * math.pi * radius**2 * ratio * shape * superellipse_area(boxy)


def disc_flux(scale: float, squash: float, isophote: float) -> float:
    """Flux of an exponential disc whose central brightness is one."""
    return 2.0 * math.pi * scale**2 * squash * superellipse_area(isophote)


def superellipse_area(exponent: float) -> float:
    """Area within ``|x|^c + |y|^c = 1``, over that of a circle."""
    return 4.0 / math.pi * math.gamma(1 + 1 / exponent) ** 2 / math.gamma(1 + 2 / exponent)


def _feature_light(galaxy: Structure) -> float:
    """Light of bar, ring and tails over that of the plain disc, about: they take it from there."""
    scale = galaxy.scale_length
    bar = 2.2 * galaxy.bar_strength * 0.62 * 0.33 * (galaxy.bar_length / scale) ** 2 / 2.0
    width = 0.16 * galaxy.ring_radius / scale + 0.05
    ring = 0.55 * galaxy.ring_strength * galaxy.ring_radius / scale * width * 2.5
    return bar + ring + 0.5 * galaxy.tidal**1.5 * 0.5


def _colours(galaxy: Structure, survey: Survey, tones: dict[str, float]) -> np.ndarray:
    """Flux by band of one unit in r."""
    aged = 1.0 if tones is OLD else 0.5
    magnitudes = [
        tones[band]
        + aged * REDSHIFTED[band] * galaxy.redshift
        + galaxy.reddening * (DUST[band] - DUST["r"]) / (DUST["g"] - DUST["r"])
        for band in survey.bands
    ]
    return 10.0 ** (-0.4 * np.array(magnitudes))


def _waves(galaxy: Structure, rng: np.random.Generator) -> np.ndarray:
    """Random waves over the disc (`WAVES`, 4): numbers, phase, amplitude."""
    count = _pixels.WAVES
    number, turn = rng.uniform(0.8, 5.0, count), rng.uniform(0.0, 2.0 * np.pi, count)
    phase = rng.uniform(0.0, 2.0 * np.pi, count)
    amplitude = rng.uniform(0.25, 0.7, count)
    return np.stack([number * np.cos(turn), number * np.sin(turn), phase, amplitude], axis=1)


def _add_knots(
    canvas: np.ndarray,
    galaxy: Structure,
    shape: _pixels.Shape,
    flux: float,
    angles: np.ndarray,
    survey: Survey,
    rng: np.random.Generator,
) -> None:
    """Add star-forming regions, along the arms where there are any."""
    count = 3 + rng.poisson(KNOTS * galaxy.clumps)
    radius = shape.scale * rng.gamma(3.0, 0.55, count) + 0.3 * shape.scale
    turn = rng.uniform(0.0, 2.0 * np.pi, count)
    if shape.arms:
        on_arm = shape.winding * np.log(radius / shape.scale) + rng.choice(angles, count)
        on_arm += rng.normal(0.0, 0.25 + 0.3 * galaxy.raggedness, count)
        turn = np.where(rng.random(count) < galaxy.arm_strength, on_arm, turn)
    u, v = radius * np.cos(turn), radius * np.sin(turn) * shape.squash
    share = rng.pareto(1.6, count) + 0.2
    light = flux * np.minimum(share, 4.0) / np.minimum(share, 4.0).sum()
    width = shape.scale * rng.uniform(0.05, 0.14, count)
    _pixels.draw_blobs(
        canvas,
        shape.x + u * shape.cosine - v * shape.sine,
        shape.y + u * shape.sine + v * shape.cosine,
        width,
        np.full(count, max(shape.squash, 0.3)),
        np.full(count, galaxy.angle),
        light[:, None] * _colours(galaxy, survey, KNOT),
    )
