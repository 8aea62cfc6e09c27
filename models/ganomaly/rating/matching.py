"""Galaxies of the reference that are like those of a candidate in mass, size, whatever is known.

A set with other masses than the survey's differs from it for that alone. Matching takes, for each
image of a candidate, the nearest images of the reference; each bootstrap draw of candidates draws
their partners along.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix
from scipy.spatial import cKDTree

NEAREST = 16
"""Partners of an image, at most; they share its weight."""

CALIPER = 0.25
"""How far a partner may lie off, in each column, in the reference's standard deviation: a quarter,
as Rosenbaum & Rubin (1985) have it."""


@dataclass(frozen=True)
class Partners:
    """Which images of the reference stand beside which of a candidate.

    Attributes
    ----------
    shares : csr_matrix (m, n)
        Of candidate by reference; a row adds up to 1, or to 0 where nothing is near.
    """

    shares: csr_matrix

    @property
    def found(self) -> np.ndarray:
        """Tell which images of the candidate have a partner, (m,) of bool."""
        return np.diff(self.shares.indptr) > 0

    def weigh(self, reference: np.ndarray, candidate: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Give the reference the weights of the candidates that its images stand beside.

        Parameters
        ----------
        reference, candidate : ndarray (n,), (m,)
            How often each image was drawn.

        Returns
        -------
        reference, candidate : ndarray (n,), (m,), float64
            Images without a partner have none.
        """
        kept = candidate * self.found
        return (self.shares.T @ kept) * reference, kept

    @property
    def effective(self) -> float:
        """How many images the weighted reference is worth (Kish 1965): (Σw)² / Σw²."""
        weight = np.asarray(self.shares.sum(axis=0)).ravel()
        return float(weight.sum() ** 2 / np.square(weight).sum()) if weight.any() else 0.0


def partners(reference: np.ndarray, candidate: np.ndarray) -> Partners:
    """Find partners.

    Parameters
    ----------
    reference, candidate : ndarray (n, d), (m, d), float64
        Columns to match in; what is NaN anywhere has no partner.
    """
    known = np.flatnonzero(np.isfinite(reference).all(axis=1))
    asking = np.flatnonzero(np.isfinite(candidate).all(axis=1))
    shape = len(candidate), len(reference)
    if not (len(known) and len(asking)):
        return Partners(csr_matrix(shape))
    scale = reference[known].std(axis=0)
    scale[scale == 0] = 1.0
    count = min(NEAREST, len(known))
    apart, place = cKDTree(reference[known] / scale).query(
        candidate[asking] / scale, list(range(1, count + 1)), p=np.inf, distance_upper_bound=CALIPER
    )
    near = np.isfinite(apart)
    rows = np.repeat(asking, near.sum(axis=1))
    share = np.repeat(1 / np.maximum(near.sum(axis=1), 1), near.sum(axis=1))
    return Partners(csr_matrix((share, (rows, known[place[near]])), shape))
