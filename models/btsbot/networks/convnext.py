"""A ConvNeXt-style network at the stamps' own size.

References
----------
Liu et al. 2022, "A ConvNet for the 2020s", arXiv 2201.03545: patchify stem, depthwise 7 × 7
convolutions, layer normalisation, inverted bottlenecks with GELU.
"""

from __future__ import annotations

from collections.abc import Sequence

import keras
from keras import layers

from skysift.models.btsbot.inputs import SIDE
from skysift.models.btsbot.networks._parts import (
    host_input,
    joined,
    metadata_branch,
    metadata_input,
    single_score,
    triplet_input,
)


def convnext(
    *,
    side: int = SIDE,
    patch: int = 3,
    widths: Sequence[int] = (48, 96, 192),
    depths: Sequence[int] = (2, 2, 4),
    expansion: int = 4,
    metadata: bool = True,
    host: bool = False,
    meta: Sequence[int] = (64, 64),
    meta_dropout: float = 0.25,
    head: int = 64,
    head_dropout: float = 0.5,
) -> keras.Model:
    """Build the network: 69 million multiply-accumulates an alert, as many again for the host.

    Parameters
    ----------
    side : int
        Of the stamps, pixels.
    patch : int
        Width of the stem's patches, pixels: 63 becomes 21.
    widths, depths : sequence of int
        Channels and blocks of each stage; each stage but the first halves the side.
    expansion : int
        Of the inverted bottleneck.
    metadata : bool
        Read the features too; without, the network is image only.
    host : bool
        Look at the colour image of the host too, in a branch like that of the stamps.
    meta, head : sequence of int (2,), int
        Widths of the dense layers of the features and of the head.
    meta_dropout, head_dropout : float
    """
    # Inputs
    triplet = triplet_input(side)
    inputs = {"triplet": triplet}

    # Image branch. Normalised pixels are near 1/63: scaled up, the stem starts at a useful size.
    x = layers.Rescaling(float(side))(triplet)
    branches = [_body(x, patch, widths, depths, expansion)]

    # Metadata branch
    if metadata:
        inputs["metadata"] = metadata_input()
        y = metadata_branch(inputs["metadata"], meta, meta_dropout, activation="gelu")
        branches.append(y)

    # Host branch
    if host:
        inputs["host"] = x = host_input()
        branches.append(_body(x, patch, widths, depths, expansion, name="host_"))

    # Head
    x = joined(branches)
    x = layers.Dense(head, activation="gelu", name="head_fc")(x)
    x = layers.Dropout(head_dropout)(x)
    return keras.Model(inputs, single_score(x), name="convnext")


def _body(x, patch: int, widths: Sequence[int], depths: Sequence[int], expansion: int, name=""):
    """Patches, stages of blocks, and the mean of what they found over the image."""
    x = _norm()(layers.Conv2D(widths[0], patch, strides=patch, name=f"{name}stem")(x))
    for stage, (width, depth) in enumerate(zip(widths, depths, strict=True)):
        if stage:
            x = layers.Conv2D(width, 2, strides=2, name=f"{name}shrink{stage}")(_norm()(x))
        for _ in range(depth):
            x = _block(x, width, expansion)
    return _norm()(layers.GlobalAveragePooling2D()(x))


def _block(x, width: int, expansion: int):
    """Look around depthwise, think across channels, add to what was there."""
    y = layers.DepthwiseConv2D(7, padding="same")(x)
    y = layers.Dense(expansion * width, activation="gelu")(_norm()(y))
    return layers.Add()([x, layers.Dense(width)(y)])


def _norm() -> layers.LayerNormalization:
    return layers.LayerNormalization(epsilon=1e-6)
