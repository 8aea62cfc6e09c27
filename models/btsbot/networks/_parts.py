"""Pieces that several networks share."""

from __future__ import annotations

from collections.abc import Sequence

import keras
from keras import layers

from skysift.models.btsbot.hosts import CHANNELS
from skysift.models.btsbot.inputs import FEATURES, SIDE
from skysift.models.btsbot.networks import LOGIT


def triplet_input(side: int = SIDE) -> keras.KerasTensor:
    """Return the input of stamps, `side` pixels wide."""
    return keras.Input((side, side, 3), name="triplet")


def metadata_input() -> keras.KerasTensor:
    """Return the input of raw features."""
    return keras.Input((len(FEATURES),), name="metadata")


def host_input() -> keras.KerasTensor:
    """Return the input of host images, from `hosts.Hosts.images`."""
    return keras.Input((SIDE, SIDE, CHANNELS), name="host")


def metadata_branch(metadata, widths: Sequence[int], dropout: float, *, activation: str = "relu"):
    """Normalise by the batch, as published, then two dense layers.

    It is always computed in float32: bfloat16 cannot tell 18.50 mag from 18.56.
    """
    y = layers.BatchNormalization(
        momentum=0.99, epsilon=1e-3, name="batch_normalization", dtype="float32"
    )(metadata)
    y = layers.Dense(widths[0], activation=activation, name="meta_fc1", dtype="float32")(y)
    y = layers.Dropout(dropout, dtype="float32")(y)
    return layers.Dense(widths[1], activation=activation, name="meta_fc2", dtype="float32")(y)


def joined(branches: Sequence[keras.KerasTensor]):
    """Put what the branches found side by side."""
    return layers.Concatenate()(branches) if len(branches) > 1 else branches[0]


def single_score(x):
    """Map the embedding to one logit, and that to a probability."""
    return probability(layers.Dense(1, name=LOGIT, dtype="float32")(x))


def probability(logit):
    """Map logits to probabilities, in a layer of its own: losses are better computed without."""
    return layers.Activation("sigmoid", name="score", dtype="float32")(logit)
