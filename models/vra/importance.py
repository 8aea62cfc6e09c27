"""Which features count: how much of the AUC is lost once one is shuffled."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from skysift.models._metrics import Ranking
from skysift.models.vra.learner import TargetModel

REPEATS = 5


def permutation_importance(
    model: TargetModel,
    features: np.ndarray,
    label: np.ndarray,
    names: Sequence[str],
    rng: np.random.Generator,
) -> dict[str, float]:
    """Measure how much AUC each feature carries alone (Breiman 2001, section 10).

    Features that say the same cover for each other, and seem to count less than they do.

    Parameters
    ----------
    model : TargetModel
    features : ndarray (n, d)
        Of alerts that the model has not learned from.
    label : ndarray (n,), bool
    names : sequence of d str
    rng : Generator
        Shuffles each feature `REPEATS` times.

    Returns
    -------
    dict of str to float
        AUC less the mean AUC with the feature shuffled, the largest first; features that the model
        does not look at are left out.
    """
    best = Ranking(label, model.predict(features)[:, 1]).auc()
    lost = {
        names[j]: best
        - np.mean([_shuffled(model, features, label, j, rng) for _ in range(REPEATS)])
        for j in model.views.columns
    }
    return {name: round(float(lost[name]), 5) for name in sorted(lost, key=lost.__getitem__)[::-1]}


def _shuffled(
    model: TargetModel, features: np.ndarray, label: np.ndarray, j: int, rng: np.random.Generator
) -> float:
    mixed = features.copy()
    mixed[:, j] = rng.permutation(mixed[:, j])
    return Ranking(label, model.predict(mixed)[:, 1]).auc()
