"""The training loop of two networks: steps, means, the judge, the monitor, and going on."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np

from skysift.models._fitting import course as courses
from skysift.models._fitting.course import Course, CourseError
from skysift.models._fitting.loop import Tick
from skysift.models._fitting.read_ahead import ahead
from skysift.models._tracking import Tracker
from skysift.models.ganomaly import health
from skysift.models.ganomaly.batches import ImageBatches
from skysift.models.ganomaly.config import TrainingConfig
from skysift.models.ganomaly.finish import predicted
from skysift.models.ganomaly.networks import INPUT
from skysift.models.ganomaly.networks.measures import measures, one
from skysift.models.ganomaly.pictures import write_pictures
from skysift.models.ganomaly.restart import restart
from skysift.models.ganomaly.step import Pair, Rules, compiled_step
from skysift.models.ganomaly.training_set import ImageSet

if TYPE_CHECKING:
    import keras

log = logging.getLogger(__name__)

MOST_JUDGED = 2048
"""Images that an epoch is judged on, at most."""

FIXED, SHOWN = 8, 64
"""Images that are shown after each epoch: always the same, and of the last batch."""


@dataclass
class Contest:
    """Two networks as they learn, with all that an epoch needs.

    Attributes
    ----------
    pair : Pair
    rules : Rules
    settings : TrainingConfig
    images : ImageSet
    held : ndarray of int64
        Rows that are judged.
    pictures : Path
        Folder.
    """

    pair: Pair
    rules: Rules
    settings: TrainingConfig
    images: ImageSet
    held: np.ndarray
    pictures: Path

    def __post_init__(self) -> None:
        """Compile what is called often."""
        self._step = compiled_step(self.pair, self.rules)
        self._measures = measures(self.pair.served)
        self._maker = one(self.pair.served, "reconstruction")

    @property
    def variables(self) -> list[keras.Variable]:
        """All that is learned or counted, of the network and of the average."""
        return [*self.pair.network.variables, *self.pair.served.variables]

    @property
    def optimizer(self) -> Any:
        """Both optimisers' ``variables``."""
        optimizers = (self.pair.generator, self.pair.discriminator)
        return SimpleNamespace(variables=[one for opt in optimizers for one in opt.variables])

    def get_weights(self) -> list[np.ndarray]:
        """Return the weights of the average."""
        return self.pair.served.get_weights()

    def step(self, images: np.ndarray) -> dict[str, float]:
        """Let both networks learn from a batch; return the losses, and ``d_restarts``, 0 or 1."""
        # A running average that begins with the first weights would remember them for long.
        count = int(self.pair.generator.iterations)
        told = self._step(images, min(self.settings.average, (1 + count) / (10 + count)))
        again = told["d_loss"] < self.settings.restart_below
        if again:
            restart(self.pair, seed=self.settings.seed, forget=self.settings.restart_optimizer)
        return {**told, "d_restarts": float(again)}

    def judge(self) -> dict[str, float]:
        """Measure the average on images held back: their ``val_loss`` and what it is of."""
        rows = self.held[:: -(-len(self.held) // MOST_JUDGED)]
        latent, contextual, *_ = predicted(self._measures, self.images, rows).mean(axis=0)
        weights = self.rules.weights
        loss = weights["contextual"] * contextual + weights["latent"] * latent
        return {
            "val_contextual": float(contextual), "val_latent": float(latent),
            "val_loss": float(loss),
        }  # fmt: skip

    def show(self, epoch: int, images: np.ndarray) -> None:
        """Write pictures of a batch and of the fixed set."""
        fixed = self.images.pixels[self.held[:FIXED]].astype(np.float32)
        images = images[:SHOWN]
        both = np.asarray(self._maker.predict_on_batch({INPUT: np.concatenate([images, fixed])}))
        made, of_fixed = both[: len(images)], both[len(images) :]
        write_pictures(self.pictures, epoch, images, made, fixed, of_fixed)


def fit(
    contest: Contest,
    batches: ImageBatches,
    *,
    state: Path,
    fingerprint: str,
    tracker: Tracker,
    progress: Callable[[Tick], None] | None = None,
) -> Course:
    """Train the pair in place, epoch by epoch.

    Parameters
    ----------
    contest : Contest
    batches : ImageBatches
    state : Path
        File to go on from, written after each epoch.
    fingerprint : str
        Of everything that decides the training but its length: a state of another is refused.
    tracker : Tracker
        Gets the history after each epoch.
    progress : callable, optional
        Gets a `Tick` after each batch and after each epoch.

    Returns
    -------
    Course
        With the best weights of the average.

    Raises
    ------
    CourseError
        If a loss stops being a number, or `state` is of another training.
    """
    found = courses.resume(state, fingerprint, contest)
    course = found[0] if found else Course()
    if found:
        tracker.epochs(course.history)
    settings = contest.settings
    while course.epoch < settings.epochs and course.epoch - course.best_epoch < settings.patience:
        metrics = _epoch(contest, batches, course.epoch + 1, progress)
        metrics.update(contest.judge())
        course.note(metrics, contest)
        courses.save(state, fingerprint, course, contest, {})
        tracker.epochs(course.history)
        _tell(course.history)
        if progress:
            progress(Tick(course.epoch, settings.epochs, 0, len(batches), metrics))
    return course


def _epoch(
    contest: Contest,
    batches: ImageBatches,
    number: int,
    progress: Callable[[Tick], None] | None,
) -> dict[str, float]:
    """Learn from every image once; return the means, and how often there was a restart."""
    steps: list[dict[str, float]] = []
    for images in ahead(batches.epoch(number)):
        told = contest.step(images)
        if not all(map(math.isfinite, told.values())):
            raise CourseError(
                f"the loss became {told['loss']}, that of the discriminator {told['d_loss']}, in "
                f"epoch {number}, batch {len(steps) + 1}: lower learning_rate or "
                "discriminator_rate"
            )
        steps.append(told)
        if progress:
            so_far = {name: _mean(steps, name) for name in ("loss", "d_loss")}
            progress(Tick(number, contest.settings.epochs, len(steps), len(batches), so_far))
    contest.show(number, images)
    means = {name: _mean(steps, name) for name in steps[0]}
    return {**means, "d_restarts": sum(told["d_restarts"] for told in steps)}


def _mean(steps: Sequence[dict[str, float]], name: str) -> float:
    return sum(told[name] for told in steps) / len(steps)


def _tell(history: Sequence[dict[str, float]]) -> None:
    """Warn when the discriminator has died."""
    if health.dead_since(history) == len(history):
        log.warning(
            "epoch %d: the discriminator is dead, it answers the same to everything (spread %.1e): "
            "the adversarial loss means nothing from here on. With the hinge loss it does not "
            "happen",
            len(history), history[-1]["d_spread"],
        )  # fmt: skip
