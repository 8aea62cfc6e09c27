"""Tails as published (Duev et al. 2021, AJ 161, 218), with its defects where they are asked for.

A backbone, EfficientNet-B0 (Tan & Le 2019, arXiv 1905.11946), gives maps with cells of 8, 16 and
32 px; `bifpn` mixes them into five; a small head makes one number of each cell of each, and a dense
layer the answer of all numbers.
"""

from __future__ import annotations

import math
import warnings

import keras
from keras import initializers, layers, ops

from skysift.models.tails.networks import INPUT
from skysift.models.tails.networks.bifpn import EPSILON, MOMENTUM, WIDTH, bifpn

TAPS = ("block3b_add", "block5c_add", "block7a_project_bn")
"""Layers of the backbone whose outputs are taken: 40, 112 and 320 channels."""

MULTIPLE = 128
"""Of the side: the coarsest map has cells of 128 px."""

PRIOR = 0.01
"""What the head says of any cell before it has learned (Lin et al. 2017, arXiv 1708.02002)."""

DEPTH = 3
"""Convolutions of the head before its last."""


def tails_v1(
    *,
    side: int = 256,
    planes: int = 3,
    published_fusion: bool = False,
    published_sigmoids: bool = False,
) -> keras.Model:
    """Build the published network; 3,954,204 parameters with 256 px and three planes.

    Its output (n, 3), all in [0, 1], is the score that there is a comet, and the column and the row
    of its nucleus, counted from 0, over `side`.

    Parameters
    ----------
    side : int
        Of the tiles [px], a multiple of 128.
    planes : int
        Of the input. Published: 3, science, reference and difference; 2 without the last.
    published_fusion : bool
        Each cell of the neck hands on the maps of its way down instead of those of its way up,
        as published (google/automl issue 9, mended there in March 2020). Same parameters.
    published_sigmoids : bool
        The head's numbers go through a sigmoid before the dense layer, which has one of its own,
        as published; without, they begin near 0 instead of near the sigmoid's lower end. Same
        parameters.

    Raises
    ------
    ValueError
        If `side` is no multiple of 128.
    """
    if side < MULTIPLE or side % MULTIPLE:
        raise ValueError(f"side must be a multiple of {MULTIPLE} px. Got: {side}")
    # Body
    images = keras.Input((side, side, planes), name=INPUT)
    maps = bifpn(_backbone(side, planes)(images), wrong_maps=published_fusion)

    # Head
    bias = -math.log((1 - PRIOR) / PRIOR) if published_sigmoids else 0.0
    numbers = layers.Concatenate()(_head(maps, bias))
    if published_sigmoids:
        numbers = ops.sigmoid(numbers)
    answer = layers.Dense(
        3, kernel_initializer=initializers.GlorotUniform(seed=0), name="fc_out", dtype="float32"
    )(numbers)
    answer = layers.Activation("sigmoid", name="score", dtype="float32")(answer)
    return keras.Model({INPUT: images}, answer, name="tails_v1")


def _backbone(side: int, planes: int) -> keras.Model:
    """EfficientNet-B0 between what Keras does to pictures before it and its last convolution."""
    with warnings.catch_warnings():  # it would have pictures of one channel or three
        warnings.filterwarnings("ignore", message="This model usually expects")
        whole = keras.applications.EfficientNetB0(
            include_top=False, weights=None, input_shape=(side, side, planes)
        )
    first = whole.get_layer("stem_conv_pad")
    return keras.Model(
        first.input, [whole.get_layer(name).output for name in TAPS], name="efficientnetb0"
    )


def _head(maps, bias: float):
    """One number of each cell, (n, cells) a map; maps share convolutions, not normalisations."""
    small = initializers.RandomNormal(stddev=0.01)
    for depth in range(DEPTH):
        convolve = layers.Conv2D(
            WIDTH, 3, padding="same", kernel_initializer=small, name=f"head_{depth}"
        )
        maps = [
            ops.silu(
                layers.BatchNormalization(
                    momentum=MOMENTUM, epsilon=EPSILON, name=f"head_{depth}_p{level}_bn"
                )(convolve(x))
            )
            for level, x in enumerate(maps, start=3)
        ]
    last = layers.Conv2D(
        1, 3, padding="same", kernel_initializer=small, name="head_out",
        bias_initializer=initializers.Constant(bias),
    )  # fmt: skip
    return [layers.Flatten()(last(x)) for x in maps]
