"""The published convolutional networks, BTSbot v1 and v1.0.1, and their image-only forms.

Defaults are the published settings; layer names are those of the published variables.
"""

from __future__ import annotations

from collections.abc import Sequence

import keras
from keras import layers

from skysift.models.btsbot.inputs import SIDE
from skysift.models.btsbot.networks._parts import (
    metadata_branch,
    metadata_input,
    single_score,
    triplet_input,
)

POOLED = (2, 4)
"""Widths of the two poolings."""


def mm_cnn(
    *,
    side: int = SIDE,
    channels: Sequence[int] = (32, 64),
    kernel: int = 5,
    dropouts: Sequence[float] = (0.50, 0.55),
    meta: Sequence[int] = (128, 128),
    meta_dropout: float = 0.25,
    head: int = 8,
    head_dropout: float = 0.20,
) -> keras.Model:
    """Build the published multi-modal network: 258.7 million multiply-accumulates an alert.

    Parameters
    ----------
    side : int
        Of the stamps, pixels; at least 8.
    channels : sequence of int (2,)
        Of the first and last two convolutions.
    kernel : int
        Of the convolutions, pixels.
    dropouts : sequence of float (2,)
        After each two convolutions.
    meta, head : sequence of int (2,), int
        Widths of the dense layers of the metadata and of the joint head.
    meta_dropout, head_dropout : float
    """
    return _multi_modal(
        "mm_cnn", POOLED, side, channels, kernel, dropouts, meta, meta_dropout, head, head_dropout
    )


def mm_cnn_small(
    *,
    side: int = SIDE,
    channels: Sequence[int] = (32, 64),
    kernel: int = 5,
    dropouts: Sequence[float] = (0.50, 0.55),
    meta: Sequence[int] = (128, 128),
    meta_dropout: float = 0.25,
    head: int = 8,
    head_dropout: float = 0.20,
) -> keras.Model:
    """Build `mm_cnn` without pooling, for crops that are too small for it."""
    return _multi_modal(
        "mm_cnn_small", None, side, channels, kernel, dropouts, meta, meta_dropout, head,
        head_dropout,
    )  # fmt: skip


def um_cnn(
    *,
    side: int = SIDE,
    channels: Sequence[int] = (64, 16),
    kernel: int = 3,
    dropouts: Sequence[float] = (0.45, 0.65),
    head: int = 128,
    head_dropout: float = 0.45,
) -> keras.Model:
    """Build the image branch alone, with the published settings of the image-only network."""
    return _image_only("um_cnn", POOLED, side, channels, kernel, dropouts, head, head_dropout)


def um_cnn_small(
    *,
    side: int = SIDE,
    channels: Sequence[int] = (64, 16),
    kernel: int = 3,
    dropouts: Sequence[float] = (0.45, 0.65),
    head: int = 128,
    head_dropout: float = 0.45,
) -> keras.Model:
    """Build `um_cnn` without pooling, for crops that are too small for it."""
    return _image_only("um_cnn_small", None, side, channels, kernel, dropouts, head, head_dropout)


def _multi_modal(
    name, pools, side, channels, kernel, dropouts, meta, meta_dropout, head, head_dropout
):
    """Join the two branches under a dense layer."""
    triplet, metadata = triplet_input(side), metadata_input()
    x = _image_branch(triplet, pools, channels, kernel, dropouts)
    y = metadata_branch(metadata, meta, meta_dropout)
    z = layers.Concatenate()([x, y])
    z = layers.Dense(head, activation="relu", name="comb_fc")(z)
    z = layers.Dropout(head_dropout)(z)
    return keras.Model({"triplet": triplet, "metadata": metadata}, single_score(z), name=name)


def _image_only(name, pools, side, channels, kernel, dropouts, head, head_dropout):
    """Put a dense layer over the image branch."""
    triplet = triplet_input(side)
    x = _image_branch(triplet, pools, channels, kernel, dropouts)
    x = layers.Dense(head, activation="relu", name="head_fc")(x)
    x = layers.Dropout(head_dropout)(x)
    return keras.Model({"triplet": triplet}, single_score(x), name=name)


def _image_branch(x, pools, channels, kernel, dropouts):
    """Twice two convolutions, a pooling if wanted, and a dropout."""
    side = x.shape[1]
    if pools and side < pools[0] * pools[1]:
        raise ValueError(
            f"side must be at least {pools[0] * pools[1]} pixels for a network with pooling; "
            f"the small forms have none. Got: {side}"
        )
    for stage in range(2):
        for number in (2 * stage + 1, 2 * stage + 2):
            x = layers.Conv2D(
                channels[stage], kernel, padding="same", activation="relu", name=f"conv{number}"
            )(x)
        if pools:
            x = layers.MaxPooling2D(pools[stage])(x)
        x = layers.Dropout(dropouts[stage])(x)
    return layers.Flatten()(x)
