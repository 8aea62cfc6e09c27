"""What a learner brings: four functions. The room knows no model by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

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

    @property
    def version(self) -> str: ...

    @property
    def classes(self) -> Sequence[str]: ...

    def predict(self, features: np.ndarray) -> np.ndarray:
        """Return probabilities (n, k) of rows of features (n, …)."""
        ...


@runtime_checkable
class Committee(Protocol):
    """A model with members that may disagree."""

    def committee(self, features: np.ndarray) -> np.ndarray:
        """Return each member's probabilities (m, n, k)."""
        ...


@dataclass(frozen=True, eq=False)
class Doubt:
    """What a model does not know of rows, question by question: float (n, questions).

    Attributes
    ----------
    predictive : ndarray
        Entropy of the answers to come, as far as all that the model might be says together [nat].
    expected : ndarray
        Mean entropy of each that it might be [nat]: what no label mends, for people differ.
    spread : ndarray
        Variance of the expected answer between those that it might be.
    reached : ndarray
        Share of people who get as far as the question, 0 to 1.
    """

    predictive: np.ndarray
    expected: np.ndarray
    spread: np.ndarray
    reached: np.ndarray


@runtime_checkable
class Doubtful(Protocol):
    """A model that answers several questions of a row, and knows how unsure it is of each."""

    def doubt(self, features: np.ndarray) -> Doubt:
        """Tell how unsure it is of rows of features (n, …)."""
        ...


class Fit(Protocol):
    """How a model is made."""

    def __call__(
        self,
        features: np.ndarray,
        answers: np.ndarray,
        rng: np.random.Generator,
        *,
        groups: np.ndarray,
    ) -> Model:
        """Learn from rows of features (n, …) and their answers, object (n,).

        `groups`, object (n,), names what each row is of: rows of one object are not independent,
        and a learner that sets some aside for itself must keep them together.
        """
        ...


@dataclass(frozen=True)
class Learner:
    """The functions of one kind of model.

    Parameters
    ----------
    fit : callable
        ``fit(features, answers, rng, groups=objects) -> Model``: rows of the pool, their answers
        as the ledger has them (object (n,): text of a choice, counts of votes, a list of marks),
        and the object of each.
    evaluate : callable
        ``evaluate(model, features, answers) -> {metric: number}`` on rows of objects that the model
        has not seen; they may be few, or none.
    save : callable
        ``save(model, folder)`` writes the model's files into an empty folder.
    load : callable
        ``load(folder) -> Model``.
    """

    fit: Fit
    evaluate: Callable[[Any, np.ndarray, np.ndarray], Mapping[str, float]]
    save: Callable[[Any, Path], None]
    load: Callable[[Path], Model]
