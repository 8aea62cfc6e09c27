"""Ours: a score depends on one image alone, and the discriminator stays alive."""

from __future__ import annotations

import math

import keras
from keras import layers, ops

from skysift.models.ganomaly.networks import parts
from skysift.models.ganomaly.networks.parts import LAST_SIDE, SLOPE, Blocks
from skysift.models.ganomaly.networks.spectral import SpectralConv2D

GROUPS = 8
"""Of channels that are normalised together, at most."""


def steady(
    *, side: int = 64, channels: int = 3, codes: int = 128, width: int = 64, extra: int = 0
) -> keras.Model:
    """Build our network: the published shape, with what made it unsteady replaced.

    Groups of channels of each image are normalised by themselves [1]_, in training as in scoring.
    The first convolutions have a bias: without one, what follows could not tell an image from one
    of twice the contrast. The discriminator's convolutions are divided by their spectral norms
    [2]_, so its answers cannot run away; its features have a root mean square of 1, so that they
    cannot shrink out of the loss either.

    Parameters
    ----------
    side, channels, codes, width, extra : int
        As for `ganomaly`.

    Raises
    ------
    ValueError
        If a size cannot be.

    References
    ----------
    .. [1] Wu & He 2018, arXiv 1803.08494.
    .. [2] Miyato et al. 2018, arXiv 1802.05957.
    """
    shape = parts.shape_of(side, channels, codes=codes, width=width, extra=extra)
    make = parts.generator(shape, _ByGroups(), codes=codes, width=width, extra=extra)

    def features(images):
        maps = parts.way_down(images, _Bounded(), width=width, extra=extra)
        square = ops.mean(ops.square(maps), axis=(1, 2, 3), keepdims=True)
        return maps / ops.sqrt(square + keras.config.epsilon())

    judge = SpectralConv2D(1, LAST_SIDE, padding="valid")
    return parts.network("steady", shape, make, parts.discriminator(shape, features, judge))


class _ByGroups(Blocks):
    """Layers of the generator."""

    def normalise(self, x):
        groups = math.gcd(GROUPS, x.shape[-1])
        return layers.GroupNormalization(groups, epsilon=1e-5)(x)

    def first(self, x, channels: int):
        x = layers.Conv2D(channels, 4, 2, "same", kernel_initializer=parts.small())(x)
        return layers.LeakyReLU(SLOPE)(x)


class _Bounded(Blocks):
    """Layers of the discriminator."""

    def first(self, x, channels: int):
        return self.down(x, channels)

    def down(self, x, channels: int, *, kernel: int = 4, stride: int = 2):
        x = SpectralConv2D(channels, kernel, strides=stride, padding="same")(x)
        return layers.LeakyReLU(SLOPE)(x)
