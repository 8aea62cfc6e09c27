"""Where a training stands, in a file: after a kill it goes on as if nothing had happened."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import keras
import numpy as np

from skysift.whole import whole


class CourseError(ValueError):
    """A training cannot go on, or went wrong."""


class Learner(Protocol):
    """What a state is of: a compiled Keras model, or several networks that learn together."""

    @property
    def variables(self) -> Sequence[keras.Variable]:
        """All that is learned or counted."""
        ...

    @property
    def optimizer(self) -> Any:
        """With ``variables``, too."""
        ...

    def get_weights(self) -> list[np.ndarray]:
        """Return what is kept of the best epoch."""
        ...


@dataclass
class Course:
    """The epochs that are over.

    Attributes
    ----------
    history : list of dict
        Of each epoch: ``epoch`` from 1, and its metrics.
    best : list of ndarray
        Weights after the epoch with the lowest validation loss.
    best_loss : float
    best_epoch : int
        0 before there is one.
    """

    history: list[dict[str, float]] = field(default_factory=list)
    best: list[np.ndarray] = field(default_factory=list)
    best_loss: float = math.inf
    best_epoch: int = 0

    @property
    def epoch(self) -> int:
        """How many epochs are over."""
        return len(self.history)

    def note(self, metrics: dict[str, float], model: Learner) -> None:
        """Add an epoch; keep the weights if they are the best so far."""
        self.history.append({"epoch": self.epoch + 1, **metrics})
        if metrics["val_loss"] < self.best_loss:
            self.best_loss, self.best_epoch = metrics["val_loss"], self.epoch
            self.best = model.get_weights()


def save(path: Path, fingerprint: str, course: Course, model: Learner, schedule: dict) -> None:
    """Write the whole state at once: a kill leaves the last one or this one, never half."""
    facts = {
        "fingerprint": fingerprint,
        "history": course.history,
        "best_loss": course.best_loss,
        "best_epoch": course.best_epoch,
        "schedule": schedule,
    }
    arrays = {
        "facts": np.array(json.dumps(facts)),
        **_named("best", course.best),
        **_named("model", _values(model.variables)),
        **_named("optimizer", _values(model.optimizer.variables)),
    }
    with whole(path, lasting=True) as part, part.open("wb") as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]


def resume(path: Path, fingerprint: str, model: Learner) -> tuple[Course, dict[str, Any]] | None:
    """Bring the model to where an interrupted training left it.

    Returns
    -------
    Course and the schedule's state, or None if there is nothing to go on from

    Raises
    ------
    CourseError
        If the file is of another training.
    """
    if not path.exists():
        return None
    with np.load(path, allow_pickle=False) as arrays:
        facts = json.loads(str(arrays["facts"]))
        if facts["fingerprint"] != fingerprint:
            raise CourseError(
                f"{path} is of an interrupted training with other settings or another set: give "
                "the same again to go on, choose another output, or remove the file"
            )
        best = _stored(arrays, "best")
        _assign(model.variables, _stored(arrays, "model"))
        _assign(model.optimizer.variables, _stored(arrays, "optimizer"))
    course = Course(facts["history"], best, facts["best_loss"], facts["best_epoch"])
    return course, facts["schedule"]


def _values(variables: Sequence[keras.Variable]) -> list[np.ndarray]:
    return [keras.ops.convert_to_numpy(variable.value) for variable in variables]


def _named(prefix: str, arrays: Sequence[np.ndarray]) -> dict[str, np.ndarray]:
    return {f"{prefix}_{i}": array for i, array in enumerate(arrays)}


def _stored(arrays: Any, prefix: str) -> list[np.ndarray]:
    count = sum(name.startswith(f"{prefix}_") for name in arrays.files)
    return [arrays[f"{prefix}_{i}"] for i in range(count)]


def _assign(variables: Sequence[keras.Variable], values: Sequence[np.ndarray]) -> None:
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)
