"""The stars and galaxies around a target: one catalogue, seen by the images and by the packet."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

RADIUS = 95.0
"""Radius [arcsec] filled with neighbours: packets name Gaia stars out to 90 arcsec."""
FAINTEST = 22.7
"""Faintest r magnitude of a neighbour; about where PS1 ends."""


@dataclass(frozen=True)
class Neighbours:
    """Sources around a target; all arrays have one row a source.

    Attributes
    ----------
    east, north : ndarray (m,)
        Offsets from the target [arcsec].
    mags : ndarray (m, 4)
        Magnitudes in g, r, i, z.
    star_score : ndarray (m,)
        What PS1 would call it: 0 galaxy, 1 star.
    radius : ndarray (m,)
        Half-light radius [arcsec]; 0 for a star.
    sersic, axis_ratio, angle : ndarray (m,)
        Shape of a galaxy: Sérsic index, minor/major axis, position angle [rad].
    """

    east: np.ndarray
    north: np.ndarray
    mags: np.ndarray
    star_score: np.ndarray
    radius: np.ndarray
    sersic: np.ndarray
    axis_ratio: np.ndarray
    angle: np.ndarray

    def __len__(self) -> int:
        return len(self.east)

    @property
    def distance(self) -> np.ndarray:
        """Distance from the target [arcsec], shape (m,)."""
        return np.hypot(self.east, self.north)

    @property
    def is_star(self) -> np.ndarray:
        """True for point sources, shape (m,)."""
        return self.radius == 0.0

    def __getitem__(self, rows: np.ndarray) -> Neighbours:
        return Neighbours(*(getattr(self, field.name)[rows] for field in fields(self)))

    def __add__(self, other: Neighbours) -> Neighbours:
        pairs = ((getattr(self, f.name), getattr(other, f.name)) for f in fields(self))
        return Neighbours(*(np.concatenate(pair) for pair in pairs))


def make_star(mags: np.ndarray, offset: float = 0.12, *, rng: np.random.Generator) -> Neighbours:
    """Draw a catalogue row for a star at the target's place, `offset` [arcsec] rms away."""
    east, north = rng.normal(0.0, offset, (2, 1))
    return _stars(east, north, np.reshape(mags, (1, 4)), rng)


def make_galaxy(
    mags: np.ndarray,
    radius: float,
    east: float,
    north: float,
    *,
    rng: np.random.Generator,
    early_type: bool = False,
) -> Neighbours:
    """Draw a catalogue row for a galaxy at given offsets and half-light radius [arcsec]."""
    place = np.array([[east], [north], [max(radius, 0.2)]])
    row = _galaxies(place[0], place[1], np.reshape(mags, (1, 4)), place[2], rng)
    index = rng.normal(3.5, 0.5) if early_type else rng.normal(1.2, 0.3)
    return Neighbours(
        row.east, row.north, row.mags, row.star_score, row.radius,
        np.array([np.clip(index, 0.6, 5.0)]), row.axis_ratio, row.angle,
    )  # fmt: skip


def make_field(latitude: float, *, rng: np.random.Generator) -> Neighbours:
    """Draw the stars and galaxies that happen to be around, at a galactic latitude [deg]."""
    area = np.pi * RADIUS**2 / 3600.0
    star_count = rng.poisson(area * star_density(latitude))
    galaxy_count = rng.poisson(area * 3.0)
    stars = _stars(*_scatter(star_count, rng), _star_mags(star_count, rng), rng)
    mags = _galaxy_mags(galaxy_count, rng)
    sizes = 0.7 * 10.0 ** (-0.15 * (mags[:, 1] - 21.0)) * rng.lognormal(0.0, 0.25, galaxy_count)
    return stars + _galaxies(*_scatter(galaxy_count, rng), mags, sizes, rng)


def star_density(latitude: float) -> float:
    """Stars brighter than the catalogue's end per square arcminute, from pole to plane."""
    return float(min(1.6 / np.sin(np.radians(min(abs(latitude) + 2.0, 90.0))) ** 1.7, 90.0))


def star_colours(count: int, *, rng: np.random.Generator) -> np.ndarray:
    """Draw g, r, i, z magnitudes of stars relative to r, shape (count, 4)."""
    g_r = np.clip(rng.normal(0.8, 0.35, count), 0.1, 1.5)
    r_i = 0.42 * g_r - 0.05 + rng.normal(0.0, 0.04, count) + np.where(g_r > 1.2, 0.5, 0.0)
    return np.stack([g_r, np.zeros(count), -r_i, -1.5 * r_i], axis=1)


def galaxy_colours(count: int, *, rng: np.random.Generator) -> np.ndarray:
    """Draw g, r, i, z magnitudes of galaxies relative to r, shape (count, 4)."""
    g_r = np.clip(rng.normal(0.65, 0.2, count), 0.1, 1.4)
    return np.stack([g_r, np.zeros(count), -0.5 * g_r, -0.8 * g_r], axis=1)


def _scatter(count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    distance = RADIUS * np.sqrt(rng.random(count))
    angle = rng.uniform(0.0, 2.0 * np.pi, count)
    return distance * np.cos(angle), distance * np.sin(angle)


def _star_mags(count: int, rng: np.random.Generator) -> np.ndarray:
    """Counts that rise as 10 ** (0.25 r), from 9.5 mag to the catalogue's end."""
    bright_end = 10.0 ** (0.25 * (9.5 - FAINTEST))
    mag = FAINTEST + np.log10(rng.uniform(bright_end, 1.0, count)) / 0.25
    return mag[:, None] + star_colours(count, rng=rng)


def _galaxy_mags(count: int, rng: np.random.Generator) -> np.ndarray:
    mag = FAINTEST + np.log10(rng.uniform(1e-4, 1.0, count)) / 0.5
    return mag[:, None] + galaxy_colours(count, rng=rng)


def _stars(
    east: np.ndarray, north: np.ndarray, mags: np.ndarray, rng: np.random.Generator
) -> Neighbours:
    score = 1.0 - np.abs(rng.normal(0.0, 0.02, len(east)))
    score = _confuse(score, mags[:, 1], rng)
    nothing = np.zeros(len(east))
    return Neighbours(east, north, mags, score, nothing, nothing + 1.0, nothing + 1.0, nothing)


def _galaxies(
    east: np.ndarray,
    north: np.ndarray,
    mags: np.ndarray,
    radius: np.ndarray,
    rng: np.random.Generator,
) -> Neighbours:
    count = len(east)
    score = np.abs(rng.normal(0.0, 0.06, count)) + 0.35 * np.exp(-3.0 * radius)
    score = _confuse(np.clip(score, 0.0, 1.0), mags[:, 1], rng)
    axis_ratio = rng.uniform(0.3, 1.0, count)
    angle = rng.uniform(0.0, np.pi, count)
    return Neighbours(east, north, mags, score, radius, np.ones(count), axis_ratio, angle)


def _confuse(score: np.ndarray, mag: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Blur scores of faint sources, and leave some at 0.5, as PS1's catalogue does."""
    blur = np.clip((mag - 19.5) / 2.5, 0.0, 1.0)
    score = score + blur * 0.35 * (0.5 - score) + 0.25 * blur * rng.normal(0.0, 1.0, len(score))
    unknown = rng.random(len(score)) < 0.03 + 0.25 * blur
    return np.where(unknown, 0.5, np.clip(score, 0.0, 1.0))
