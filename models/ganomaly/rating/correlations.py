"""Which of a galaxy's properties go with its score."""

from __future__ import annotations

from typing import Any

import numpy as np

from skysift.models._bootstrap import Bootstrap, interval

DRAWS = 300

LEAST = 5
"""Galaxies, at least: of fewer, a correlation says nothing."""

FIGURES = ("pearson", "spearman")


def correlation(
    score: np.ndarray, column: np.ndarray, galaxy: np.ndarray, *, seed: int
) -> dict[str, Any] | None:
    """Correlate a score with a property.

    Parameters
    ----------
    score, column : ndarray (n,), float64
        Images where either is not finite are left out.
    galaxy : ndarray (n,)
        Galaxy of each image; intervals are of a bootstrap that draws galaxies.
    seed : int

    Returns
    -------
    dict or None
        ``images``, ``galaxies``, and of each of `FIGURES` ``value``, ``low``, ``high``. None with
        fewer than `LEAST` galaxies, or if either never changes.
    """
    known = np.isfinite(score) & np.isfinite(column)
    score, column, galaxy = score[known], column[known], galaxy[known]
    draws = Bootstrap(galaxy, draws=DRAWS, seed=seed)
    if draws.objects < LEAST or not (np.ptp(score) and np.ptp(column)):
        return None
    ranks = _Ranks(score), _Ranks(column)

    def both(times: np.ndarray) -> tuple[float, float]:
        weight = times.astype(np.float64)
        first, second = (one.weighted(weight) for one in ranks)
        return pearson(score, column, weight), pearson(first, second, weight)

    value = both(np.ones(len(score)))
    low, high = interval(draws.each(both))
    return {
        "images": len(score), "galaxies": draws.objects,
        **{
            name: {"value": value[i], "low": low[i], "high": high[i]}
            for i, name in enumerate(FIGURES)
        },
    }  # fmt: skip


def pearson(one: np.ndarray, other: np.ndarray, weight: np.ndarray) -> float:
    """Return the weighted linear correlation, NaN where either does not change."""
    one = one - np.average(one, weights=weight)
    other = other - np.average(other, weights=weight)
    norm = (weight @ one**2) * (weight @ other**2)
    return float(weight @ (one * other) / np.sqrt(norm)) if norm > 0 else np.nan


class _Ranks:
    """Ranks of values that are drawn again and again; equal ones share theirs."""

    def __init__(self, values: np.ndarray) -> None:
        _, self._place = np.unique(values, return_inverse=True)

    def weighted(self, weight: np.ndarray) -> np.ndarray:
        """Return the rank of each value where it counts `weight` times, (n,)."""
        total = np.bincount(self._place, weight)
        return (np.cumsum(total) - total / 2)[self._place]
