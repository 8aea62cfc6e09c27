"""What both networks are made of: a way down to a code, a way up to an image, and both together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
from keras import initializers, layers, ops

from skysift.models.ganomaly.networks import DISCRIMINATOR, GENERATOR, INPUT, check_side

SLOPE = 0.2
"""Of leaky rectifiers."""

SPREAD = 0.02
"""Standard deviation of convolutions before they have learned, as published."""

LAST_SIDE = 4
"""Side of the maps that become a code."""

Layer = Callable[[Any], Any]


class Blocks:
    """How layers are made; a network says what differs by overriding.

    Parameters
    ----------
    per_image : bool
        Normalise each image by itself, with the same numbers learned.
    """

    def __init__(self, *, per_image: bool = False) -> None:
        self.per_image = per_image

    def normalise(self, x):
        """Take off mean and scale of each channel: of the batch, or of each image."""
        gamma = initializers.RandomNormal(mean=1.0, stddev=SPREAD)
        if self.per_image:
            return layers.GroupNormalization(-1, epsilon=1e-5, gamma_initializer=gamma)(x)
        return layers.BatchNormalization(momentum=0.9, epsilon=1e-5, gamma_initializer=gamma)(x)

    def first(self, x, channels: int):
        """The convolution that images enter by: sides are halved, nothing is normalised."""
        return layers.LeakyReLU(SLOPE)(convolution(channels, stride=2)(x))

    def down(self, x, channels: int, *, kernel: int = 4, stride: int = 2):
        """Convolve, normalise, rectify."""
        x = convolution(channels, kernel=kernel, stride=stride)(x)
        return layers.LeakyReLU(SLOPE)(self.normalise(x))

    def up(self, x, channels: int, *, padding: str = "same", stride: int = 2):
        """Convolve back to more pixels, normalise, rectify."""
        x = layers.Conv2DTranspose(
            channels, 4, stride, padding, use_bias=False, kernel_initializer=small()
        )(x)
        return layers.ReLU()(self.normalise(x))

    def refine(self, x, channels: int):
        """Convolve on the way up at the same size, normalise, rectify."""
        return layers.ReLU()(self.normalise(convolution(channels, kernel=3, stride=1)(x)))


def small() -> initializers.Initializer:
    """Return what convolutions begin with."""
    return initializers.RandomNormal(stddev=SPREAD)


def convolution(channels: int, *, kernel: int = 4, stride: int = 1, padding: str = "same") -> Layer:
    """Make a convolution without bias."""
    return layers.Conv2D(
        channels, kernel, stride, padding, use_bias=False, kernel_initializer=small()
    )


def way_down(images, block: Blocks, *, width: int, extra: int):
    """Make maps of 4 × 4 cells of images: channels double as sides are halved."""
    x = block.first(images, width)
    for _ in range(extra):
        x = block.down(x, width, kernel=3, stride=1)
    while x.shape[1] > LAST_SIDE:
        x = block.down(x, 2 * x.shape[-1])
    return x


def coder(shape: tuple[int, ...], block: Blocks, name: str, *, codes: int, width: int, extra: int):
    """Make an encoder: (n, side, side, channels) to (n, codes)."""
    images = keras.Input(shape)
    x = way_down(images, block, width=width, extra=extra)
    code = convolution(codes, kernel=LAST_SIDE, padding="valid")(x)
    return keras.Model(images, layers.Flatten()(code), name=name)


def maker(shape: tuple[int, ...], block: Blocks, *, codes: int, width: int, extra: int):
    """Make the decoder: (n, codes) to (n, side, side, channels) in [-1, 1]."""
    side, channels = shape[0], shape[-1]
    code = keras.Input((codes,))
    x = layers.Reshape((1, 1, codes))(code)
    x = block.up(x, width * side // (2 * LAST_SIDE), padding="valid", stride=1)
    while x.shape[1] < side // 2:
        x = block.up(x, x.shape[-1] // 2)
    for _ in range(extra):
        x = block.refine(x, width)
    image = layers.Conv2DTranspose(
        channels, 4, 2, "same", use_bias=False, kernel_initializer=small()
    )(x)
    return keras.Model(code, ops.tanh(image), name="decoder")


def generator(shape: tuple[int, ...], block: Blocks, **sizes: int) -> keras.Model:
    """Make the generator: encoder, decoder, and another encoder of the same kind."""
    images = keras.Input(shape)
    code = coder(shape, block, "encoder", **sizes)(images)
    reconstruction = maker(shape, block, **sizes)(code)
    again = coder(shape, block, "encoder_again", **sizes)(reconstruction)
    return keras.Model(images, [reconstruction, code, again], name=GENERATOR)


def network(name: str, shape: tuple[int, ...], make: keras.Model, tell: keras.Model) -> keras.Model:
    """Join generator and discriminator; images and reconstructions are told apart separately."""
    images = keras.Input(shape, name=INPUT)
    reconstruction, code, again = make(images)
    features, logit = tell(images)
    features_again, logit_again = tell(reconstruction)
    outputs = {
        "reconstruction": reconstruction, "code": code, "code_again": again,
        "features": features, "features_again": features_again,
        "logit": logit, "logit_again": logit_again,
    }  # fmt: skip
    return keras.Model({INPUT: images}, outputs, name=name)


def discriminator(shape: tuple[int, ...], features: Layer, judge: Layer) -> keras.Model:
    """Make the discriminator: (n, side, side, channels) to features and logits (n, 1)."""
    images = keras.Input(shape)
    maps = features(images)
    logit = layers.Flatten()(judge(maps))
    return keras.Model(images, [maps, logit], name=DISCRIMINATOR)


def shape_of(side: int, channels: int, **counts: int) -> tuple[int, int, int]:
    """Check the sizes of a network; return the shape of its images.

    Raises
    ------
    ValueError
        If a size cannot be.
    """
    check_side(side)
    least = {"extra": 0}
    for name, count in {"channels": channels, **counts}.items():
        if count < least.get(name, 1):
            raise ValueError(f"{name} must be {least.get(name, 1)} or more. Got: {count}")
    return side, side, channels
