"""Our network: a map of where comets are, of an image of any size."""

from __future__ import annotations

import math
from collections.abc import Sequence

import keras
from keras import initializers, layers

from skysift.models.tails.networks import INPUT, Maps
from skysift.models.tails.networks.blocks import Blocks

PRIOR = 0.003
"""Share of cells with a comet, about, that the network begins with."""

FRONT = "front"
"""The layer at which maps get small: what comes before is best done strip by strip."""

FRONT_REACH = 32
"""Pixels that a cell of `FRONT` looks at beyond itself, at most (28, but strips start at cells)."""


def heat_map(
    *,
    planes: int = 6,
    widths: Sequence[int] = (16, 32, 48, 64, 64),
    binned: bool = False,
    folded: bool = False,
) -> keras.Model:
    """Build the network: 3.4 thousand multiply-accumulates a pixel, a twentieth of Tails.

    Convolutions of stride 2 make the image small before it gets costly. At cells of 8 px the
    maps go on to cells of 16 and 32 px, which look 170 px far, at a whole coma and its tail, and
    come back (a feature pyramid [1]_). Each cell says whether a nucleus is in it, and where, how
    bright and how large (centres as points [2]_). Nothing depends on the size of the image, nor on
    where in it something is.

    Parameters
    ----------
    planes : int
        Of the input.
    widths : sequence of int (5,)
        Channels at cells of 2, 4, 8, 16 and 32 px; (4,), without the first, if binned.
    binned : bool
        The input's pixels are 2 px wide already. With widths of 16, 32, 64 and 96 this takes 1.4
        thousand multiply-accumulates a pixel.
    folded : bool
        Without batch normalisations, each in the convolution before it: see `blocks.fold`.

    References
    ----------
    .. [1] Lin et al. 2017, arXiv 1612.03144.
    .. [2] Zhou, Wang & Krähenbühl 2019, arXiv 1904.07850.
    """
    block = Blocks(folded)
    *first, at_4, at_8, at_16, at_32 = widths
    if len(first) != (0 if binned else 1):
        raise ValueError(
            f"widths must be {4 if binned else 5} numbers of channels. Got: {list(widths)}"
        )
    # Front
    images = keras.Input((None, None, planes), name=INPUT)
    x = block.convolve(images, at_4 if binned else first[0], kernel=5, stride=2)
    x = x if binned else block.convolve(x, at_4, stride=2)
    x = block.refine(x)
    x = block.convolve(x, at_8, stride=2)
    fine = layers.Identity(name=FRONT)(block.refine(block.refine(x)))

    # Wide view
    middle = block.refine(block.convolve(fine, at_16, stride=2))
    coarse = block.convolve(middle, at_32, stride=2)
    coarse = block.refine(block.refine(coarse))
    middle = layers.Add()([middle, _widened(coarse, at_16, "to_middle")])
    x = layers.Add()([fine, _widened(middle, at_8, "to_fine")])

    # Head
    x = block.convolve(block.convolve(x, at_8), at_8)
    maps = layers.Conv2D(
        len(Maps), 1, name="maps", dtype="float32",
        kernel_initializer=initializers.RandomNormal(stddev=0.01),
    )  # fmt: skip
    model = keras.Model({INPUT: images}, maps(x), name="heat_map")
    kernel, bias = maps.get_weights()
    bias[Maps.HEAT] = -math.log((1 - PRIOR) / PRIOR)
    maps.set_weights([kernel, bias])
    return model


def _widened(x, width: int, name: str):
    """Bring a map to the finer grid, by repetition, with another number of channels."""
    return layers.UpSampling2D(2)(layers.Conv2D(width, 1, name=name)(x))
