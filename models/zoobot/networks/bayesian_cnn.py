"""The Bayesian network of the first paper.

References
----------
Walmsley et al. 2020, MNRAS 491, 1554 (arXiv 1905.07424). Dropout as sampling: Gal & Ghahramani
2016, arXiv 1506.02142.
"""

from __future__ import annotations

from collections.abc import Sequence

import keras
from keras import layers

from skysift.models.zoobot.networks import INPUT
from skysift.models.zoobot.networks.answers import FRACTIONS, head
from skysift.models.zoobot.networks.view import front

CONVOLUTIONS = ((32, 2), (64, 2), (128, 1), (128, 1))
"""Channels, and how many convolutions of 3 × 3 px, before each of the four poolings."""

HALVINGS = 2 ** len(CONVOLUTIONS)


def bayesian_cnn(
    *,
    stored: int = 256,
    channels: int = 3,
    pixels: str = "uint8",
    answers: Sequence[int] = (2,),
    kind: str = FRACTIONS,
    grey: bool = True,
    side: int = 128,
    zoom: Sequence[float] = (1.1, 1.3),
    shift: float = 0.0,
    brightness: float = 0.05,
    contrast: float = 0.02,
    features: int = 128,
    dropout: float = 0.5,
) -> keras.Model:
    """Build the network: 0.5 billion multiply-accumulates at 128 px.

    ==================================================== ============ ==========
    layers (all ReLU)                                    output       parameters
    ==================================================== ============ ==========
    2 convolutions 3 × 3 × 32, pooling                   64 × 64 × 32      9,568
    2 convolutions 3 × 3 × 64, pooling                   32 × 32 × 64     55,424
    convolution 3 × 3 × 128, pooling                     16 × 16 × 128    73,856
    convolution 3 × 3 × 128, pooling                     8 × 8 × 128     147,584
    dense                                                128           1,048,704
    dropout 0.5, dense                                   2                   258
    ==================================================== ============ ==========

    The published code declares weight decay that never enters its loss; there is none here.

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
    features : int
        Width of the dense layer before the last.
    dropout : float

    Raises
    ------
    ValueError
        If `side` is no multiple of 16, or another setting cannot be.
    """
    if side < HALVINGS or side % HALVINGS:
        raise ValueError(f"side must be a multiple of {HALVINGS} px. Got: {side}")
    images, x = front(
        stored=stored, channels=channels, pixels=pixels, grey=grey, side=side, zoom=zoom,
        shift=shift, brightness=brightness, contrast=contrast,
    )  # fmt: skip
    # Body
    for block, (width, depth) in enumerate(CONVOLUTIONS, start=1):
        for number in range(1, depth + 1):
            x = layers.Conv2D(
                width, 3, padding="same", activation="relu", name=f"block{block}_conv{number}"
            )(x)
        x = layers.MaxPooling2D(name=f"block{block}_pool")(x)
    x = layers.Flatten()(x)
    x = layers.Dense(features, activation="relu", name="dense_features")(x)

    # Head
    output = head(x, answers=answers, kind=kind, dropout=dropout)
    return keras.Model({INPUT: images}, output, name="bayesian_cnn")
