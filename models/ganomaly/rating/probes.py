"""Images that any network should find strange, and how much it takes until it does.

Some of the reference's images are spoilt in known ways and scored again. A network that rates a
black frame, a stripe or a photograph as usual measures nothing; how its percentiles rise with blur,
noise or compression tells what a comparison with simulations is sensitive to besides galaxies.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.ndimage import gaussian_filter

from skysift.models.ganomaly.inputs import resized
from skysift.models.ganomaly.rating.jpeg import compressed

if TYPE_CHECKING:
    from skysift.models.ganomaly.scorer import Scorer

BEYOND = 99.0
"""Percentile above which a probe counts as found."""

COUNT = 64
"""Images that are spoilt, at most."""

STRIPE = 1 / 6
"""Of the side: the width of a stripe."""


@dataclass(frozen=True)
class Probe:
    """A way to spoil images.

    Attributes
    ----------
    name : str
    level : float or None
        How much; None where there is no more and less.
    images : ndarray (n, side, side, c), float32
        In [-1, 1], as the network sees them.
    """

    name: str
    level: float | None
    images: np.ndarray


def probes(images: np.ndarray, rng: np.random.Generator) -> Iterator[Probe]:
    """Spoil images in every way.

    Parameters
    ----------
    images : ndarray (n, side, side, c), float32
        In [-1, 1]; one at least.
    rng : Generator

    Yields
    ------
    Probe
        ``untouched`` first; ``black``; ``stripe``, one channel at its brightest from top to bottom;
        ``noise`` instead of an image; ``photo``, what comes with scikit-learn, of three channels
        only; ``colours``, channels in reverse order, if there are several. And by level: ``scale``,
        galaxies so many times as large; ``psf``, blurred by a Gaussian of so many pixels'
        standard deviation; ``grain``, noise added, its standard deviation in the images' range from
        -1 to 1; ``jpeg``, compressed with this quality.
    """
    yield Probe("untouched", None, images)
    yield Probe("black", None, np.full_like(images[:1], -1))
    yield Probe("stripe", None, _striped(images))
    yield Probe("noise", None, rng.uniform(-1, 1, images.shape).astype(np.float32))
    if images.shape[-1] == 3:
        yield Probe("photo", None, _photos(images.shape[1]))
    if images.shape[-1] > 1:
        yield Probe("colours", None, images[..., ::-1])
    for name, (levels, spoil) in _GRADED.items():
        for level in levels:
            yield Probe(name, level, spoil(images, level, rng).astype(np.float32))


def ask(images: np.ndarray, scorer: Scorer, *, seed: int) -> list[dict[str, Any]]:
    """Score images that are spoilt in every way.

    Parameters
    ----------
    images : ndarray (n, side, side, c), float32
        From `Scorer.prepare`.
    scorer : Scorer
    seed : int

    Returns
    -------
    list of dict
        Of each probe ``name``, ``level``, ``images``; the medians of ``combined`` and
        ``percentile``; ``least``, the smallest percentile; and ``beyond``, the share of images past
        the 99th percentile.
    """
    told = []
    for probe in probes(images, np.random.default_rng(seed)):
        scores = scorer.score_prepared(probe.images)
        percentile = scores["percentile"]
        told.append(
            {
                "name": probe.name, "level": probe.level, "images": len(probe.images),
                "combined": float(np.median(scores["combined"])),
                "percentile": float(np.median(percentile)),
                "least": float(percentile.min()),
                "beyond": float((percentile >= BEYOND).mean()),
            }
        )  # fmt: skip
    return told


def _striped(images: np.ndarray) -> np.ndarray:
    side = images.shape[1]
    spoilt = images.copy()
    start = side // 4
    spoilt[:, :, start : start + max(1, round(STRIPE * side)), 0] = 1
    return spoilt


def _photos(side: int) -> np.ndarray:
    from sklearn.datasets import load_sample_images

    photos = [resized(photo.astype(np.float32), side) for photo in load_sample_images().images]
    return (np.stack(photos) / 127.5 - 1).astype(np.float32)


def _scaled(images: np.ndarray, level: float, rng: np.random.Generator) -> np.ndarray:
    """Enlarge the middle, or make all smaller, on a sky of pixels drawn from the image's edges."""
    side = images.shape[1]
    inner = round(side / level)
    if inner <= side:
        cut = (side - inner) // 2
        middle = images[:, cut : cut + inner, cut : cut + inner]
        return np.stack([resized(image, side) for image in middle])
    smaller = np.stack([resized(image, round(side * level)) for image in images])
    sky = np.concatenate([images[:, 0], images[:, -1], images[:, :, 0], images[:, :, -1]], axis=1)
    whole = np.stack([some[rng.integers(len(some), size=(side, side))] for some in sky])
    cut = (side - smaller.shape[1]) // 2
    whole[:, cut : cut + smaller.shape[1], cut : cut + smaller.shape[1]] = smaller
    return whole


def _blurred(images: np.ndarray, level: float, rng: np.random.Generator) -> np.ndarray:
    return gaussian_filter(images, (0, level, level, 0), mode="nearest")


def _grained(images: np.ndarray, level: float, rng: np.random.Generator) -> np.ndarray:
    return np.clip(images + rng.normal(0, level, images.shape), -1, 1)


def _compressed(images: np.ndarray, level: float, rng: np.random.Generator) -> np.ndarray:
    pixels = np.rint((images + 1) * 127.5).astype(np.uint8)
    return np.stack([compressed(image, int(level)) for image in pixels]) / 127.5 - 1


_GRADED: dict[str, tuple[tuple[float, ...], Callable[..., np.ndarray]]] = {
    "scale": ((0.5, 0.71, 1.41, 2.0), _scaled),
    "psf": ((0.5, 1.0, 2.0, 4.0), _blurred),
    "grain": ((0.02, 0.05, 0.1, 0.2), _grained),
    "jpeg": ((90, 70, 40, 15), _compressed),
}
"""Levels, from little to much, and what is done."""
