"""How unsure a network is, and how much of that more labels could mend. All in nats.

The entropy of what all passes say together is all that is unknown of the votes; the mean entropy of
the passes is what would be so even with the network's weights known, for people differ. What is
left is the mutual information between votes and weights: what a label would teach (BALD).

References
----------
Houlsby et al. 2011, arXiv 1112.5745; Gal, Islam & Ghahramani 2017, arXiv 1703.02910; with votes:
Walmsley et al. 2020, MNRAS 491, 1554, eq. 10 to 12.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy.special import xlogy

from skysift.models.zoobot.uncertainty.passes import Passes
from skysift.models.zoobot.uncertainty.votes import log_chance

NUMBERS_AT_ONCE = 2_000_000
"""Chances that are held in memory at a time."""

MOST_OUTCOMES = 20_000
"""Ways that votes may fall, at most: 40 votes on three answers fall in 861."""


@dataclass(frozen=True, eq=False)
class Information:
    """Entropies (n,), float64.

    Attributes
    ----------
    predictive : ndarray
        Of the mean of all passes.
    expected : ndarray
        Mean of the passes.
    """

    predictive: np.ndarray
    expected: np.ndarray

    @property
    def mutual(self) -> np.ndarray:
        """Mutual information, 0 or more."""
        return np.maximum(self.predictive - self.expected, 0.0)


def entropy(p: np.ndarray) -> np.ndarray:
    """Return −Σ p ln p over the last axis."""
    return -xlogy(p, p).sum(axis=-1)


def information(p: np.ndarray) -> Information:
    """Compare passes with their mean.

    Parameters
    ----------
    p : ndarray (n, passes, outcomes)
        Chances of each outcome.
    """
    return Information(entropy(p.mean(axis=1)), entropy(p).mean(axis=1))


def of_votes(passes: Passes, question: str, total: int) -> Information:
    """Return what `total` votes on a question would tell, exactly: over all ways they may fall.

    Raises
    ------
    ValueError
        If there are more than `MOST_OUTCOMES` ways.
    """
    values = passes.of(question)
    outcomes = ways(total, values.shape[-1])
    n, draws = values.shape[:2]
    predictive, expected = np.empty(n), np.empty(n)
    step = max(1, NUMBERS_AT_ONCE // (draws * outcomes.size))
    for start in range(0, n, step):
        rows = slice(start, start + step)
        log_p = log_chance(values[rows, :, None], passes.concentrated, outcomes)
        part = information(np.exp(log_p))
        predictive[rows], expected[rows] = part.predictive, part.expected
    return Information(predictive, expected)


def of_answers(passes: Passes, question: str) -> Information:
    """Return what one more person's answer to a question would tell."""
    return information(passes.fractions[..., passes.tree.slices[question]])


def ways(total: int, answers: int) -> np.ndarray:
    """List all ways in which `total` votes may fall on so many answers, (ways, answers).

    Examples
    --------
    >>> ways(2, 2).tolist()
    [[0, 2], [1, 1], [2, 0]]
    """
    count = _count(total, answers)
    if count > MOST_OUTCOMES:
        raise ValueError(
            f"{total} votes on {answers} answers may fall in {count:,} ways, more than "
            f"{MOST_OUTCOMES:,}: ask for fewer votes"
        )
    # Bars between stars: answers − 1 of them among total + answers − 1 places.
    bars = np.array(list(combinations(range(total + answers - 1), answers - 1))).reshape(count, -1)
    edges = np.pad(bars, [(0, 0), (1, 1)], constant_values=((0, 0), (-1, total + answers - 1)))
    return np.diff(edges, axis=1) - 1


def _count(total: int, answers: int) -> int:
    from math import comb

    return comb(total + answers - 1, answers - 1)
