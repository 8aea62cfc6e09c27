"""Serve a network in half precision, and in full where that could show."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from skysift.models._half import halved
from skysift.models._serving import compiled

if TYPE_CHECKING:
    import keras

Predict = Callable[[dict[str, np.ndarray]], np.ndarray]

LARGEST_PIXEL = 1.001
"""Of a normalised stamp, with some room. Half precision was measured on normalised stamps, and
float16 overflows."""


def compiled_half(
    model: keras.Model, exact: Predict, half: str, unsure: tuple[float, float] | None
) -> Predict:
    """Compile a network of probabilities in half precision, as `compiled` does in float32.

    Parameters
    ----------
    model : keras.Model
        Of named inputs, images among them, and one output of probabilities.
    exact : callable
        The same network in float32, from `compiled`.
    half : str
        See `skysift.models._half.HALF_TYPES`.
    unsure : tuple of float (2,), optional
        Rows with a probability between these two are computed again by `exact`: there the sigmoid
        is steep, and the digits that half precision loses show. By default none.

    Returns
    -------
    callable
        As that of `compiled`. Rows with pixels beyond ±1 are always computed by `exact`.
    """
    quick = compiled(halved(model, half))
    images = [tensor.name for tensor in model.inputs if len(tensor.shape) == 4]

    def predict(arrays: dict[str, np.ndarray]) -> np.ndarray:
        p = quick(arrays)
        again = np.any([_is_large(arrays[name]) for name in images], axis=0)
        if unsure is not None:
            again |= ((p > unsure[0]) & (p < unsure[1])).any(axis=1)
        rows = np.flatnonzero(again)
        if len(rows):
            p[rows] = exact({name: array[rows] for name, array in arrays.items()})
        return p

    return predict


def _is_large(images: np.ndarray) -> np.ndarray:
    """Tell which rows hold pixels beyond ±1; not those with NaN, which have no score anyway."""
    flat = images.reshape(len(images), -1)
    return (flat.max(axis=1) > LARGEST_PIXEL) | (flat.min(axis=1) < -LARGEST_PIXEL)
