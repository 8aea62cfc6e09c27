"""Score any number of rows with a few compiled shapes, so that nothing retraces."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from skysift.cores import on_cores, usable_cores

if TYPE_CHECKING:
    import keras

SIZES = (8, 64)
"""Rows per call. Larger batches were measured no faster and take memory in proportion."""


def chunks(rows: int, sizes: Sequence[int] = SIZES) -> Iterator[tuple[int, int, int]]:
    """Cut `rows` rows into calls of fixed sizes, the largest first.

    Yields
    ------
    start, stop : int
        The rows of one call.
    size : int
        The size to pad them to; less than the smallest size of padding is ever added.

    Examples
    --------
    >>> list(chunks(75, sizes=(8, 64)))
    [(0, 64, 64), (64, 72, 8), (72, 75, 8)]
    """
    start = 0
    while start < rows:
        left = rows - start
        size = max((size for size in sizes if size <= left), default=min(sizes))
        stop = min(start + size, rows)
        yield start, stop, size
        start = stop


def compiled(
    model: keras.Model, before: Mapping[str, Callable[[np.ndarray], np.ndarray]] | None = None
) -> Callable[[dict[str, np.ndarray]], np.ndarray]:
    """Compile a network of named inputs and one output for the fixed sizes.

    Parameters
    ----------
    model : keras.Model
    before : mapping of str to callable, optional
        What is done to the rows of an input, float32 (size, …), before they enter.

    Returns
    -------
    callable
        Takes float32 arrays by input name, each (n, …), and returns the output (n, …). Each size
        is traced the first time it is met. A row's output does not depend on its neighbours.
    """
    import tensorflow as tf

    shapes = {name: tuple(tensor.shape[1:]) for name, tensor in model.input.items()}
    before = before or {}
    output = tuple(model.outputs[0].shape[1:])
    cores = tf.config.threading.get_intra_op_parallelism_threads() or usable_cores()
    traced: dict[int, Callable[..., tf.Tensor]] = {}

    def call(size: int) -> Callable[..., tf.Tensor]:
        if size not in traced:
            signature = {n: tf.TensorSpec((size, *s), tf.float32) for n, s in shapes.items()}
            function = tf.function(lambda rows: model(rows, training=False))
            traced[size] = function.get_concrete_function(signature)
        return traced[size]

    def predict(arrays: dict[str, np.ndarray]) -> np.ndarray:
        rows = len(next(iter(arrays.values())))
        answer = np.empty((rows, *output), dtype=np.float32)
        calls = [(start, stop, call(size), size) for start, stop, size in chunks(rows)]

        def fill(one: tuple[int, int, Callable[..., tf.Tensor], int]) -> None:
            start, stop, function, size = one
            part = {name: _padded(arrays[name][start:stop], size) for name in shapes}
            part.update({name: prepare(part[name]) for name, prepare in before.items()})
            answer[start:stop] = function(part).numpy()[: stop - start]

        # Small networks gain little from several cores within a call: several calls at a time.
        on_cores(fill, calls, cores)
        return answer

    return predict


def _padded(rows: np.ndarray, size: int) -> np.ndarray:
    """Fill up with zeros to `size` rows of float32."""
    if len(rows) == size:
        return np.ascontiguousarray(rows, dtype=np.float32)
    full = np.zeros((size, *rows.shape[1:]), dtype=np.float32)
    full[: len(rows)] = rows
    return full
