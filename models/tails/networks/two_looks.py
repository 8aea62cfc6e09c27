"""Two networks in one file: a quick one over all of an image, and one that looks again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras
from keras import layers

from skysift.models.tails.networks import SHAPES, STAMPS
from skysift.models.tails.networks.blocks import Blocks
from skysift.models.tails.networks.heat_map import heat_map

FINDER, SECOND = "heat_map", "second_look"
"""Names of the two within the one."""

SHAPE_UNITS = 32


def two_looks(
    *,
    planes: int = 6,
    finder: Mapping[str, Any],
    widths: Sequence[int] = (16, 32, 64, 96),
    stamp: int = 64,
    shape: int = 13,
    gate: float = 0.1,
) -> keras.Model:
    """Build both: what the first finds, and little else, is worth twenty times the work a pixel.

    Parameters
    ----------
    planes : int
        Of the input of each.
    finder : mapping
        Settings of the first, see `heat_map.heat_map`.
    widths : sequence of int (4,)
        Channels of the second at pixels of 2, 4, 8 and 16 px.
    stamp : int
        Side of what the second looks at [px], a multiple of 16.
    shape : int
        Numbers that say how what is there differs from a point, see `points.Points.shapes`.
    gate : float
        Least score of the first that is worth a second look.
    """
    first = heat_map(**finder)
    second = second_look(planes=planes, widths=widths, stamp=stamp, shape=shape)
    inputs = {**first.input, **second.input}
    return keras.Model(
        inputs, {FINDER: first(first.input), SECOND: second(second.input)}, name="two_looks"
    )


def second_look(
    *, planes: int, widths: Sequence[int], stamp: int, shape: int, folded: bool = False
) -> keras.Model:
    """Build the second: stamps (n, stamp, stamp, planes) and shapes (n, shape) to logits (n, 1).

    Parameters
    ----------
    planes, widths, stamp, shape
        As for `two_looks`.
    folded : bool
        For serving, see `blocks.fold`.
    """
    block = Blocks(folded)
    images = keras.Input((stamp, stamp, planes), name=STAMPS)
    x = block.refine(block.convolve(images, widths[0], kernel=5, stride=2))
    x = block.refine(block.refine(block.convolve(x, widths[1], stride=2)))
    x = block.refine(block.refine(block.convolve(x, widths[2], stride=2)))
    x = block.refine(block.convolve(x, widths[3], stride=2))
    x = layers.Flatten()(block.convolve(x, widths[3] // 2, kernel=1))
    shapes = keras.Input((shape,), name=SHAPES)
    told = layers.Dense(SHAPE_UNITS, activation="relu", name="shape")(shapes)
    x = layers.Dense(widths[3], activation="relu", name="dense")(layers.Concatenate()([x, told]))
    x = layers.Dropout(0.2)(x)
    logit = layers.Dense(1, name="logit", dtype="float32")(x)
    return keras.Model({STAMPS: images, SHAPES: shapes}, logit, name=SECOND)
