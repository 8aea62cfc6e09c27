"""How good a set of scores is, alert by alert."""

from __future__ import annotations

from typing import Any

import numpy as np

THRESHOLD = 0.5
"""Score from which the published policies call an alert a bright transient."""

BINS = 15
"""Of equal width in score, for the calibration error."""


def evaluate(
    label: np.ndarray, score: np.ndarray, group: np.ndarray, kind: np.ndarray
) -> dict[str, Any]:
    """Summarise scores of labelled alerts.

    Parameters
    ----------
    label : ndarray (n,), bool
        True for a bright extragalactic transient.
    score : ndarray (n,), float
        In [0, 1].
    group, kind : ndarray (n,)
        Object of each alert, and its class.

    Returns
    -------
    dict
        Numbers of alerts and objects, ``auc``, ``ece``, ``confusion`` at `THRESHOLD`, and
        ``called_positive``, the share at or above it of each class.
    """
    return {
        "alerts": len(label),
        "objects": len(np.unique(group)),
        "auc": roc_auc(label, score),
        "ece": calibration_error(label, score),
        "threshold": THRESHOLD,
        "confusion": confusion(label, score >= THRESHOLD),
        "called_positive": {
            str(name): float(np.mean(score[kind == name] >= THRESHOLD)) for name in np.unique(kind)
        },
    }


def roc_auc(label: np.ndarray, score: np.ndarray) -> float:
    """Return the chance that a positive scores above a negative; a tie counts half.

    From mean ranks (Mann & Whitney 1947).

    Raises
    ------
    ValueError
        If a class is absent.
    """
    positives = np.count_nonzero(label)
    negatives = len(label) - positives
    if not positives or not negatives:
        raise ValueError(f"AUC needs both classes. Got: {positives} positive of {len(label)}")
    _, place, counts = np.unique(score, return_inverse=True, return_counts=True)
    mean_rank = np.cumsum(counts) - (counts - 1) / 2
    rank_sum = mean_rank[place][label].sum()
    return float((rank_sum - positives * (positives + 1) / 2) / (positives * negatives))


def calibration_error(label: np.ndarray, score: np.ndarray, *, bins: int = BINS) -> float:
    """Return the expected calibration error over bins of equal width.

    The mean over alerts of |share of positives − mean score| of the alert's bin (Guo et al. 2017,
    arXiv 1706.04599).
    """
    place = np.minimum((score * bins).astype(int), bins - 1)
    excess = np.bincount(place, weights=label - score.astype(np.float64), minlength=bins)
    return float(np.abs(excess).sum() / len(score))


def confusion(label: np.ndarray, verdict: np.ndarray) -> dict[str, int]:
    """Count true and false positives and negatives."""
    return {
        "tp": int(np.count_nonzero(label & verdict)),
        "fp": int(np.count_nonzero(~label & verdict)),
        "tn": int(np.count_nonzero(~label & ~verdict)),
        "fn": int(np.count_nonzero(label & ~verdict)),
    }
