"""A MaxViT-style network at the stamps' own size.

References
----------
Tu et al. 2022, "MaxViT: Multi-Axis Vision Transformer", arXiv 2204.01697: each block is an inverted
bottleneck with squeeze and excitation, then attention within windows, then attention across a grid.
"""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np
from keras import layers, ops

from skysift.models.btsbot.inputs import SIDE
from skysift.models.btsbot.networks._parts import (
    host_input,
    joined,
    metadata_branch,
    metadata_input,
    single_score,
    triplet_input,
)

SQUEEZE = 4
"""By how much the squeeze narrows a block's width (the paper's rate of 0.25)."""


def maxvit(
    *,
    side: int = SIDE,
    window: int = 4,
    widths: Sequence[int] = (32, 64, 128),
    depths: Sequence[int] = (2, 2, 2),
    attention: int = 16,
    expansion: int = 4,
    metadata: bool = True,
    host: bool = False,
    meta: Sequence[int] = (64, 64),
    meta_dropout: float = 0.25,
    head: int = 64,
    head_dropout: float = 0.5,
) -> keras.Model:
    """Build the network: 69 million multiply-accumulates an alert, as many again for the host.

    The stem and each stage halve the side, and windows must divide what is left: stamps are padded
    with zeros all around to a multiple of window · 2^(1 + stages), which makes 64 of 63 pixels.

    Parameters
    ----------
    side : int
        Of the stamps, pixels.
    window : int
        Side of the windows, and of the grid.
    widths, depths : sequence of int
        Channels and blocks of each stage.
    attention : int
        Channels of each head of the attention; all widths are multiples of it.
    expansion : int
        Of the inverted bottlenecks, convolutional and dense.
    metadata : bool
        Read the features too; without, the network is image only.
    host : bool
        Look at the colour image of the host too, in a branch like that of the stamps.
    meta, head : sequence of int (2,), int
        Widths of the dense layers of the features and of the head.
    meta_dropout, head_dropout : float

    Raises
    ------
    ValueError
        If a width is not a multiple of `attention`.
    """
    if any(width % attention for width in widths):
        raise ValueError(f"widths must be multiples of attention = {attention}. Got: {widths}")
    # Inputs
    triplet = triplet_input(side)
    inputs = {"triplet": triplet}

    # Image branch. Normalised pixels are near 1/63: scaled up, the stem starts at a useful size.
    x = layers.Rescaling(float(side))(triplet)
    branches = [_body(x, window, widths, depths, attention, expansion)]

    # Metadata branch
    if metadata:
        inputs["metadata"] = metadata_input()
        y = metadata_branch(inputs["metadata"], meta, meta_dropout, activation="gelu")
        branches.append(y)

    # Host branch
    if host:
        inputs["host"] = x = host_input()
        branches.append(_body(x, window, widths, depths, attention, expansion, name="host_"))

    # Head
    x = joined(branches)
    x = layers.Dense(head, activation="gelu", name="head_fc")(x)
    x = layers.Dropout(head_dropout)(x)
    return keras.Model(inputs, single_score(x), name="maxvit")


def _body(
    x,
    window: int,
    widths: Sequence[int],
    depths: Sequence[int],
    attention: int,
    expansion: int,
    name: str = "",
):
    """Stem, stages of blocks, and the mean of what they found over the image."""
    x = _padded(x, window * 2 ** (1 + len(widths)))
    stem = f"{name}stem"
    x = layers.Conv2D(widths[0], 3, strides=2, padding="same", use_bias=False, name=stem)(x)
    x = layers.Conv2D(widths[0], 3, padding="same", name=f"{stem}2")(_normed(x, f"{stem}_norm"))
    for stage, (width, depth) in enumerate(zip(widths, depths, strict=True)):
        for number in range(depth):
            block = f"{name}stage{stage}_block{number}"
            x = _convolve(x, width, expansion, stride=1 if number else 2, name=block)
            for near in (True, False):
                x = _attend(x, window, attention, near=near)
                x = _think(x, expansion)
    return _norm()(layers.GlobalAveragePooling2D()(x))


class RelativeAttention(layers.Layer):
    """Softmax attention with a learned bias for each relative position and head.

    Parameters
    ----------
    heads : int
    window : int
        Side of the windows: a window holds `window`² places, row by row.
    """

    def __init__(self, heads: int, window: int, **settings) -> None:
        super().__init__(**settings)
        self.heads, self.window = heads, window
        y, x = np.divmod(np.arange(window**2), window)
        apart = [np.subtract.outer(axis, axis) + window - 1 for axis in (y, x)]
        self._which = apart[0] * (2 * window - 1) + apart[1]

    def build(self, shape) -> None:
        """Make the table of biases, (heads, (2 · window − 1)²)."""
        places = (2 * self.window - 1) ** 2
        self.table = self.add_weight(shape=(self.heads, places), initializer="zeros", name="table")

    def call(self, x):
        """Map queries, keys and values (n, windows, places, 3 · width) to (…, width)."""
        _, windows, places, width = x.shape
        x = ops.reshape(x, (-1, windows, places, 3, self.heads, width // (3 * self.heads)))
        query, key, value = (x[:, :, :, part] for part in range(3))
        alike = ops.einsum("nwqhc,nwkhc->nwhqk", query, key) / x.shape[-1] ** 0.5
        bias = ops.take(self.table, self._which, axis=1)
        seen = ops.einsum("nwhqk,nwkhc->nwqhc", ops.softmax(alike + bias, axis=-1), value)
        return ops.reshape(seen, (-1, windows, places, width // 3))

    def get_config(self) -> dict:
        """Return what makes the layer again."""
        return {**super().get_config(), "heads": self.heads, "window": self.window}


def _padded(x, unit: int):
    """Pad with zeros all around to a multiple of `unit` pixels."""
    lacking = -x.shape[1] % unit
    edges = (lacking // 2, lacking - lacking // 2)
    return layers.ZeroPadding2D((edges, edges))(x)


def _convolve(x, width: int, expansion: int, *, stride: int, name: str):
    """Widen, look around depthwise, weigh the channels, narrow; add to what was there."""
    y = layers.BatchNormalization(name=f"{name}_norm")(x)
    y = layers.Conv2D(expansion * width, 1, use_bias=False)(y)
    y = _normed(y, f"{name}_wide_norm")
    y = layers.DepthwiseConv2D(3, strides=stride, padding="same", use_bias=False)(y)
    y = _normed(y, f"{name}_deep_norm")
    y = layers.Conv2D(width, 1)(_weighed(y, width // SQUEEZE))
    if stride > 1:
        x = layers.Conv2D(width, 1)(layers.AveragePooling2D(stride)(x))
    return layers.Add()([x, y])


def _weighed(x, narrow: int):
    """Multiply each channel by a weight that all channels' means decide."""
    weight = layers.Dense(narrow, activation="gelu")(
        layers.GlobalAveragePooling2D(keepdims=True)(x)
    )
    return layers.Multiply()([x, layers.Dense(x.shape[-1], activation="sigmoid")(weight)])


def _attend(x, window: int, attention: int, *, near: bool):
    """Let places see each other within a window, or, not `near`, across a grid over the image."""
    side, width = x.shape[1], x.shape[-1]
    step = side // window
    # Rows and columns each fall apart into two axes; those of `window` places see each other.
    axes = (step, window, step, window) if near else (window, step, window, step)
    order = (1, 3, 2, 4, 5) if near else (2, 4, 1, 3, 5)
    back = (1, 3, 2, 4, 5) if near else (3, 1, 4, 2, 5)
    y = layers.Permute(order)(layers.Reshape((*axes, width))(_norm()(x)))
    y = layers.Dense(3 * width)(layers.Reshape((step**2, window**2, width))(y))
    y = layers.Dense(width)(RelativeAttention(width // attention, window)(y))
    y = layers.Permute(back)(layers.Reshape((step, step, window, window, width))(y))
    return layers.Add()([x, layers.Reshape((side, side, width))(y)])


def _think(x, expansion: int):
    """Think across channels, add to what was there."""
    y = layers.Dense(expansion * x.shape[-1], activation="gelu")(_norm()(x))
    return layers.Add()([x, layers.Dense(x.shape[-1])(y)])


def _normed(x, name: str):
    """Batch normalisation, by a name that the metadata's has not, and GELU."""
    return layers.Activation("gelu")(layers.BatchNormalization(name=name)(x))


def _norm() -> layers.LayerNormalization:
    return layers.LayerNormalization(epsilon=1e-6)
