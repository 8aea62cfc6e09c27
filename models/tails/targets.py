"""What a network should answer: maps of where comets are, or the one comet of a tile."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from skysift.models.tails.networks import STRIDE

BRIGHTNESS_UNIT = 5.0
"""Magnitudes in one unit of `networks.Maps.BRIGHTNESS`."""

SMALLEST_SIZE = 0.5
"""Half-light radii [px] below it count as it: they are far below the seeing."""

BLUR = (0.6, 2.0)
"""Widths of the hill around a nucleus, in cells, at least and at most."""

BLUR_SHARE = 0.5
"""Of the half-light radius, in the width of that hill."""

LOST_RADIUS = 2.0
"""Radius [cells] about a comet that is not counted, in which nothing is counted; at least."""

NEAR = 1
"""Cells on each side of the nucleus' own that should know where it is too."""


class Target(IntEnum):
    """The last axis of `maps`."""

    HEAT = 0
    """1 in the cell of a nucleus, falling off around it."""
    COUNTS = 1
    """0 where nothing should be learned about the heat."""
    NEAR = 2
    """1 where the following mean something."""
    DX = 3
    DY = 4
    BRIGHTNESS = 5
    LOG_SIZE = 6


@dataclass(frozen=True)
class Comets:
    """Comets in one image, k of them.

    Attributes
    ----------
    x, y : ndarray (k,)
        Column and row of the nuclei in the image [px]; they may lie outside.
    brightness : ndarray (k,)
        Total light, in magnitudes above one standard deviation of a pixel's noise; NaN if unknown.
    size, coma : ndarray (k,)
        Half-light radius, and radius of the coma [px]; NaN counts as a point.
    counted : ndarray (k,), bool
        False for comets that need not be found: too faint, or hidden.
    """

    x: np.ndarray
    y: np.ndarray
    brightness: np.ndarray
    size: np.ndarray
    coma: np.ndarray
    counted: np.ndarray


def maps(comets: Comets, cells: tuple[int, int]) -> np.ndarray:
    """Draw what a heat map network should answer.

    Parameters
    ----------
    comets : Comets
    cells : (down, across)
        Of the map; see `networks.STRIDE`.

    Returns
    -------
    ndarray (down, across, 7), float32
        See `Target`. Where two comets claim a cell, the brighter has it.
    """
    target = np.zeros((*cells, len(Target)), np.float32)
    target[..., Target.COUNTS] = 1.0
    rows, columns = np.arange(cells[0])[:, None], np.arange(cells[1])
    faint_first = np.argsort(np.nan_to_num(comets.brightness, nan=-np.inf), kind="stable")
    for i in (
        *faint_first[~comets.counted[faint_first]],
        *faint_first[comets.counted[faint_first]],
    ):
        across, down = (comets.x[i] + 0.5) / STRIDE, (comets.y[i] + 0.5) / STRIDE
        column, row = int(np.floor(across)), int(np.floor(down))
        square = (rows - row) ** 2 + (columns - column) ** 2
        if not comets.counted[i]:
            radius = max(LOST_RADIUS, np.nan_to_num(comets.coma[i]) / STRIDE)
            target[..., Target.COUNTS][square <= radius**2] = 0.0
            continue
        size = max(np.nan_to_num(comets.size[i]), SMALLEST_SIZE)
        blur = np.clip(BLUR_SHARE * size / STRIDE, *BLUR)
        hill = np.exp(-square / (2 * blur**2)).astype(np.float32)
        np.maximum(target[..., Target.HEAT], hill, out=target[..., Target.HEAT])
        near = (abs(rows - row) <= NEAR) & (abs(columns - column) <= NEAR)
        target[near, Target.COUNTS] = 1.0
        target[near, Target.NEAR] = 1.0
        target[near, Target.DX] = (across - columns - 0.5 + 0 * rows)[near]
        target[near, Target.DY] = (down - rows - 0.5 + 0 * columns)[near]
        target[near, Target.BRIGHTNESS] = comets.brightness[i] / BRIGHTNESS_UNIT
        target[near, Target.LOG_SIZE] = np.log(size)
    return target


def one(comets: Comets, side: int) -> np.ndarray:
    """Say what `tails_v1` should answer of a tile: the brightest comet in it that counts.

    Returns
    -------
    ndarray (3,), float32
        1, column and row over `side`; zeros if there is none.
    """
    inside = comets.counted & (comets.x >= 0) & (comets.x < side)
    inside &= (comets.y >= 0) & (comets.y < side)
    if not inside.any():
        return np.zeros(3, np.float32)
    best = np.argmax(np.where(inside, np.nan_to_num(comets.brightness, nan=-np.inf), -np.inf))
    return np.array([1.0, comets.x[best] / side, comets.y[best] / side], np.float32)
