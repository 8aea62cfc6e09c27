"""Draw passes: the trunk runs once, only the head is sampled.

Dropout lies behind the trunk, so all passes share what comes before it, and T of them cost little
more than one. A pass drops the same features of all galaxies: it is one network, drawn from those
that could have been learned, and what it says of two galaxies belongs together. So does a choice of
several galaxies at once (BatchBALD), which masks drawn for each galaxy would forbid.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import keras

Predict = Callable[[dict[str, np.ndarray]], np.ndarray]
Compile = Callable[["keras.Model"], Predict]

FEATURES = "features"
"""Input of the head."""

ROWS_AT_ONCE = 8192
"""Rows of the head, galaxies times passes, that are held in memory at a time."""

VIEWS = 8
"""Orientations of a square image."""


class Sampler:
    """A network, parted into trunk and head.

    Parameters
    ----------
    model : keras.Model
        From `networks.build`.
    compile : callable
        Makes a function of a network of named inputs: `skysift.models._serving.compiled`.
    """

    def __init__(self, model: keras.Model, compile: Compile) -> None:
        import keras

        from skysift.models.zoobot.networks import DROPOUT, INPUT

        dropout = model.get_layer(DROPOUT)
        self.rate: float = dropout.rate
        self.width: int = dropout.output.shape[-1]
        self._input = INPUT
        self._trunk = compile(keras.Model(model.input, dropout.input))
        features = keras.Input((self.width,), name=FEATURES)
        x = features
        for layer in model.layers[model.layers.index(dropout) + 1 :]:
            x = layer(x)
        self._head = compile(keras.Model({FEATURES: features}, x))

    def features(self, images: np.ndarray) -> np.ndarray:
        """Run the trunk: (n, side, side, c) as stored to (n, width), float32."""
        return self._trunk({self._input: images})

    def settled(self, features: np.ndarray) -> np.ndarray:
        """Answer without dropout, (n, answers)."""
        return self._head({FEATURES: features})

    def masks(self, passes: int, seed: int) -> np.ndarray:
        """Draw what is dropped in each pass, and how the rest is scaled: (passes, width), float32.

        The same seed drops the same features, whatever the galaxies.
        """
        kept = np.random.default_rng(seed).random((passes, self.width)) >= self.rate
        return (kept / (1 - self.rate)).astype(np.float32)

    def sampled(self, features: np.ndarray, masks: np.ndarray) -> np.ndarray:
        """Answer with dropout, once for each mask.

        Parameters
        ----------
        features : ndarray (n, width), float32
        masks : ndarray (passes, width), float32
            From `masks`.

        Returns
        -------
        ndarray (n, passes, answers), float32
        """
        passes = len(masks)
        step = max(1, ROWS_AT_ONCE // passes)
        parts = [self.settled(features[:0])[:, None].repeat(passes, axis=1)]
        for start in range(0, len(features), step):
            rows = features[start : start + step, None] * masks
            told = self._head({FEATURES: rows.reshape(-1, self.width)})
            parts.append(told.reshape(len(rows), passes, -1))
        return np.concatenate(parts)


def turned(images: np.ndarray, view: int) -> np.ndarray:
    """Show images (n, side, side, c) in one of their `VIEWS` orientations; 0 is as they are."""
    quarters = np.rot90(images, view % 4, axes=(1, 2))
    return quarters[:, ::-1] if view >= 4 else quarters
