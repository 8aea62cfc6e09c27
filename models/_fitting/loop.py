"""The training loop."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import keras
import numpy as np

from skysift.models._fitting import course as courses
from skysift.models._fitting.course import Course, CourseError
from skysift.models._fitting.read_ahead import ahead
from skysift.models._fitting.schedules import Schedule
from skysift.models._tracking import Tracker

Batch = tuple[Mapping[str, np.ndarray], np.ndarray, np.ndarray]
"""Inputs by name; targets and weights, each (b, outputs), float32."""


class Batches(Protocol):
    """What a network learns from."""

    def __len__(self) -> int:
        """Count the batches of an epoch."""
        ...

    def epoch(self, number: int) -> Iterable[Batch]:
        """Return the batches of epoch `number`, from 1; the same whenever it is asked."""
        ...


@dataclass(frozen=True)
class Tick:
    """A step of a training, for whoever shows it.

    Attributes
    ----------
    epoch, epochs : int
        From 1; at most so many.
    batch, batches : int
        From 1; `batch` is 0 in the one tick at an epoch's end.
    metrics : mapping of str to float
        ``loss``, the epoch's mean so far; at its end also ``val_loss`` and others.
    """

    epoch: int
    epochs: int
    batch: int
    batches: int
    metrics: Mapping[str, float]


def heads_crossentropy(label, logits):
    """Binary cross-entropy of each head, (b, K), from logits: exact however large they are."""
    ops = keras.ops
    logits = ops.cast(logits, "float32")
    return ops.relu(logits) - logits * label + ops.log1p(ops.exp(-ops.abs(logits)))


def fit(
    model: keras.Model,
    batches: Batches,
    judge: Callable[[], dict[str, float]],
    *,
    epochs: int,
    patience: int,
    schedule: Schedule,
    state: Path,
    fingerprint: str,
    tracker: Tracker,
    progress: Callable[[Tick], None] | None = None,
) -> Course:
    """Train a compiled network in place and leave it with its best weights.

    Parameters
    ----------
    model : keras.Model
    batches : Batches
    judge : callable
        Returns metrics of the network as it is, ``val_loss`` among them.
    epochs, patience : int
        At most so many epochs; and so many without a better ``val_loss`` before it stops.
    schedule : Schedule
        Of the learning rate.
    state : Path
        File to go on from after a kill; the caller removes it when all is done.
    fingerprint : str
        Of everything that decides the training: a state of another is refused.
    tracker : Tracker
        Gets the history after each epoch.
    progress : callable, optional
        Gets a `Tick` after each batch and after each epoch.

    Raises
    ------
    CourseError
        If the loss stops being a number, or `state` is of another training.
    """
    model.optimizer.build(model.trainable_variables)
    found = courses.resume(state, fingerprint, model)
    course = found[0] if found else Course()
    if found:
        schedule.state.update(found[1])
        tracker.epochs(course.history)
    while course.epoch < epochs and course.epoch - course.best_epoch < patience:
        metrics = _epoch(model, batches, course.epoch + 1, epochs, schedule, progress)
        metrics.update(judge())
        course.note(metrics, model)
        schedule.epoch_ended(metrics["val_loss"])
        courses.save(state, fingerprint, course, model, schedule.state)
        tracker.epochs(course.history)
        if progress:
            progress(Tick(course.epoch, epochs, 0, len(batches), metrics))
    model.set_weights(course.best)
    return course


def _epoch(
    model: keras.Model,
    batches: Batches,
    number: int,
    epochs: int,
    schedule: Schedule,
    progress: Callable[[Tick], None] | None,
) -> dict[str, float]:
    """Show the network every batch once; return the mean loss and the last rate."""
    total = rate = 0.0
    for done, (inputs, target, weight) in enumerate(ahead(batches.epoch(number)), start=1):
        rate = schedule.rate(number - 1 + done / len(batches))
        model.optimizer.learning_rate.assign(rate)
        loss = float(model.train_on_batch(inputs, target, sample_weight=weight))
        if not math.isfinite(loss):
            raise CourseError(
                f"the loss became {loss} in epoch {number}, batch {done}: lower learning_rate"
            )
        total += loss
        if progress:
            progress(Tick(number, epochs, done, len(batches), {"loss": total / done}))
    return {"loss": total / len(batches), "rate": rate}
