"""The networks, by name: the published one, and ours.

============= =============================== ======================================================
network       output, of an input (h, w)      what it is
============= =============================== ======================================================
`tails_v1`    (n, 3): score, x, y             Tails of Duev et al. 2021: one comet at most on a tile
                                              of 256 px; EfficientNet-B0, BiFPN; 3,954,204 numbers
`heat_map`    (n, h/8, w/8, 6), see `MAPS`    ours: any size, any number of comets, what is missing
                                              is flagged
============= =============================== ======================================================

The input is named ``images``: (n, h, w, channels), from `inputs`. Settings are keyword arguments of
the builders; they and the name are all that is needed to build a network again. Made of Keras
layers and operations only: they run on any backend.

References
----------
Duev et al. 2021, AJ 161, 218 (arXiv 2102.13352).
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from enum import IntEnum
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras

NAMES = ("tails_v1", "heat_map")
"""What `build` can build."""

INPUT = "images"

STRIDE = 8
"""Pixels from one cell of a heat map to the next; cell i is pixels 8i to 8i + 7."""

SIDES = 32
"""What sides of an image must be a multiple of for ours: its coarsest maps have cells of 32 px."""


LOG_SIGMA_LIMITS = (-5.0, 3.0)
"""Between which `Maps.LOG_SIGMA` means anything: 0.05 to 160 px."""


class Maps(IntEnum):
    """The last axis of a heat map network's output."""

    HEAT = 0
    """Logit of: a comet's nucleus lies in this cell."""
    DX = 1
    """From the middle of the cell to the nucleus, in cells, columns."""
    DY = 2
    """The same, rows."""
    LOG_SIGMA = 3
    """Natural logarithm of the position's uncertainty, each coordinate, in cells."""
    BRIGHTNESS = 4
    """Magnitudes above one standard deviation of a pixel's noise, of all the light, over 5."""
    LOG_SIZE = 5
    """Natural logarithm of the half-light radius [px]."""


def build(name: str, **settings: Any) -> keras.Model:
    """Build a network that has learned nothing.

    Parameters
    ----------
    name : str
        One of `NAMES`.
    **settings
        Those of `settings_of`.

    Raises
    ------
    ValueError
        If there is no such network, or it cannot be built so.

    Examples
    --------
    >>> build("heat_map").output_shape
    (None, None, None, 6)
    """
    return builder(name)(**settings)


def builder(name: str) -> Callable[..., keras.Model]:
    """Return the function that builds the network `name`."""
    if name not in NAMES:
        raise ValueError(f"name must be one of {', '.join(NAMES)}. Got: {name!r}")
    return getattr(import_module(f"{__name__}.{name}"), name)


def settings_of(name: str) -> dict[str, Any]:
    """Return the settings that a network takes, with their defaults."""
    parameters = inspect.signature(builder(name)).parameters.values()
    return {parameter.name: parameter.default for parameter in parameters}
