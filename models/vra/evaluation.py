"""How well alerts are ranked: the share of the wanted ones among the first, and its area."""

from __future__ import annotations

import numpy as np

from skysift.models._metrics import Ranking


def recall_at_rank(wanted: np.ndarray, rank: np.ndarray) -> np.ndarray:
    """Return the share of the wanted alerts among the first 1, 2, … n, highest rank first.

    Alerts of equal rank may be looked at in any order: their share is the mean over all orders,
    so that it rises evenly through them.

    Parameters
    ----------
    wanted : ndarray (n,), bool
    rank : ndarray (n,), float
        Not NaN.

    Returns
    -------
    ndarray (n,), float64
        NaN if none is wanted.

    Examples
    --------
    >>> recall_at_rank(np.array([True, False, False]), np.array([5.0, 5.0, 1.0]))
    array([0.5, 1. , 1. ])
    """
    found, others = Ranking(wanted, rank).counts()
    found, looked_at = np.append(0.0, found), np.append(0.0, found + others)
    total = found[-1] if found[-1] else np.nan
    return np.interp(np.arange(1, len(rank) + 1), looked_at, found) / total


def aurak(wanted: np.ndarray, rank: np.ndarray) -> float:
    """Return the area under recall at rank: AuRaK of Stevance et al. 2025 (arXiv 2506.09778).

    By the trapezoid rule over n places spread evenly over [0, 1]. 0.5 says nothing was learned;
    the most that n alerts can reach is below 1, see `best_aurak`. Equal ranks: see
    `recall_at_rank`.

    Returns
    -------
    float
        NaN if no alert is wanted, or there are fewer than two.
    """
    if len(rank) < 2:
        return np.nan
    recall = recall_at_rank(wanted, rank)
    return float((recall[1:] + recall[:-1]).sum() / 2 / (len(recall) - 1))


def best_aurak(wanted: np.ndarray) -> float:
    """Return the AuRaK of a perfect order of these alerts."""
    return aurak(wanted, wanted.astype(np.float64))


def evaluate(
    wanted: np.ndarray, rank: np.ndarray, targets: dict[str, tuple[np.ndarray, np.ndarray]]
) -> dict[str, float]:
    """Measure a ranking and the scores behind it.

    Parameters
    ----------
    wanted : ndarray (n,), bool
        Real extragalactic transients.
    rank : ndarray (n,), float
    targets : dict of str to (label, probability)
        By target; labels 1, 0, or NaN where unknown, which are left out.

    Returns
    -------
    dict of str to float
        ``aurak``, and of each target ``<target>_auc``: NaN where a class is absent.
    """
    figures = {"aurak": aurak(wanted, rank)}
    for name, (label, probability) in targets.items():
        known = np.isfinite(label) & np.isfinite(probability)
        figures[f"{name}_auc"] = Ranking(label[known] == 1, probability[known]).auc()
    return figures
