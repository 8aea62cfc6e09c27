"""From images to what networks take, for training and serving: sky, noise, what is missing.

Three ways, by name. ``robust``, ours: each image has its sky taken off and is divided by its noise,
both measured in cells of the image, then compressed; pixels without data are 0 and have a flag.
``binned``: the same of squares of 2 × 2 pixels, a quarter of the work. ``tails``, as published: a
tile's images are divided by their norms, sky and all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from skysift.cores import on_cores, usable_cores
from skysift.models.tails._pixel_loops import (
    measure_cells,
    normalise_tiles,
    stretch,
    stretch_binned,
)
from skysift.models.tails.networks import SIDES

PREPROCESSINGS = ("robust", "binned", "tails")

IMAGES = {3: ("science", "reference", "difference"), 2: ("science", "reference")}
"""What the channels are, by their number."""

CELL = 256
"""Side of the cells in which sky and noise are measured [px], about; smaller images are one."""

SAMPLES = 64
"""Rows and columns of a cell that are looked at, about: 4096 pixels tell sky and noise to 2 %."""

TAILS_CLIP = np.float32(-100)
"""Pixels of the difference below it become 0, in whatever units they are, as published."""

AT_ONCE = 16
"""Small images that a core prepares at a time."""

GLANCE = 16
"""Every so many rows and columns of an image are looked at first."""


@dataclass(frozen=True)
class Prepared:
    """Small images, ready for a network.

    Attributes
    ----------
    planes : ndarray (n, h', w', planes), float32
    good : ndarray (n,), bool
        False where a channel has no number at all; what a network says of such an image means
        nothing.
    sky : Sky
    """

    planes: np.ndarray
    good: np.ndarray
    sky: Sky


@dataclass(frozen=True)
class Sky:
    """Sky and noise of n images of c channels, at the middles of a grid of cells.

    Between the middles they go on linearly, beyond the outermost not at all.

    Attributes
    ----------
    level, noise : ndarray (n, cells down, cells across, c), float32
        In the images' units. Where a cell has no data: what the image's other cells have at the
        median; of a channel without data, 0 and 1.
    shape : (height, width)
        Of the images [px].
    """

    level: np.ndarray
    noise: np.ndarray
    shape: tuple[int, int]

    def noise_at(self, image: int, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Noise of the last channel at places in an image [px]; (k,), as `planes` has used it."""
        top, part_y = _between(self.shape[0], self.noise.shape[1], np.asarray(y, np.float64))
        left, part_x = _between(self.shape[1], self.noise.shape[2], np.asarray(x, np.float64))
        scale = 1.0 / self.noise[image, :, :, -1]
        below = np.minimum(top + 1, scale.shape[0] - 1)
        right = np.minimum(left + 1, scale.shape[1] - 1)
        first = scale[top, left] + part_x * (scale[top, right] - scale[top, left])
        second = scale[below, left] + part_x * (scale[below, right] - scale[below, left])
        return 1.0 / (first + part_y * (second - first))


def prepare(images: np.ndarray, preprocessing: str) -> Prepared:
    """Prepare images, each on its own.

    Parameters
    ----------
    images : ndarray (n, h, w, c), float32
        NaN where there are no data.
    preprocessing : str
        One of `PREPROCESSINGS`. With ``tails``, what is added to fill up the sides (see `planes`)
        has no numbers either.

    Raises
    ------
    ValueError
        If there is no such preprocessing.
    """
    if preprocessing not in PREPROCESSINGS:
        raise ValueError(
            f"preprocessing must be one of {', '.join(PREPROCESSINGS)}. Got: {preprocessing!r}"
        )
    sky = measure(images)
    if preprocessing != "tails":
        binned = preprocessing == "binned"
        return Prepared(planes(images, sky, binned=binned), _have_numbers(images), sky)
    height, width = images.shape[1:3]
    filled = np.full(
        (len(images), padded(height), padded(width), images.shape[3]), np.nan, np.float32
    )
    filled[:, :height, :width] = images
    tiles, good = published_planes(filled)
    return Prepared(tiles, good, sky)


def planes_of(preprocessing: str, channels: int) -> int:
    """Planes of a network's input.

    >>> planes_of("robust", 3), planes_of("tails", 2)
    (6, 2)
    """
    return channels if preprocessing == "tails" else 2 * channels


def measure(images: np.ndarray) -> Sky:
    """Measure sky and noise.

    Parameters
    ----------
    images : ndarray (n, h, w, c), float32
        NaN where there are no data.
    """
    images = np.ascontiguousarray(images, np.float32)
    count, height, width, channels = images.shape
    down, across = _edges(height), _edges(width)
    step = max(2, min(height // (len(down) - 1), width // (len(across) - 1)) // SAMPLES)
    shape = (count, len(down) - 1, len(across) - 1, channels)
    level, noise = np.empty(shape, np.float32), np.empty(shape, np.float32)

    def one(part: tuple[slice, int]) -> None:
        some, row = part
        cells = slice(row, row + 1)
        measure_cells(
            images[some], down[row : row + 2], across, step, level[some, cells], noise[some, cells]
        )

    rows = range(len(down) - 1)
    on_cores(one, [(some, row) for some in _parts(count) for row in rows], usable_cores())
    return Sky(_filled(level, 0.0), _filled(np.where(noise == 0, np.nan, noise), 1.0),
               (height, width))  # fmt: skip


def planes(images: np.ndarray, sky: Sky, *, first_row: int = 0, binned: bool = False) -> np.ndarray:
    """Prepare images, or strips of them, as ``robust`` or ``binned`` has it.

    Parameters
    ----------
    images : ndarray (n, h, w, c), float32
        NaN where there are no data.
    sky : Sky
        Of the whole images.
    first_row : int
        Row of the whole images with which these begin.
    binned : bool
        Make one of 2 × 2 pixels.

    Returns
    -------
    ndarray (n, h', w', 2 c), float32
        asinh((pixel − sky) / noise), then flags: 1 where a pixel has no number, and its value is 0.
        Sides are the next multiples of `networks.SIDES`; what is added has no numbers. Binned,
        sides are half of that; the value is that of the mean of the pixels that are numbers, over
        half a pixel's noise, and the flag is the share of the others.
    """
    images = np.ascontiguousarray(images, np.float32)
    count, height, width, channels = images.shape
    side = 2 if binned else 1
    out = np.empty((count, padded(height) // side, padded(width) // side, 2 * channels), np.float32)
    rows, columns = np.arange(first_row, first_row + height), np.arange(width)
    top, part_y = _between(sky.shape[0], sky.level.shape[1], rows)
    left, part_x = _between(sky.shape[1], sky.level.shape[2], columns)
    first = np.searchsorted(left, np.arange(sky.level.shape[2] + 1))
    scale = np.float32(1) / sky.noise

    loop = stretch_binned if binned else stretch

    def one(part: slice) -> None:
        loop(
            images[part], sky.level[part], scale[part],
            top, part_y.astype(np.float32), first, part_x.astype(np.float32), out[part],
        )  # fmt: skip

    on_cores(one, _parts(count), usable_cores())
    return out


def published_planes(tiles: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Prepare tiles as Tails does: nothing of the sky is taken off.

    In this order: what is no number becomes the median of the channel's numbers in the tile; in
    the difference (the third channel) what is below −100 becomes 0; each channel is divided by its
    L2 norm.

    Parameters
    ----------
    tiles : ndarray (n, h, w, c), float32
        Not changed.

    Returns
    -------
    planes : ndarray (n, h, w, c), float32
    good : ndarray (n,), bool
        False where a channel has no number or no norm: such tiles mean nothing. The published code
        sends them to the network half prepared.
    """
    prepared = np.array(tiles, dtype=np.float32, order="C")
    good = np.empty(len(prepared), bool)

    def one(rows: slice) -> None:
        normalise_tiles(prepared[rows], TAILS_CLIP, good[rows])

    on_cores(one, _parts(len(prepared)), usable_cores())
    return prepared, good


def padded(side: int) -> int:
    """Side to which an image is filled up [px]: the next multiple of `networks.SIDES`.

    >>> padded(63), padded(3080)
    (64, 3104)
    """
    return -(-side // SIDES) * SIDES


def _have_numbers(images: np.ndarray) -> np.ndarray:
    """Tell which images have a number in each channel, (n,) of bool; most show it at a glance."""
    good = np.isfinite(images[:, ::GLANCE, ::GLANCE]).any(axis=(1, 2)).all(axis=1)
    good[~good] = np.isfinite(images[~good]).any(axis=(1, 2)).all(axis=1)
    return np.asarray(good)


def _edges(length: int) -> np.ndarray:
    """Where the cells along a side begin and end, int64 (cells + 1,)."""
    cells = max(1, round(length / CELL))
    return np.arange(cells + 1) * length // cells


def _between(length: int, cells: int, places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For places along a side: the cell whose middle is before them, and how far on they are."""
    along = (places + 0.5) * cells / length - 0.5
    along = np.clip(along, 0.0, cells - 1.0)
    before = np.minimum(along.astype(np.int64), cells - 1)
    return before, along - before


def _filled(cells: np.ndarray, otherwise: float) -> np.ndarray:
    """Give cells without data the median of their image and channel, or else a number."""
    lost = ~np.isfinite(cells)
    if not lost.any():
        return cells
    flat = np.where(lost, np.nan, cells).reshape(len(cells), -1, cells.shape[-1])
    known = np.isfinite(flat).any(axis=1)
    usual = np.full(known.shape, otherwise, np.float32)
    for image, channel in zip(*np.nonzero(known), strict=True):
        usual[image, channel] = np.nanmedian(flat[image, :, channel])
    return np.where(lost, usual[:, None, None, :], cells).astype(np.float32)


def _parts(count: int) -> list[slice]:
    return [slice(start, start + AT_ONCE) for start in range(0, count, AT_ONCE)]
