"""The members of the committee: four learners that err in different ways on few labels."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

from skysift.models.vra.forest import Forest

Voter = Callable[[np.ndarray], np.ndarray]
"""Points (n, d) → probability (n,), float64."""

TREES = 50
"""Of each forest."""

SOFTNESS = {"ranks": 1.0, "scaled": 0.6}
"""Of the kernels, in units of 1 / (features × variance): the larger, the more local."""

STRENGTH = {"ranks": 5.0, "scaled": 3.0}
"""Inverse of the weight decay of the kernels' logistic regressions."""

BASIS = 100
"""Points that span the kernels' space, at most: with fewer labels the kernel is exact, with more
it stays quick, and its file small."""

MEMBERS = {
    "extra_trees": "values",
    "random_forest": "values",
    "kernel_ranks": "ranks",
    "kernel_scaled": "scaled",
}
"""Each member, and the view (see `views`) through which it looks."""

FORESTS = ("extra_trees", "random_forest")

WEIGHT_OF = dict.fromkeys(("kernel_ranks", "kernel_scaled"), "logisticregression__sample_weight")
"""What members that are pipelines call the weights of labels."""


def fit_members(views: dict[str, np.ndarray], codes: np.ndarray, *, seed: int) -> dict[str, Any]:
    """Teach all members; the two sides weigh the same in total.

    Each kind is a class of its own: what stands on one side for different reasons is easier to
    learn apart than together.

    Parameters
    ----------
    views : dict of str to ndarray (n, d)
        From `Views.look`.
    codes : ndarray (n,), int
        Of the kinds: odd on the side of yes, even on that of no; both occur.
    seed : int

    Returns
    -------
    dict of str to scikit-learn classifier
        By the names of `MEMBERS`.
    """
    weight = _weights(codes % 2 == 1)
    return {
        name: _make(name, views[view], seed).fit(
            views[view], codes, **{WEIGHT_OF.get(name, "sample_weight"): weight}
        )
        for name, view in MEMBERS.items()
    }


def voters(members: Mapping[str, Any]) -> dict[str, Voter]:
    """Make of each member what tells its probability that points are on the side of yes."""
    return {
        name: Forest.of(member).says_yes if name in FORESTS else partial(_says_yes, member)
        for name, member in members.items()
    }


def _says_yes(member: Any, points: np.ndarray) -> np.ndarray:
    p: np.ndarray = member.predict_proba(points)[:, member.classes_ % 2 == 1].sum(axis=1)
    return p


def _weights(yes: np.ndarray) -> np.ndarray:
    """Weigh labels so that both sides come to the same, and all of them to their number."""
    share = yes.mean()
    return np.where(yes, 0.5 / share, 0.5 / (1 - share))


def _make(name: str, points: np.ndarray, seed: int) -> Any:
    """Make an untaught member; scikit-learn is imported only here, for those who train."""
    from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier

    forest = {
        "n_estimators": TREES,
        "min_samples_leaf": 2,
        "random_state": seed,
    }
    if name == "extra_trees":
        return ExtraTreesClassifier(max_features=0.5, **forest)
    if name == "random_forest":
        return RandomForestClassifier(**forest)
    return _kernel_regression(points, MEMBERS[name], seed)


def _kernel_regression(points: np.ndarray, view: str, seed: int) -> Any:
    """Make a logistic regression in the space of a Gaussian kernel (Nyström 1930).

    The kernel's width follows the number of features and their spread, as scikit-learn's
    ``gamma="scale"`` does.
    """
    from sklearn.kernel_approximation import Nystroem
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    gamma = SOFTNESS[view] / (points.shape[1] * max(points.var(), 1e-6))
    return make_pipeline(
        Nystroem(gamma=gamma, n_components=min(len(points), BASIS), random_state=seed),
        LogisticRegression(C=STRENGTH[view], max_iter=1000),
    )
