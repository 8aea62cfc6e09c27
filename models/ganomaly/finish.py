"""What a fitted network needs besides its weights: a memory, and a reference to measure by."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from skysift.models.ganomaly.networks import INPUT
from skysift.models.ganomaly.networks.measures import (
    MEASURES,
    MEMORY,
    measures,
    one,
    remembering,
)
from skysift.models.ganomaly.reference import Reference
from skysift.models.ganomaly.training_set import ImageSet

MOST_REMEMBERED = 4096
"""Codes of a memory, at most; more cost time with each image that is scored."""

MOST_REFERENCE = 20_000
"""Images of a reference set, at most."""

AT_ONCE = 64


def finished(
    network: keras.Model, images: ImageSet, learned: np.ndarray, held: np.ndarray, *, seed: int
) -> tuple[keras.Model, dict[str, Any]]:
    """Give a network a memory of images that it learned from, and measure those held back.

    Parameters
    ----------
    network : keras.Model
    images : ImageSet
    learned, held : ndarray of int64
        Rows of the images; if there are too many, some are drawn.
    seed : int

    Returns
    -------
    model : keras.Model
    facts : dict
        ``memory``, how many images are remembered, and ``reference``, see `Reference`.
    """
    rng = np.random.default_rng(seed)
    rows = _some(learned, MOST_REMEMBERED, rng)
    model = remembering(network, len(rows))
    model.get_layer(MEMORY).set_weights([predicted(one(network, "code"), images, rows)])
    held = _some(held, MOST_REFERENCE, rng)
    measured = predicted(measures(model), images, held).astype(np.float64)
    scores = dict(zip(MEASURES, measured.T, strict=True))
    return model, {"memory": len(rows), "reference": Reference.of(scores, MEASURES).as_dict}


def predicted(model: keras.Model, images: ImageSet, rows: np.ndarray) -> np.ndarray:
    """Return what a network of one output says of rows of a set, (n, …), float32."""
    parts = []
    for start in range(0, len(rows), AT_ONCE):
        some = rows[start : start + AT_ONCE]
        filled = np.resize(some, AT_ONCE)  # one shape, or each would be compiled
        answer = model.predict_on_batch({INPUT: images.pixels[filled].astype(np.float32)})
        parts.append(np.asarray(answer)[: len(some)])
    return np.concatenate(parts)


def _some(rows: np.ndarray, most: int, rng: np.random.Generator) -> np.ndarray:
    return rows if len(rows) <= most else np.sort(rng.choice(rows, most, replace=False))
