"""How far two samples of codes lie apart in all numbers at once: maximum mean discrepancy."""

from __future__ import annotations

import numpy as np
from scipy.spatial.distance import cdist, pdist

MOST = 1500
"""Images of a sample whose pairs are looked at; of more, some are drawn."""


class Discrepancy:
    """The unbiased square of the maximum mean discrepancy (Gretton et al. 2012, eq. 3).

    The kernel is Gaussian; its width is the median distance within the reference, so that all
    candidates are measured alike. Pairs of images of one galaxy are left out, and a galaxy that a
    bootstrap draws twice is not compared with itself: views of one galaxy are no independent
    witnesses.

    Parameters
    ----------
    reference, candidate : ndarray (n, k), (m, k)
        Codes.
    reference_group, candidate_group : ndarray (n,), (m,)
        Galaxy of each.
    """

    def __init__(
        self,
        reference: np.ndarray,
        candidate: np.ndarray,
        reference_group: np.ndarray,
        candidate_group: np.ndarray,
    ) -> None:
        width = float(np.median(pdist(reference))) if len(reference) > 1 else 0.0
        self._scale = 2 * (width or 1.0) ** 2
        self._apart = _strangers(reference_group), _strangers(candidate_group)
        self._alike = tuple(
            self._kernel(codes, codes) * apart
            for codes, apart in zip((reference, candidate), self._apart, strict=True)
        )
        self._across = self._kernel(reference, candidate)

    def value(self, reference: np.ndarray, candidate: np.ndarray) -> float:
        """Return its square; less than 0 by chance, where samples are alike.

        Parameters
        ----------
        reference, candidate : ndarray (n,), (m,)
            Weights of the codes. NaN comes out where a sample has less than two galaxies.
        """
        weights = (reference.astype(np.float32), candidate.astype(np.float32))
        within = 0.0
        for weight, alike, apart in zip(weights, self._alike, self._apart, strict=True):
            pairs = float(weight @ apart @ weight)
            if not pairs:
                return np.nan
            within += float(weight @ alike @ weight) / pairs
        across = float(weights[0] @ self._across @ weights[1])
        return within - 2 * across / float(weights[0].sum() * weights[1].sum())

    def _kernel(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        return np.exp(-cdist(one, other, "sqeuclidean") / self._scale).astype(np.float32)


def some(count: int, rng: np.random.Generator) -> np.ndarray:
    """Return rows to look at: all of `count`, or `MOST` of them, in their order."""
    return np.arange(count) if count <= MOST else np.sort(rng.choice(count, MOST, replace=False))


def _strangers(group: np.ndarray) -> np.ndarray:
    """Tell which pairs are of different galaxies, (n, n), float32."""
    _, number = np.unique(group, return_inverse=True)
    return (number[:, None] != number[None]).astype(np.float32)
