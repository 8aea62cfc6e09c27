"""Whether what is told holds: how often votes lie as near to the expected as they should.

For each allowed error, *expected* is the chance that the votes lie within it, by the network's own
word, and *observed* whether they did; the coverage error is (expected − observed) / observed. Above
0 the network is too sure of itself.

References
----------
Walmsley et al. 2020, MNRAS 491, 1554, section 4.2 and table 2.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from skysift.models import _calibration

FRACTIONS = np.round(np.arange(0.0, 0.51, 0.01), 2)
"""Errors of the vote fraction that are allowed, one after the other."""

LEVELS = np.round(np.arange(0.1, 0.96, 0.05), 2)
"""Chances that a highest-density set shall hold."""

ROUNDING = 1e-9


def by_votes(chances: np.ndarray, votes: np.ndarray, most: int) -> pd.DataFrame:
    """Allow errors of 0 to `most` votes about the expected number, rounded down.

    Parameters
    ----------
    chances : ndarray (n, max(N) + 1)
        Of each number of votes: `votes.posterior`.
    votes : ndarray (n,), int
        k of each galaxy.
    most : int

    Returns
    -------
    DataFrame
        A row an allowed error: ``allowed``, ``expected``, ``observed`` (shares of the galaxies) and
        ``error``, the coverage error, NaN where nothing was observed.
    """
    k = np.arange(chances.shape[1])
    middle = np.floor(chances @ k + ROUNDING)[:, None]
    return _table(
        np.arange(most + 1), chances, votes, lambda allowed: np.abs(k - middle) <= allowed
    )


def by_fraction(
    chances: np.ndarray, votes: np.ndarray, totals: np.ndarray, allowed: np.ndarray = FRACTIONS
) -> pd.DataFrame:
    """Allow errors of the vote fraction k/N about the expected one; otherwise as `by_votes`.

    Parameters
    ----------
    totals : ndarray (n,), int
        N of each galaxy, above 0.
    """
    fraction = np.arange(chances.shape[1]) / np.asarray(totals, float)[:, None]
    middle = (chances * fraction).sum(axis=1, keepdims=True)
    far = np.abs(fraction - middle)
    return _table(allowed, chances, votes, lambda epsilon: far <= epsilon + ROUNDING)


def by_level(chances: np.ndarray, votes: np.ndarray, levels: np.ndarray = LEVELS) -> pd.DataFrame:
    """Take the likeliest numbers of votes until they hold a level; otherwise as `by_votes`.

    Such a highest-density set may hold more than the level, for votes are whole: ``expected`` says
    how much.
    """
    order = np.argsort(-chances, axis=1, kind="stable")
    falling = np.take_along_axis(chances, order, axis=1)
    before = np.cumsum(falling, axis=1) - falling

    def inside(level: float) -> np.ndarray:
        taken = np.zeros(chances.shape, bool)
        np.put_along_axis(taken, order, before < level - ROUNDING, axis=1)
        return taken

    return _table(levels, chances, votes, inside)


def _table(
    allowed: np.ndarray,
    chances: np.ndarray,
    votes: np.ndarray,
    inside: Callable[[float], np.ndarray],
) -> pd.DataFrame:
    rows = np.arange(len(chances))
    expected, observed = [], []
    for one in allowed:
        taken = inside(one)
        expected.append(float((chances * taken).sum(axis=1).mean()))
        observed.append(float(taken[rows, np.asarray(votes, np.int64)].mean()))
    table = pd.DataFrame({"allowed": allowed, "expected": expected, "observed": observed})
    seen = table["observed"].where(table["observed"] > 0)
    return table.assign(error=(table["expected"] - seen) / seen)


def recalibrated(
    chances: np.ndarray,
    votes: np.ndarray,
    totals: np.ndarray,
    *,
    rng: np.random.Generator,
    share: float = 0.25,
    allowed: np.ndarray = FRACTIONS,
) -> pd.DataFrame:
    """Correct the expected coverage by logistic regression on some galaxies, for the others.

    As published: of each galaxy and each allowed error of the fraction, whether the votes lay
    within it is regressed on the logit of the told chance, over `share` of the galaxies; the others
    make the table.

    Returns
    -------
    DataFrame
        As from `by_fraction`.

    Raises
    ------
    ValueError
        If of the galaxies learned from all votes lay within every error, or none within any.
    """
    learned = rng.permutation(len(chances)) < max(2, round(share * len(chances)))
    fraction = np.arange(chances.shape[1]) / np.asarray(totals, float)[:, None]
    far = np.abs(fraction - (chances * fraction).sum(axis=1, keepdims=True))
    inside = far[:, None, :] <= allowed[:, None] + ROUNDING
    told = np.clip((inside * chances[:, None, :]).sum(axis=2), 0.0, 1.0)
    seen = np.take_along_axis(
        inside, np.asarray(votes, np.int64)[:, None, None], axis=2
    )[..., 0]  # fmt: skip
    facts = _calibration.fit("platt", seen[learned].ravel(), told[learned].ravel())
    corrected = _calibration.apply(facts, told[~learned])
    table = pd.DataFrame(
        {
            "allowed": allowed,
            "expected": corrected.mean(axis=0, dtype=np.float64),
            "observed": seen[~learned].mean(axis=0),
        }
    )
    there = table["observed"].where(table["observed"] > 0)
    return table.assign(error=(table["expected"] - there) / there)
