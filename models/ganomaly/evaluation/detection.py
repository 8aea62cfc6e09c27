"""Figures of one score: how well abnormal images rank above normal ones, and verdicts."""

from __future__ import annotations

from typing import Any

import numpy as np

from skysift.models._bootstrap import Bootstrap, interval
from skysift.models._metrics import Ranking, confusion, rates

PUBLISHED_THRESHOLD = 0.20
"""Of the published F1, on scores between 0 and 1."""

DRAWS = 300
"""Of images, for intervals."""


def detection(abnormal: np.ndarray, score: np.ndarray) -> dict[str, Any]:
    """Judge one score.

    Parameters
    ----------
    abnormal : ndarray (n,), bool
        Both kinds must be there.
    score : ndarray (n,), float
        Higher is stranger; not NaN.

    Returns
    -------
    dict
        ``auc`` and ``average_precision`` (the area under the precision-recall curve), each with the
        95 % interval of a bootstrap by image as ``value``, ``low``, ``high``; ``eer``, see
        `equal_error_rate`; ``f1`` and ``threshold``, of the threshold with the best F1, which is
        chosen with the labels and flatters.
    """
    ranking = Ranking(abnormal, score)
    draws = Bootstrap(np.arange(len(score)), draws=DRAWS).each(ranking.areas)
    low, high = interval(draws)
    areas = {
        name: {"value": value, "low": low[i], "high": high[i]}
        for i, (name, value) in enumerate(
            zip(("auc", "average_precision"), ranking.areas(), strict=True)
        )
    }
    tp, fp = ranking.counts()
    f1 = 2 * tp / (tp + fp + abnormal.sum())
    best = int(np.argmax(f1))
    return {
        **areas, "eer": equal_error_rate(ranking), "f1": f1[best],
        "threshold": ranking.threshold[best],
    }  # fmt: skip


def equal_error_rate(ranking: Ranking) -> float:
    """Return the share of mistakes at which both kinds of image suffer alike.

    Where the ROC curve, straight between thresholds, meets FPR = 1 - TPR.
    """
    fpr, tpr = ranking.roc()
    excess = fpr - (1 - tpr)  # rises from -1 to 1
    after = int(np.argmax(excess >= 0))
    before = after - 1
    part = -excess[before] / (excess[after] - excess[before])
    return float(fpr[before] + part * (fpr[after] - fpr[before]))


def verdicts(abnormal: np.ndarray, called: np.ndarray) -> dict[str, Any]:
    """Count verdicts, and give the usual shares of them; see `_metrics.rates`."""
    counts = confusion(abnormal, called)
    shares = rates(np.array(list(counts.values())))
    return {**counts, **{name: float(value) for name, value in shares.items()}}
