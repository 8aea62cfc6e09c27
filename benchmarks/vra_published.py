"""The published learner of the Fink VRA, for comparison: boosted trees on the table as it is.

Its features are all columns, coordinates and redshifts too; its settings are those of its own
replay (github.com/HeloiseS/finkvra, ``active_learning``). With fewer than 40 labels its trees
cannot make a split, and it says the same of every alert.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

from skysift.models.vra.labels import LabelMap

LEARNING_RATE = {"gal": 0.2, "real": 0.1}


@dataclass
class Boosted:
    """What it learned."""

    version: str
    classes: tuple[str, str]
    trees: Any

    def predict(self, features: np.ndarray) -> np.ndarray:
        """Return the probability of no and yes, (n, 2)."""
        return self.trees.predict_proba(features)


def fitter(
    target: str, label_map: LabelMap
) -> Callable[[np.ndarray, np.ndarray, np.random.Generator], Boosted]:
    """Make ``fit(features, answers, rng)``, see `skysift.models.vra.learner.fitter`."""

    def fit(
        features: np.ndarray, answers: np.ndarray, rng: np.random.Generator, **_: object
    ) -> Boosted:
        trees = HistGradientBoostingClassifier(
            learning_rate=LEARNING_RATE[target], l2_regularization=10, class_weight="balanced",
            random_state=int(rng.integers(2**31)),
        )  # fmt: skip
        empty = np.isnan(features).all(axis=0)  # scikit-learn refuses them; trees pass them over
        trees.fit(np.where(empty, 0.0, features), label_map.target(target, list(answers)))
        return Boosted(f"published-{target}", label_map.classes(target), trees)

    return fit
