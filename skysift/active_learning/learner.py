"""What a learner brings: four functions. The room knows no model by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np


class Model(Protocol):
    """What was learned.

    Attributes
    ----------
    version : str
        Written beside each question that the model chose.
    classes : sequence of str
        Name of each column of the prediction; an answer that the learner understands.
    """

    version: str
    classes: Sequence[str]

    def predict(self, features: np.ndarray) -> np.ndarray:
        """Return probabilities (n, k) of rows of features (n, …)."""
        ...


@runtime_checkable
class Committee(Protocol):
    """A model with members that may disagree."""

    def committee(self, features: np.ndarray) -> np.ndarray:
        """Return each member's probabilities (m, n, k)."""
        ...


Fit = Callable[[np.ndarray, np.ndarray, np.random.Generator], Model]
"""Features (n, …), answers object (n,), rng → model."""


@dataclass(frozen=True)
class Learner:
    """The functions of one kind of model.

    Parameters
    ----------
    fit : callable
        ``fit(features, answers, rng) -> Model``: rows of the pool, and their answers as the ledger
        has them (object (n,): text of a choice, counts of votes, a list of marks).
    evaluate : callable
        ``evaluate(model, features, answers) -> {metric: number}`` on rows of objects that the model
        has not seen; they may be few, or none.
    save : callable
        ``save(model, folder)`` writes the model's files into an empty folder.
    load : callable
        ``load(folder) -> Model``.
    """

    fit: Fit
    evaluate: Callable[[Model, np.ndarray, np.ndarray], Mapping[str, float]]
    save: Callable[[Model, Path], None]
    load: Callable[[Path], Model]
