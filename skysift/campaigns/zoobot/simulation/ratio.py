"""Labels that a query needs for what random sampling ends with, over those that random needs."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from skysift.models._bootstrap import LEVEL

DRAWS = 2000


def label_ratio(
    rounds: pd.DataFrame, query: str, baseline: str, metric: str, *, seed: int = 2
) -> dict[str, Any]:
    """Compare two queries by the labels that they need for the same error.

    Wanted is the error with which the baseline ends. Curves are means over the seeds, with straight
    lines between rounds; of each the first crossing counts, of the baseline's as well, so that a
    baseline that is done early gains nothing by its length. For the interval the seeds are drawn
    anew with replacement, for both queries the same.

    Parameters
    ----------
    rounds : DataFrame
        ``query``, ``seed``, ``labels`` and the metric, which falls as the model learns.
    query, baseline : str
    metric : str
    seed : int
        Of the draws.

    Returns
    -------
    dict
        ``ratio``, ``low`` and ``high`` (central 95 %), None where the query does not get as far;
        ``labels`` that it needs, ``baseline_labels``, ``wanted`` (the error), ``seeds``.

    Raises
    ------
    ValueError
        If no seed was run to the end with both.
    """
    ours, theirs, labels = paired(rounds, query, baseline, metric)
    needed, spent, wanted = _needed(ours.mean(axis=0), theirs.mean(axis=0), labels)
    rng = np.random.default_rng(seed)
    drawn = rng.integers(len(ours), size=(DRAWS, len(ours)))
    pairs = (_needed(ours[d].mean(axis=0), theirs[d].mean(axis=0), labels) for d in drawn)
    ratios = np.array([one / other for one, other, _ in pairs])
    tails = [(1 - LEVEL) / 2, (1 + LEVEL) / 2]
    # Not a mean of two neighbours: one of them may be infinite.
    low, high = np.quantile(ratios, tails, method="inverted_cdf")
    return {
        "metric": metric, "ratio": _finite(needed / spent), "low": _finite(low),
        "high": _finite(high), "labels": _finite(needed), "baseline_labels": _finite(spent),
        "wanted": float(wanted), "seeds": len(ours),
    }  # fmt: skip


def paired(
    rounds: pd.DataFrame, query: str, baseline: str, metric: str
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return both queries' curves (seeds, rounds), of seeds that both ended, and the labels."""
    tables = [
        rounds[rounds["query"] == name].pivot(index="seed", columns="labels", values=metric)
        for name in (query, baseline)
    ]
    labels = tables[0].columns.intersection(tables[1].columns)
    ours, theirs = (table[labels].dropna() for table in tables)
    seeds = ours.index.intersection(theirs.index)
    if not len(seeds) or not len(labels):
        raise ValueError(f"no seed was run to the end with both {query} and {baseline}")
    return ours.loc[seeds].to_numpy(), theirs.loc[seeds].to_numpy(), labels.to_numpy(float)


def crossing(labels: np.ndarray, errors: np.ndarray, wanted: float) -> float:
    """Return the labels with which errors first fall to what is wanted; infinite if they do not.

    Examples
    --------
    >>> crossing(np.array([10.0, 20.0, 30.0]), np.array([0.4, 0.2, 0.1]), 0.3)
    15.0
    """
    low = np.flatnonzero(errors <= wanted)
    if not len(low):
        return math.inf
    at = int(low[0])
    if at == 0:
        return float(labels[0])
    share = (errors[at - 1] - wanted) / (errors[at - 1] - errors[at])
    return float(labels[at - 1] + share * (labels[at] - labels[at - 1]))


def _needed(ours: np.ndarray, theirs: np.ndarray, labels: np.ndarray) -> tuple[float, float, float]:
    wanted = float(theirs[-1])
    return crossing(labels, ours, wanted), crossing(labels, theirs, wanted), wanted


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
