"""Our network: a map of where comets are, of an image of any size."""

from __future__ import annotations

import math
from collections.abc import Sequence

import keras
from keras import initializers, layers

from skysift.models.tails.networks import INPUT, Maps

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
    folded: bool = False,
) -> keras.Model:
    """Build the network: 3.4 thousand multiply-accumulates a pixel, a twentieth of Tails.

    Three convolutions of stride 2 make the image small before it gets costly. At cells of 8 px the
    maps go on to cells of 16 and 32 px, which look 170 px far, at a whole coma and its tail, and
    come back (a feature pyramid [1]_). Each cell says whether a nucleus is in it, and where, how
    bright and how large (centres as points [2]_). Nothing depends on the size of the image, nor on
    where in it something is.

    Parameters
    ----------
    planes : int
        Of the input.
    widths : sequence of int (5,)
        Channels at cells of 2, 4, 8, 16 and 32 px.
    folded : bool
        Without batch normalisations, each in the convolution before it: for serving, see `fold`.

    References
    ----------
    .. [1] Lin et al. 2017, arXiv 1612.03144.
    .. [2] Zhou, Wang & Krähenbühl 2019, arXiv 1904.07850.
    """
    block = _Blocks(folded)
    # Front
    images = keras.Input((None, None, planes), name=INPUT)
    x = block.convolve(images, widths[0], kernel=5, stride=2)
    x = block.convolve(x, widths[1], stride=2)
    x = block.refine(x)
    x = block.convolve(x, widths[2], stride=2)
    fine = layers.Identity(name=FRONT)(block.refine(block.refine(x)))

    # Wide view
    middle = block.refine(block.convolve(fine, widths[3], stride=2))
    coarse = block.convolve(middle, widths[4], stride=2)
    coarse = block.refine(block.refine(coarse))
    middle = layers.Add()([middle, _widened(coarse, widths[3], "to_middle")])
    x = layers.Add()([fine, _widened(middle, widths[2], "to_fine")])

    # Head
    x = block.convolve(block.convolve(x, widths[2]), widths[2])
    maps = layers.Conv2D(
        len(Maps), 1, name="maps", dtype="float32",
        kernel_initializer=initializers.RandomNormal(stddev=0.01),
    )  # fmt: skip
    model = keras.Model({INPUT: images}, maps(x), name="heat_map")
    kernel, bias = maps.get_weights()
    bias[Maps.HEAT] = -math.log((1 - PRIOR) / PRIOR)
    maps.set_weights([kernel, bias])
    return model


class _Blocks:
    """Makes blocks of layers, numbered in order."""

    def __init__(self, folded: bool) -> None:
        self._folded = folded
        self._count = 0

    def convolve(self, x, width: int, *, kernel: int = 3, stride: int = 1):
        """Convolution, batch normalisation, ReLU."""
        name = f"conv_{self._count}"
        self._count += 1
        x = layers.Conv2D(
            width, kernel, strides=stride, padding="same", use_bias=self._folded, name=name,
            kernel_initializer="he_normal",
        )(x)  # fmt: skip
        if not self._folded:
            x = layers.BatchNormalization(momentum=0.97, name=f"{name}_bn")(x)
        return layers.ReLU(name=f"{name}_relu")(x)

    def refine(self, x):
        """Add to a map what a convolution makes of it."""
        return layers.Add()([x, self.convolve(x, x.shape[-1])])


def _widened(x, width: int, name: str):
    """Bring a map to the finer grid, by repetition, with another number of channels."""
    return layers.UpSampling2D(2)(layers.Conv2D(width, 1, name=name)(x))


def fold(model: keras.Model, *, planes: int, widths: Sequence[int]) -> keras.Model:
    """Build the same network without batch normalisations: their numbers go into the convolutions.

    With weights w and normalisation γ (x − μ) / √(v + ε) + β, the convolution gets the weights
    w γ / √(v + ε) and the bias β − μ γ / √(v + ε).

    Parameters
    ----------
    model : keras.Model
        From `heat_map`, of the same `planes` and `widths`.
    """
    same = heat_map(planes=planes, widths=widths, folded=True)
    for layer in (one for one in same.layers if isinstance(one, layers.Conv2D)):
        weights = model.get_layer(layer.name).get_weights()
        if len(weights) == 1:
            normal = model.get_layer(f"{layer.name}_bn")
            gamma, beta, mean, variance = normal.get_weights()
            scale = gamma / (variance + normal.epsilon) ** 0.5
            weights = [weights[0] * scale, beta - mean * scale]
        layer.set_weights(weights)
    return same
