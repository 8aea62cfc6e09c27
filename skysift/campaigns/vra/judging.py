"""How good the assistant is on alerts that people labelled and it has not learned from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from skysift.models._metrics import Ranking, brier, calibration_error, confusion, rates
from skysift.models.vra.evaluation import aurak
from skysift.models.vra.labels import LabelMap
from skysift.models.vra.learner import TargetModel
from skysift.models.vra.ranking import rank

EVEN = 0.5
"""Probability from which on a verdict is yes."""


def judge(
    targets: Mapping[str, TargetModel],
    features: np.ndarray,
    answers: Sequence[str],
    label_map: LabelMap,
) -> dict[str, float]:
    """Measure targets and rank.

    Parameters
    ----------
    targets : mapping of str to TargetModel
    features : ndarray (n, d)
        n may be 0.
    answers : sequence of n str
    label_map : LabelMap

    Returns
    -------
    dict of str to float
        Of each target ``T_judged`` and ``T_yes`` (counts), ``T_auc``, ``T_average_precision``,
        ``T_balanced_accuracy``, ``T_brier``, ``T_calibration_error``; ``aurak`` where both real and
        gal were learned. NaN where a class is absent.
    """
    if not len(features):
        return {}
    p = {name: model.predict(features)[:, 1] for name, model in targets.items()}
    figures: dict[str, float] = {}
    for name, score in p.items():
        label = label_map.target(name, list(answers))
        known = np.isfinite(label)
        figures |= {
            f"{name}_{what}": value
            for what, value in _of_target(label[known] == 1, score[known]).items()
        }
    if {"real", "gal"} <= p.keys():
        figures["aurak"] = aurak(wanted(answers, label_map), rank(p["real"], p["gal"]))
    return figures


def wanted(answers: Sequence[str], label_map: LabelMap) -> np.ndarray:
    """Tell the alerts that should come first, bool (n,): real, not Galactic, and not persistent."""
    real, galactic, transient = (
        label_map.target(t, list(answers)) for t in ("real", "gal", "trans")
    )
    return (real == 1) & (galactic == 0) & (transient != 0)


def _of_target(label: np.ndarray, score: np.ndarray) -> dict[str, float]:
    auc, precision = Ranking(label, score).areas()
    verdicts = np.array([*confusion(label, score >= EVEN).values()])
    return {
        "judged": float(len(label)),
        "yes": float(label.sum()),
        "auc": auc,
        "average_precision": precision,
        "balanced_accuracy": float(rates(verdicts)["balanced_accuracy"]),
        "brier": brier(label, score),
        "calibration_error": calibration_error(label, score) if len(label) else np.nan,
    }
