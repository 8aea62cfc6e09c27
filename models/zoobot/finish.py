"""What a fitted network needs besides its weights: how much its posteriors must be widened."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from skysift.models.zoobot.networks.answers import FRACTIONS
from skysift.models.zoobot.task import Task
from skysift.models.zoobot.uncertainty import recalibration as widths
from skysift.models.zoobot.uncertainty.passes import Passes
from skysift.models.zoobot.uncertainty.sampler import Sampler

ROWS = 256
"""Rows that a network is given at a time."""


def recalibration(model: keras.Model, task: Task) -> dict[str, Any] | None:
    """Find it on the validation part, by question; None if it is not wanted."""
    settings, galaxies = task.config.recalibration, task.parts["validation"]
    if not settings.enabled:
        return None
    sampler = Sampler(model, in_batches)
    features = [
        sampler.features(galaxies.images(slice(start, start + ROWS)).astype(np.float32))
        for start in range(0, len(galaxies), ROWS)
    ]
    masks = sampler.masks(settings.passes, task.config.training.seed)
    values = sampler.sampled(np.concatenate(features), masks)
    concentrated = task.network["settings"]["kind"] != FRACTIONS
    passes = Passes(task.labels.tree, values, concentrated)
    return widths.fit(passes, task.labels.votes(galaxies.galaxies))


def in_batches(model: keras.Model) -> Callable[[dict[str, np.ndarray]], np.ndarray]:
    """Make a function of a network of named inputs that runs on any backend."""
    width = tuple(model.outputs[0].shape[1:])

    def predict(arrays: dict[str, np.ndarray]) -> np.ndarray:
        rows = len(next(iter(arrays.values())))
        parts = [
            model.predict_on_batch({name: a[start : start + ROWS] for name, a in arrays.items()})
            for start in range(0, rows, ROWS)
        ]
        return np.concatenate([np.empty((0, *width), np.float32), *parts])

    return predict
