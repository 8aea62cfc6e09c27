"""EfficientNet, of any size, for any tree.

References
----------
Tan & Le 2019, arXiv 1905.11946. On Galaxy Zoo DECaLS: Walmsley et al. 2022, MNRAS 509, 3966.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import keras
from keras import layers

from skysift.models.zoobot.networks import INPUT
from skysift.models.zoobot.networks.answers import CONCENTRATIONS, head
from skysift.models.zoobot.networks.view import front

MOMENTUM = 0.97
"""Of the batch normalisations: sets of galaxies are smaller than the pictures of ImageNet."""

DIVISOR = 8
"""Of channels, however many times they are multiplied."""

STEM, TOP = 32, 1280
"""Channels of the first and of the last convolution."""

SQUEEZE = 4
"""Of a block's input channels, to a number in its look at the whole image."""


@dataclass(frozen=True)
class Stage:
    """Blocks alike: width of the kernel [px], blocks, channels, expansion, stride of the first."""

    kernel: int
    depth: int
    width: int
    expansion: int
    stride: int


STAGES = (
    Stage(3, 1, 16, 1, 1), Stage(3, 2, 24, 6, 2), Stage(5, 2, 40, 6, 2), Stage(3, 3, 80, 6, 2),
    Stage(5, 3, 112, 6, 1), Stage(5, 4, 192, 6, 2), Stage(3, 1, 320, 6, 1),
)  # fmt: skip
"""Of EfficientNet-B0."""


def efficientnet(
    *,
    stored: int = 300,
    channels: int = 3,
    pixels: str = "uint8",
    answers: Sequence[int] = (2,),
    kind: str = CONCENTRATIONS,
    grey: bool = True,
    side: int = 224,
    zoom: Sequence[float] = (1.25, 1.45),
    shift: float = 0.0,
    brightness: float = 0.0,
    contrast: float = 0.0,
    width: float = 1.0,
    depth: float = 1.0,
    dropout: float = 0.2,
    drop_blocks: float = 0.2,
) -> keras.Model:
    """Build the network: with `width` and `depth` 1 it is EfficientNet-B0.

    That takes 0.4 billion multiply-accumulates at 224 px; B1 to B7 have more of either.

    Parameters
    ----------
    stored, channels : int
        Side and channels of the stored images.
    pixels : str
        How they are stored: ``uint8`` or ``float32``.
    answers : sequence of int
        Of each question.
    kind : str
        What the output means: see `answers.HEADS`.
    grey : bool
        See the mean over the channels.
    side, zoom, shift, brightness, contrast
        What the network sees of an image; see `view.View`.
    width, depth : float
        Channels and blocks, over those of B0.
    dropout : float
        Before the last layer.
    drop_blocks : float
        How often the last block is left out while learning; those before it less.

    Raises
    ------
    ValueError
        If a setting cannot be.
    """
    images, x = front(
        stored=stored, channels=channels, pixels=pixels, grey=grey, side=side, zoom=zoom,
        shift=shift, brightness=brightness, contrast=contrast,
    )  # fmt: skip
    # Body
    x = _convolve(x, _channels(STEM, width), kernel=3, stride=2, name="stem")
    blocks = [
        (stage, number) for stage in STAGES for number in range(math.ceil(stage.depth * depth))
    ]
    for place, (stage, number) in enumerate(blocks):
        x = _block(
            x, stage, _channels(stage.width, width), stage.stride if number == 0 else 1,
            drop=drop_blocks * place / len(blocks),
            name=f"block{STAGES.index(stage) + 1}{'abcdefghijklmnop'[number]}",
        )  # fmt: skip
    x = _convolve(x, _channels(TOP, max(width, 1.0)), kernel=1, stride=1, name="top")
    x = layers.GlobalAveragePooling2D(name="features")(x)

    # Head
    output = head(x, answers=answers, kind=kind, dropout=dropout)
    return keras.Model({INPUT: images}, output, name="efficientnet")


def _block(x, stage: Stage, width: int, stride: int, *, drop: float, name: str):
    """Widen, look around channel by channel, weigh channels by the whole image, narrow, add."""
    before = x.shape[-1]
    y = x
    if stage.expansion != 1:
        y = _convolve(y, stage.expansion * before, kernel=1, stride=1, name=f"{name}_expand")
    y = layers.DepthwiseConv2D(
        stage.kernel, strides=stride, padding="same", use_bias=False, name=f"{name}_look",
        depthwise_initializer="he_normal",
    )(y)  # fmt: skip
    y = layers.Activation("silu")(_normal(y, f"{name}_look"))
    y = _squeezed(y, max(1, before // SQUEEZE), name)
    y = layers.Conv2D(
        width, 1, use_bias=False, kernel_initializer="he_normal", name=f"{name}_narrow"
    )(y)
    y = _normal(y, f"{name}_narrow")
    if stride == 1 and width == before:
        y = layers.Dropout(drop, noise_shape=(None, 1, 1, 1), name=f"{name}_drop")(y)
        return layers.Add()([x, y])
    return y


def _squeezed(y, width: int, name: str):
    """Multiply each channel by what the means of all say (Hu et al. 2018, arXiv 1709.01507)."""
    channels = y.shape[-1]
    weight = layers.GlobalAveragePooling2D(keepdims=True)(y)
    weight = layers.Conv2D(width, 1, activation="silu", name=f"{name}_squeeze")(weight)
    weight = layers.Conv2D(channels, 1, activation="sigmoid", name=f"{name}_excite")(weight)
    return layers.Multiply()([y, weight])


def _convolve(x, width: int, *, kernel: int, stride: int, name: str):
    """Convolution, batch normalisation, SiLU."""
    x = layers.Conv2D(
        width, kernel, strides=stride, padding="same", use_bias=False, name=name,
        kernel_initializer="he_normal",
    )(x)  # fmt: skip
    return layers.Activation("silu")(_normal(x, name))


def _normal(x, name: str):
    return layers.BatchNormalization(momentum=MOMENTUM, name=f"{name}_bn")(x)


def _channels(number: int, times: float) -> int:
    """Multiply channels: a multiple of `DIVISOR`, less by a tenth at most."""
    nearest = max(DIVISOR, int(number * times + DIVISOR / 2) // DIVISOR * DIVISOR)
    return nearest if nearest >= 0.9 * number * times else nearest + DIVISOR
