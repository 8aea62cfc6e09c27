"""The networks, by name: the published one, and ours.

============= =============================== ======================================================
network       output, of an input (h, w)      what it is
============= =============================== ======================================================
`tails_v1`    (n, 3): score, x, y             Tails of Duev et al. 2021: one comet at most on a tile
                                              of 256 px; EfficientNet-B0, BiFPN; 3,954,204 numbers
`heat_map`    (n, h/8, w/8, 6), see `Maps`    ours: any size, any number of comets, what is missing
                                              is flagged
`two_looks`   both (n, h/8, w/8, 6) and       ours: a quick `heat_map`, and a network that looks at
              (k, 1), a logit                 stamps about what that finds, and at its shape
============= =============================== ======================================================

The input is named ``images``: (n, h, w, planes), from `inputs`; those of the second look ``stamps``
and ``shapes``, the latter from `points`. Settings are keyword arguments of the builders; they and
the name are all that is needed to build a network again. Made of Keras layers and operations only:
they run on any backend.

References
----------
Duev et al. 2021, AJ 161, 218 (arXiv 2102.13352).

Examples
--------
>>> build("heat_map").output_shape
(None, None, None, 6)
"""

from __future__ import annotations

from enum import IntEnum

from skysift.models._family import Family

FAMILY = Family(
    __name__,
    ("tails_v1", "heat_map", "two_looks"),
    set_by_training=("planes", "side", "binned", "folded", "finder", "stamp", "shape"),
)
NAMES = FAMILY.names
"""What `build` can build."""

build, settings_of = FAMILY.build, FAMILY.settings_of

INPUT, STAMPS, SHAPES = "images", "stamps", "shapes"

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
