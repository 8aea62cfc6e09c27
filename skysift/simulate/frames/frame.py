"""One field from end to end: its reference, its exposures, their differences and the truth."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from skysift.alerts.frame_name import FrameName
from skysift.simulate.frames.camera import SATURATION, PlaneMap
from skysift.simulate.frames.defects import bad_columns
from skysift.simulate.frames.exposing import Exposed, Image, aligned, expose, expose_reference
from skysift.simulate.frames.pointing import (
    PHOTOMETRY,
    Exposure,
    Pointing,
    limiting_magnitude,
    make_pointing,
)
from skysift.simulate.frames.psf import PsfField
from skysift.simulate.frames.rows import frame_row, truth_rows
from skysift.simulate.frames.settings import Settings
from skysift.simulate.frames.subtraction import Side, difference_noise, subtract, subtract_sky
from skysift.simulate.frames.surroundings import make_field
from skysift.simulate.frames.visitors import make_comets, make_confusers

GROW = 3
"""Pixels around full ones that the difference leaves out too."""


@dataclass(frozen=True)
class Frame:
    """One exposure with its reference and its difference.

    Attributes
    ----------
    name : FrameName
    pointing : Pointing
    exposure : Exposure
    science, difference, reference : ndarray (height, width) float32
        [DN]; `reference` on its own grid. NaN where there are no data.
    difference_noise : float
        Of empty sky in the difference [DN].
    row : dict
        Its row in ``frames.csv``; see `truth.FRAME_COLUMNS`.
    truth : list of dict
        Its rows in ``truth.csv``; see `truth.TRUTH_COLUMNS`.
    """

    name: FrameName
    pointing: Pointing
    exposure: Exposure
    science: np.ndarray
    difference: np.ndarray
    reference: np.ndarray
    difference_noise: float
    row: dict[str, Any]
    truth: list[dict[str, Any]]


def make_frames(index: int, settings: Settings) -> Iterator[Frame]:
    """Simulate the exposures of one field.

    Parameters
    ----------
    index : int
        Number of the field. Each has its own stream of random numbers: a field is the same whatever
        others are made.
    settings : Settings

    Yields
    ------
    Frame

    Examples
    --------
    >>> frame = next(make_frames(0, Settings(seed=1, shape=(256, 256), comets=2)))
    >>> frame.science.shape, [row["kind"] for row in frame.truth][:2]
    ((256, 256), ['comet', 'comet'])
    """
    where, sky, guests, dark, *nights = _chances(index, settings)
    pointing, shape = _point(index, settings, where), settings.shape
    field = make_field(shape, pointing.position.latitude, pointing.names[0].fid, rng=sky)
    visitors = make_comets(settings.comets, shape, rng=guests)
    visitors += make_confusers(field, shape, settings.confusers, rng=guests)
    reference = expose_reference(pointing, field, rng=dark)
    dead = bad_columns(shape, rng=dark)
    for number, chance in enumerate(nights):
        exposed = expose(pointing, number, field, visitors, rng=chance)
        exposed.image.pixels[dead] = np.nan
        difference, noise, blocked = _subtract(pointing, number, exposed, reference, chance)
        name, exposure = pointing.names[number], pointing.exposures[number]
        depth = limiting_magnitude(exposure, exposed.image.psf.noise_pixels)
        truth = truth_rows(pointing, number, field, exposed, blocked)
        row = frame_row(pointing, number, exposed, depth, truth)
        yield Frame(
            name, pointing, exposure, exposed.image.pixels, difference, reference.pixels, noise,
            row, truth,
        )  # fmt: skip


def field_of(index: int, settings: Settings) -> Pointing:
    """The pointing of a field, which its frames are named after, without the work."""
    return _point(index, settings, _chances(index, settings)[0])


def _point(index: int, settings: Settings, rng: np.random.Generator) -> Pointing:
    return make_pointing(index, settings.shape, settings.visits, settings.night, rng=rng)


def _chances(index: int, settings: Settings) -> list[np.random.Generator]:
    """Streams of random numbers of a field: four, and one for each visit."""
    sequence = np.random.SeedSequence(settings.seed, spawn_key=(index,))
    return [np.random.default_rng(child) for child in sequence.spawn(4 + settings.visits)]


def _subtract(
    pointing: Pointing,
    number: int,
    exposed: Exposed,
    reference: Image,
    rng: np.random.Generator,
) -> tuple[np.ndarray, float, np.ndarray]:
    """Difference frame, its noise, and where it has no data."""
    exposure = pointing.exposures[number]
    onto = PlaneMap(exposure.header, pointing.reference.header, pointing.shape)
    matched = aligned(reference, onto, pointing.shape)
    blocked = _blocked(exposed.image.pixels, matched)
    scale = 10.0 ** (0.4 * (exposure.zeropoint - pointing.reference.zeropoint))
    scale *= 1.0 + rng.normal(0.0, PHOTOMETRY)
    matched *= np.float32(scale)
    new = _side(exposed.image.pixels.copy(), exposed.image.psf, exposure, blocked, 1.0)
    old = _side(matched, reference.psf, pointing.reference, blocked, scale)
    difference = subtract(new, old, onto)
    # Faint stars lift the sky of the worse seeing more: what is left of that goes.
    subtract_sky(difference)
    return difference, difference_noise(new.noise, old.noise), blocked


def _side(
    pixels: np.ndarray, psf: PsfField, exposure: Exposure, blocked: np.ndarray, scale: float
) -> Side:
    """One frame without its sky, and the noise that this sky has; changes `pixels`.

    The scatter of pixels would say more than that where stars are crowded.
    """
    pixels[blocked] = np.nan
    level = subtract_sky(pixels) / scale
    return Side(pixels, psf, scale * float(exposure.noise(np.array(level))))


def _blocked(science: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Where either frame has no data or is full, and pixels around that."""
    blocked = np.isnan(science) | np.isnan(reference)
    full = (science > 0.95 * SATURATION) | (reference > 0.95 * SATURATION)
    rows, columns = np.nonzero(full)
    height, width = science.shape
    for down in range(-GROW, GROW + 1):
        for across in range(-GROW, GROW + 1):
            if down**2 + across**2 <= GROW**2:
                row = np.clip(rows + down, 0, height - 1)
                blocked[row, np.clip(columns + across, 0, width - 1)] = True
    return blocked
