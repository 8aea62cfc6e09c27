"""Stamps that look like no other: what a camera, a satellite or a pipeline now and then does."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

Images = list[np.ndarray]
"""Science, template and difference, float32 (rows, columns) [DN]."""

MAD = 1.4826
"""Standard deviation of a Gaussian over its median absolute deviation."""


def with_oddity(images: Sequence[np.ndarray], name: str, *, rng: np.random.Generator) -> Images:
    """Do to the stamps of an alert what an oddity does.

    Parameters
    ----------
    images : sequence of 3 ndarray (rows, columns), float32
        Science, template and difference [DN].
    name : str
        One of `ODDITIES`, or empty for none: then nothing is drawn.
    rng : numpy.random.Generator
        Source of chance.

    Returns
    -------
    list of 3 ndarray, float32
        The same shapes; pixels without data stay so.
    """
    copies = [image.copy() for image in images]
    return ODDITIES[name](copies, rng) if name else copies


def _stripe(images: Images, rng: np.random.Generator) -> Images:
    """A few rows or columns that were read out with another bias."""
    turned = bool(rng.integers(2))
    place, width = rng.uniform(0.1, 0.8), int(rng.integers(3, 8))
    step = np.float32(rng.uniform(15.0, 60.0) * _noise(images))
    for image in (images[0], images[2]):
        lines = image.T if turned else image
        first = int(place * len(lines))
        lines[first : first + width] += step
    return images


def _trail(images: Images, rng: np.random.Generator) -> Images:
    """A satellite that crosses the exposure from rim to rim."""
    rows, columns = _places(images)
    angle, beside = rng.uniform(0.0, np.pi), rng.uniform(-12.0, 12.0)
    distance = columns * np.cos(angle) + rows * np.sin(angle) - beside
    width = rng.uniform(1.0, 2.5)
    return _add_light(images, np.exp(-0.5 * (distance / width) ** 2), rng.uniform(30.0, 150.0))


def _ghost(images: Images, rng: np.random.Generator) -> Images:
    """A bright star out of focus: a disc with a hole, from a reflection in the camera."""
    rows, columns = _places(images)
    y, x = rng.uniform(-14.0, 14.0, 2)
    radius, hole = rng.uniform(10.0, 20.0), rng.uniform(0.2, 0.5)
    distance = np.hypot(rows - y, columns - x)
    disc = _within(distance, radius) - _within(distance, hole * radius)
    return _add_light(images, disc, rng.uniform(12.0, 40.0))


def _blank_half(images: Images, rng: np.random.Generator) -> Images:
    """Half of each image was lost on the way and filled with zeros."""
    turns = int(rng.integers(4))
    for image in images:
        lines = np.rot90(image, turns)
        lines[: len(lines) // 2] = 0.0
    return images


def _swapped(images: Images, rng: np.random.Generator) -> Images:
    """Template and difference in each other's place."""
    science, template, difference = images
    return [science, difference, template]


ODDITIES: dict[str, Callable[[Images, np.random.Generator], Images]] = {
    "stripe": _stripe,
    "trail": _trail,
    "ghost": _ghost,
    "blank_half": _blank_half,
    "swapped": _swapped,
}


def _add_light(images: Images, shape: np.ndarray, brightness: float) -> Images:
    """Add light to the science image, hence to the difference; `brightness` in noises of it."""
    light = (brightness * _noise(images) * shape).astype(np.float32)
    return [images[0] + light, images[1], images[2] + light]


def _noise(images: Images) -> float:
    """Noise of the difference [DN]."""
    known = images[2][np.isfinite(images[2])]
    return MAD * float(np.median(np.abs(known - np.median(known))))


def _places(images: Images) -> tuple[np.ndarray, np.ndarray]:
    """Rows and columns from the middle [px]."""
    rows, columns = np.indices(images[0].shape, dtype=float)
    return rows - rows.mean(), columns - columns.mean()


def _within(distance: np.ndarray, radius: float) -> np.ndarray:
    """1 inside a circle, 0 outside, and in between on its rim."""
    return np.clip(radius - distance + 0.5, 0.0, 1.0)
