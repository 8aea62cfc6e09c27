"""How far two samples of one score lie apart; a bootstrap draw is a matter of weights.

Arrays in, numbers out. What is not defined, such as the distance of a sample of no weight, is NaN.
"""

from __future__ import annotations

import numpy as np

BINS, HIGHEST = 99, 0.1
"""Of the published overlap: equal bins, from 0 to there on the published scale."""

NAMES = ("ks", "wasserstein")
"""What `Apart.distances` returns."""


class Overlap:
    """The published measure: how much of two histograms of scores lies under both.

    Each sample's density in `BINS` bins from 0 to `HIGHEST`; the sum of the smaller of the two in
    each bin, over the sum of one. Scores outside are dropped before densities are made, as
    published, so it says nothing of the strangest.

    Parameters
    ----------
    reference, candidate : ndarray (n,), (m,)
        Scores on the published scale; not NaN.
    """

    def __init__(self, reference: np.ndarray, candidate: np.ndarray) -> None:
        self._bins = _bins(reference), _bins(candidate)

    def value(self, reference: np.ndarray, candidate: np.ndarray) -> float:
        """Return the overlap, 0 to 1.

        Parameters
        ----------
        reference, candidate : ndarray (n,), (m,)
            Weights of the scores.
        """
        one, other = (
            np.bincount(bins, weight, BINS + 1)[:BINS]
            for bins, weight in zip(self._bins, (reference, candidate), strict=True)
        )
        if not (one.any() and other.any()):
            return np.nan
        return float(np.minimum(one / one.sum(), other / other.sum()).sum())

    @property
    def beyond(self) -> tuple[float, float]:
        """Shares of reference and candidate that lie outside of the histogram."""
        one, other = (float((bins == BINS).mean()) if len(bins) else np.nan for bins in self._bins)
        return one, other


class Apart:
    """Distances between the distribution functions F and G of two samples of a score.

    Parameters
    ----------
    reference, candidate : ndarray (n,), (m,)
        Not NaN.
    """

    def __init__(self, reference: np.ndarray, candidate: np.ndarray) -> None:
        pooled = np.concatenate([reference, candidate]).astype(np.float64)
        self._order = np.argsort(pooled, kind="stable")
        self._steps = np.diff(pooled[self._order])

    def distances(self, reference: np.ndarray, candidate: np.ndarray) -> tuple[float, float]:
        """Return the largest \\|F - G\\| (Kolmogorov and Smirnov), and its integral (Wasserstein).

        Parameters
        ----------
        reference, candidate : ndarray (n,), (m,)
            Weights of the values.

        Returns
        -------
        ks : float
            0 to 1.
        wasserstein : float
            The first Wasserstein distance, in the score's unit: how far scores must be shifted on
            average to make one sample of the other.
        """
        if not (reference.any() and candidate.any()):
            return np.nan, np.nan
        signed = np.concatenate([reference / reference.sum(), -candidate / candidate.sum()])
        gap = np.abs(np.cumsum(signed[self._order])[:-1])
        # Between equal scores there is no step: the functions jump at once.
        return float(gap[self._steps > 0].max(initial=0.0)), float(gap @ self._steps)


def _bins(scores: np.ndarray) -> np.ndarray:
    """Return the bin of each score; `BINS` for those outside."""
    edges = np.linspace(0, HIGHEST, BINS + 1)
    bins = np.searchsorted(edges, scores, side="right") - 1
    bins[scores == HIGHEST] = BINS - 1
    return np.where((scores >= 0) & (scores <= HIGHEST), bins, BINS)
