"""Batches of a training set, read from disk as they are needed.

Triplets are read from the memory map, a batch at a time: the operating system keeps in memory what
fits, once for all trainings of a machine, and nothing is lost where it does not fit.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import keras
import numpy as np

from skysift.models._fitting.loop import Batch
from skysift.models._fitting.read_ahead import ahead
from skysift.models.btsbot import augmentation
from skysift.models.btsbot.config import TrainingConfig
from skysift.models.btsbot.inputs import crop
from skysift.models.btsbot.training_set import TrainingSet
from skysift.models.btsbot.weighing import class_weights, resampled

JUDGED = 256
"""Alerts per call where a network only answers."""


@dataclass(frozen=True)
class Reader:
    """Reads what a network takes.

    Attributes
    ----------
    alerts : TrainingSet
    names : sequence of str
        Of the network's inputs.
    crop : int
        Side of the stamps, pixels.
    """

    alerts: TrainingSet
    names: Sequence[str]
    crop: int

    def read(self, rows: np.ndarray) -> dict[str, np.ndarray]:
        """Return the inputs of the alerts at `rows`."""
        inputs = {}
        if "triplet" in self.names:
            inputs["triplet"] = crop(self.alerts.triplet(rows), self.crop)
        if "metadata" in self.names:
            inputs["metadata"] = self.alerts.metadata[rows]
        if "host" in self.names:
            inputs["host"] = self.alerts.host(rows)
        return inputs


class TrainingBatches:
    """Augmented batches, in another order each epoch.

    Everything random follows from the seed and the number of the epoch, so that an interrupted
    training goes on as it would have. An incomplete last batch is left out; its alerts are others
    in each epoch.

    Parameters
    ----------
    alerts : TrainingSet
    names : sequence of str
        Of the network's inputs.
    settings : TrainingConfig
    heads : int
        Of the network.
    may_miss : sequence of str
        Features to mask in some alerts.
    """

    def __init__(
        self,
        alerts: TrainingSet,
        names: Sequence[str],
        settings: TrainingConfig,
        *,
        heads: int,
        may_miss: Sequence[str],
    ) -> None:
        self._alerts = alerts
        self._names = names
        self._settings = settings
        self._may_miss = may_miss
        self._metadata = alerts.metadata
        self._batch = min(settings.batch, len(alerts))
        label, group = alerts.label, alerts.group
        self._target = np.repeat(label[:, None].astype(np.float32), heads, axis=1)
        classes = class_weights(label, group, settings.class_weight)
        rng = np.random.default_rng([settings.seed, 0])
        self._weight = classes[:, None] * resampled(group, heads, rng=rng)

    def __len__(self) -> int:
        """Count the batches of an epoch."""
        return len(self._alerts) // self._batch

    def epoch(self, number: int) -> Iterator[Batch]:
        """Yield the batches of epoch `number`, from 1."""
        rng = np.random.default_rng([self._settings.seed, number])
        order = rng.permutation(len(self._alerts))
        for index in range(len(self)):
            # Sorted: a disk is read in its own direction, and the order in a batch is of no matter.
            rows = np.sort(order[index * self._batch : (index + 1) * self._batch])
            yield self._inputs(rows, rng), self._target[rows], self._weight[rows]

    def _inputs(self, rows: np.ndarray, rng: np.random.Generator) -> dict[str, np.ndarray]:
        inputs, images = {}, {}
        if "metadata" in self._names:
            share = self._settings.mask if self._may_miss else 0.0
            inputs["metadata"] = augmentation.mask(
                self._metadata[rows], self._may_miss, share, rng=rng
            )
        if "triplet" in self._names:
            images["triplet"] = self._stamps(rows, rng)
        if "host" in self._names:
            images["host"] = augmentation.hide(
                self._alerts.host(rows), self._settings.mask, rng=rng
            )
        if images and self._settings.augment:  # all of an alert's images turn alike
            orientation = rng.integers(augmentation.ORIENTATIONS, size=len(rows))
            for name, image in images.items():
                images[name] = augmentation.flip_and_turn(image, orientation)
        return {**inputs, **images}

    def _stamps(self, rows: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        stamps = self._alerts.triplet(rows)
        if self._may_miss:  # such networks are meant to know damage when they see it
            stamps = augmentation.damage(stamps, self._settings.damage, rng=rng)
        return crop(stamps, self._settings.crop)


def outputs(model: keras.Model, reader: Reader) -> np.ndarray:
    """Return a network's output for every alert, (n, K), float64, as they are on disk."""
    count = len(reader.alerts)
    starts = range(0, count, JUDGED)
    parts = ahead(_padded(reader, start, count) for start in starts)
    answers = [np.asarray(model.predict_on_batch(part), np.float64) for part in parts]
    return np.concatenate(answers)[:count]


def _padded(reader: Reader, start: int, count: int) -> dict[str, np.ndarray]:
    """Read a batch; the last is filled up with its first alert, so that no shape is new."""
    rows = np.arange(start, start + JUDGED)
    return reader.read(np.where(rows < count, rows, start))
