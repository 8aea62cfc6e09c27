"""The published metadata-only network."""

from __future__ import annotations

from collections.abc import Sequence

import keras
from keras import layers

from skysift.models.btsbot.networks._parts import metadata_branch, metadata_input, single_score


def um_nn(
    *,
    meta: Sequence[int] = (64, 64),
    meta_dropout: float = 0.40,
    head: int = 64,
    head_dropout: float = 0.70,
) -> keras.Model:
    """Build a network of the 25 features alone: 10,149 parameters.

    Parameters
    ----------
    meta, head : sequence of int (2,), int
        Widths of the dense layers.
    meta_dropout, head_dropout : float
    """
    metadata = metadata_input()
    y = metadata_branch(metadata, meta, meta_dropout)
    y = layers.Dense(head, activation="relu", name="head_fc", dtype="float32")(y)
    y = layers.Dropout(head_dropout, dtype="float32")(y)
    return keras.Model({"metadata": metadata}, single_score(y), name="um_nn")
