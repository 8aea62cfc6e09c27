"""Half precision: a network's convolutions in 16 bits, where the processor is faster in 16 bits.

Matrix units (AMX and its like) multiply 16-bit numbers several times as fast as vector units
multiply 32-bit ones, and add them up in 32 bits. Only numbers between layers lose digits.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import keras

log = logging.getLogger(__name__)

PRECISION = "SKYSIFT_PRECISION"
"""Environment variable: ``float32`` for full precision throughout, or the half type to take."""

HALF_TYPES = ("float16", "bfloat16")
"""The more exact first: 11 and 8 bits of mantissa."""

WORTH_IT = 2.0
"""How many times as fast as float32 a half type must be. Matrix units are 5 to 7 times as fast."""


@cache
def half_type() -> str | None:
    """Return the half type that this processor is fast in; None if it is in none.

    Measured, once in a process: operating systems do not name all matrix units.

    Raises
    ------
    ValueError
        If ``SKYSIFT_PRECISION`` is set to something unknown.
    """
    forced = os.environ.get(PRECISION, "")
    if forced in HALF_TYPES:
        return forced
    if forced == "float32":
        return None
    if forced:
        known = ", ".join(("float32", *HALF_TYPES))
        raise ValueError(f"{PRECISION} must be one of {known}. Got: {forced!r}")
    full = _seconds("float32")
    for name in HALF_TYPES:
        gain = full / _seconds(name)
        log.debug("convolutions in %s take 1/%.1f of the time", name, gain)
        if gain > WORTH_IT:
            return name
    return None


def halved(model: keras.Model, half: str) -> keras.Model:
    """Copy a network, its convolutions in half precision.

    The first convolution stays in float32, as do all dense layers: it was measured that most of
    the error would come from there, and hardly any of the gain. Between convolutions, pooling and
    dropout stay in half precision.

    Parameters
    ----------
    model : keras.Model
        A functional network; its inputs and outputs stay float32.
    half : str
        One of `HALF_TYPES`.
    """
    import keras

    first = next(layer for layer in model.layers if isinstance(layer, keras.layers.Conv2D))
    kinds = (keras.layers.Conv2D, keras.layers.MaxPooling2D, keras.layers.Dropout)

    def copy(layer: keras.Layer) -> keras.Layer:
        config = layer.get_config()
        if layer is not first and isinstance(layer, kinds) and len(layer.output.shape) == 4:
            config["dtype"] = half
        return type(layer).from_config(config)

    twin = keras.models.clone_model(model, clone_function=copy)
    twin.set_weights(model.get_weights())
    return twin


def _seconds(dtype: str, rounds: int = 5) -> float:
    """Time a convolution, the best of some rounds: 0.2 billion multiply-accumulates each."""
    import tensorflow as tf

    kernel = tf.zeros((5, 5, 32, 64), dtype)
    convolve: Callable[[tf.Tensor], tf.Tensor] = tf.function(
        lambda image: tf.nn.conv2d(image, kernel, 1, "SAME")
    )
    image = tf.zeros((4, 31, 31, 32), dtype)
    convolve(image)
    best = float("inf")
    for _ in range(rounds):
        start = time.perf_counter()
        convolve(image)
        best = min(best, time.perf_counter() - start)
    return best
