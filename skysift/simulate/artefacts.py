"""The shapes of bogus alerts: light, holes and misfits that no star or galaxy makes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from skysift.simulate.scene import SIZE

_ROWS, _COLUMNS = np.mgrid[:SIZE, :SIZE].astype(float)


@dataclass(frozen=True)
class Defects:
    """What a defect does to the stamps.

    Attributes
    ----------
    science : ndarray (63, 63)
        Light [DN] that is in the science image, hence in the difference too.
    difference : ndarray (63, 63)
        What the subtraction adds [DN].
    mask : ndarray (63, 63) of bool, or None
        Pixels without data.
    misregistered : bool
        Whether the reference was matched badly.
    """

    science: np.ndarray
    difference: np.ndarray
    mask: np.ndarray | None = None
    misregistered: bool = False


_NOTHING = np.zeros((SIZE, SIZE))


def draw_defects(
    name: str, flux: float, centre: tuple[float, float], *, rng: np.random.Generator
) -> Defects:
    """Draw the defect of that name; an empty name has none.

    Parameters
    ----------
    name : str
        ``dipole``, ``cosmic_ray``, ``edge``, ``ghost``, ``noise`` or empty.
    flux : float
        Flux [DN] that the pipeline measured.
    centre : (x, y)
        Place of the detection [px].
    rng : numpy.random.Generator
        Source of chance.
    """
    if not name:
        return Defects(_NOTHING, _NOTHING)
    return _MAKERS[name](flux, centre, rng)


def _dipole(flux: float, centre: tuple[float, float], rng: np.random.Generator) -> Defects:
    """A star that moved against the reference, and did not quite scale."""
    residual = 0.3 * flux * _round_patch(centre, rng.uniform(0.7, 1.2))
    return Defects(_NOTHING, residual, misregistered=True)


def _cosmic_ray(flux: float, centre: tuple[float, float], rng: np.random.Generator) -> Defects:
    """A few pixels of a straight track, sharper than any star."""
    track = np.zeros((SIZE, SIZE))
    length = int(min(rng.geometric(0.35), 14))
    angle = rng.uniform(0.0, np.pi)
    steps = np.linspace(-0.5, 0.5, length) * (length - 1)
    columns = np.round(centre[0] + steps * np.cos(angle)).astype(int)
    rows = np.round(centre[1] + steps * np.sin(angle)).astype(int)
    np.add.at(track, (rows, columns), flux / length * rng.lognormal(0.0, 0.4, length))
    return Defects(track, _NOTHING)


def _edge(flux: float, centre: tuple[float, float], rng: np.random.Generator) -> Defects:
    """The rim of the detector close by, with a glow along it."""
    distance = _COLUMNS - centre[0] + rng.uniform(2.0, 12.0)
    mask = distance < 0
    glow = np.exp(-np.maximum(distance, 0.0) / rng.uniform(1.0, 3.0))
    glow = 0.04 * flux * glow + 0.5 * flux * _round_patch(centre, rng.uniform(0.6, 2.0))
    turns = int(rng.integers(4))
    return Defects(np.rot90(glow, turns), _NOTHING, np.rot90(mask, turns))


def _ghost(flux: float, centre: tuple[float, float], rng: np.random.Generator) -> Defects:
    """A reflection of a bright star: part of a wide, flat ring."""
    radius = rng.uniform(10.0, 28.0)
    angle = rng.uniform(0.0, 2.0 * np.pi)
    x, y = centre[0] + radius * np.cos(angle), centre[1] + radius * np.sin(angle)
    distance = np.hypot(_COLUMNS - x, _ROWS - y)
    ring = np.exp(-0.5 * ((distance - radius) / rng.uniform(1.5, 4.0)) ** 2)
    filled = 0.4 / (1.0 + np.exp((distance - radius) / 1.5))
    return Defects(0.006 * abs(flux) * (ring + filled), _NOTHING)


def _noise(flux: float, centre: tuple[float, float], rng: np.random.Generator) -> Defects:
    """A lump of noise: a few raised pixels scattered about the place."""
    lump = np.zeros((SIZE, SIZE))
    rows = np.clip(np.round(centre[1] + rng.normal(0.0, 1.5, 8)), 0, SIZE - 1).astype(int)
    columns = np.clip(np.round(centre[0] + rng.normal(0.0, 1.5, 8)), 0, SIZE - 1).astype(int)
    np.add.at(lump, (rows, columns), 0.1 * flux * rng.standard_normal(8))
    return Defects(_NOTHING, lump)


def _round_patch(centre: tuple[float, float], sigma: float) -> np.ndarray:
    """A round Gaussian of unit flux."""
    squared = (_COLUMNS - centre[0]) ** 2 + (_ROWS - centre[1]) ** 2
    return np.exp(-0.5 * squared / sigma**2) / (2.0 * np.pi * sigma**2)


_MAKERS = {
    "dipole": _dipole,
    "cosmic_ray": _cosmic_ray,
    "edge": _edge,
    "ghost": _ghost,
    "noise": _noise,
}
