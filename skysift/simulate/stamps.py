"""Science, template and difference stamps of an alert, with what goes wrong in real ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from skysift.simulate.artefacts import Defects, draw_defects
from skysift.simulate.observing import science_noise
from skysift.simulate.scene import SIZE, Scene
from skysift.simulate.target import ZEROPOINT

SATURATION = 50_000.0
"""Level [DN] at which pixels are full."""
MASKED_TEMPLATE = -np.finfo(np.float32).max
"""What some reference images hold where they have no data."""
MASKED_SHARE = 0.14
"""Fraction of stamps with some missing pixels, as in real packets."""
ODD_SHAPE_SHARE = 0.005
"""Fraction of stamps that are not square."""


@dataclass(frozen=True)
class Exposure:
    """What a stamp needs to know of its visit.

    Attributes
    ----------
    fid : int
        Filter: 1 g, 2 r, 3 i.
    zeropoint : float
        Magnitude of one DN.
    seeing, reference_seeing : float
        Full widths at half maximum of a star in the science and the reference image [px].
    background : float
        Sky level [DN].
    """

    fid: int
    zeropoint: float
    seeing: float
    reference_seeing: float
    background: float


@dataclass(frozen=True)
class Registration:
    """Errors with which the reference is matched to the science image."""

    shift: tuple[float, float]
    gain: float
    seeing: float


def make_stamps(
    scene: Scene,
    exposure: Exposure,
    flux: float,
    centre: tuple[float, float],
    artefact: str = "",
    *,
    rng: np.random.Generator,
) -> list[np.ndarray]:
    """Draw the three stamps of an alert.

    Parameters
    ----------
    scene : Scene
        What does not change.
    exposure : Exposure
        The visit.
    flux : float
        Flux [DN] of the target above the reference, signed. The difference is drawn reference
        minus science where it is negative, as in ZTF's packets.
    centre : (x, y)
        Place of the target [px], within the middle pixel or near it.
    artefact : str
        Name of the defect that made a bogus alert; empty for a real one.
    rng : numpy.random.Generator
        Source of chance.

    Returns
    -------
    list of ndarray
        Science, template and difference; float32, mostly (63, 63) [DN].
    """
    scale = 10.0 ** (0.4 * (exposure.zeropoint - ZEROPOINT))
    defects = draw_defects(artefact, flux, centre, rng=rng)
    changing = 0.0 if artefact else flux / scale
    science = scene.render(exposure.fid, exposure.seeing, centre, changing) * scale
    noise = _science_noise(science + exposure.background, rng)
    template_noise = _template_noise(rng)
    match = _registration(exposure, defects, rng)
    moved = (centre[0] + match.shift[0], centre[1] + match.shift[1])
    matched = scene.render(exposure.fid, match.seeing, moved) * scale * match.gain
    template = scene.render(exposure.fid, exposure.reference_seeing, centre) * scale

    science = np.minimum(science + defects.science, SATURATION)
    residual = science - np.minimum(matched, SATURATION) + defects.difference
    images = [
        science + exposure.background + noise,
        np.minimum(template, SATURATION) + exposure.background + template_noise,
        residual + noise - template_noise,
    ]
    if flux < 0:
        images[2] = -images[2]
    return _spoil([image.astype(np.float32) for image in images], defects, rng)


def _registration(exposure: Exposure, defects: Defects, rng: np.random.Generator) -> Registration:
    """Good to a few hundredths of a pixel, unless the defect is a bad subtraction."""
    scatter = 0.03 if not defects.misregistered else 0.25
    x, y = rng.normal(0.0, scatter, 2)
    gain = 1.0 + rng.normal(0.0, 0.004)
    return Registration((x, y), gain, exposure.seeing * (1.0 + rng.normal(0.0, 0.01)))


def _science_noise(level: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return rng.standard_normal((SIZE, SIZE)) * science_noise(level)


def _template_noise(rng: np.random.Generator) -> np.ndarray:
    """Noise of the co-added, resampled reference: small, and correlated between neighbours."""
    noise = rng.standard_normal((SIZE + 1, SIZE + 1)) * rng.uniform(1.0, 1.5)
    smooth = noise[1:, 1:] + 0.25 * (noise[:-1, 1:] + noise[1:, :-1])
    return smooth / np.sqrt(1.125)


def _spoil(
    images: list[np.ndarray], defects: Defects, rng: np.random.Generator
) -> list[np.ndarray]:
    """Take away pixels, and now and then whole rows or columns."""
    mask = defects.mask
    if mask is None and rng.random() < MASKED_SHARE:
        mask = _missing_pixels(rng)
    if mask is not None:
        fills = (np.nan, MASKED_TEMPLATE if rng.random() < 0.15 else np.nan, np.nan)
        for image, fill in zip(images, fills, strict=True):
            image[mask] = fill
    if rng.random() < ODD_SHAPE_SHARE:
        rows, columns = (SIZE, SIZE - 1) if rng.random() < 0.7 else (SIZE - 15, SIZE)
        images = [np.ascontiguousarray(image[:rows, :columns]) for image in images]
    return images


def _missing_pixels(rng: np.random.Generator) -> np.ndarray:
    """True where pixels are lost: a strip along an edge, or a block at one."""
    mask = np.zeros((SIZE, SIZE), dtype=bool)
    depth = int(min(rng.geometric(0.12), 27))
    if rng.random() < 0.6:
        mask[:depth] = True
    else:
        start = int(rng.integers(0, SIZE - 8))
        mask[: depth + 4, start : start + int(rng.integers(4, 20))] = True
    return np.rot90(mask, int(rng.integers(4)))
