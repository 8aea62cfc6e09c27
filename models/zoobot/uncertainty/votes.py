"""How many people will give an answer: the chance of each number of votes.

A pass that tells fractions draws votes from a multinomial distribution; one that tells
concentrations from a Dirichlet-multinomial. What several passes say together is their mean: a
mixture, whose width holds both what people differ in and what the network does not know.

References
----------
Walmsley et al. 2020, MNRAS 491, 1554, eq. 6 and 7.
"""

from __future__ import annotations

import numpy as np
from scipy.special import gammaln, logsumexp, xlog1py, xlogy

from skysift.models.zoobot.uncertainty.passes import Passes

AT_ONCE = 512
"""Galaxies whose passes are turned into chances at a time."""


def chances(values: np.ndarray, concentrated: bool, answer: int, totals: np.ndarray) -> np.ndarray:
    """Return the chance of each number of votes for an answer, pass by pass.

    Parameters
    ----------
    values : ndarray (n, passes, answers)
        Of one question, as in `Passes`.
    concentrated : bool
        They are concentrations: beta-binomial; otherwise fractions: binomial.
    answer : int
        Its place.
    totals : ndarray (n,), int
        How many people answer the question, N.

    Returns
    -------
    ndarray (n, passes, max(N) + 1), float64
        Of k = 0, 1, …; 0 beyond N.
    """
    totals = np.asarray(totals, np.int64)
    k = np.arange(int(totals.max(initial=0)) + 1)
    n = totals[:, None, None]
    left = np.maximum(n - k, 0)
    ways = gammaln(n + 1.0) - gammaln(k + 1.0) - gammaln(left + 1.0)
    value = np.asarray(values, np.float64)
    this, whole = value[..., answer, None], value.sum(axis=-1)[..., None]
    if concentrated:
        other = np.maximum(whole - this, np.finfo(float).tiny)
        log_p = _rising(this, k) + _rising(other, left) - _rising(whole, n)
    else:
        rho = np.clip(this / whole, 0.0, 1.0)
        log_p = xlogy(k, rho) + xlog1py(left, -rho)
    return np.where(k <= n, np.exp(ways + log_p), 0.0)


def posterior(passes: Passes, column: str, totals: np.ndarray | int) -> np.ndarray:
    """Return the chance of each number of votes for an answer, all passes together.

    Parameters
    ----------
    passes : Passes
    column : str
        One of ``tree.columns``.
    totals : int or ndarray (n,) of int
        How many people answer the question, N.

    Returns
    -------
    ndarray (n, max(N) + 1), float64
        Each row sums to 1.
    """
    question, answer = place(passes, column)
    totals = np.broadcast_to(np.asarray(totals, np.int64), len(passes))
    values = passes.of(question)
    whole = np.zeros((len(passes), int(totals.max(initial=0)) + 1))
    for start in range(0, len(passes), AT_ONCE):
        rows = slice(start, start + AT_ONCE)
        part = chances(values[rows], passes.concentrated, answer, totals[rows]).mean(axis=1)
        whole[rows, : part.shape[1]] = part
    return whole


def log_likelihood(passes: Passes, votes: np.ndarray) -> np.ndarray:
    """Return ln P(votes of the question), all passes together.

    Parameters
    ----------
    passes : Passes
    votes : ndarray (n, answers)

    Returns
    -------
    ndarray (n, questions), float64
        With the coefficient of the votes; 0 where nobody was asked.
    """
    votes = np.asarray(votes, np.float64)
    columns = []
    for name, part in passes.tree.slices.items():
        by_pass = log_chance(passes.of(name), passes.concentrated, votes[:, None, part])
        columns.append(logsumexp(by_pass, axis=1) - np.log(by_pass.shape[1]))
    return np.stack(columns, axis=1)


def log_chance(values: np.ndarray, concentrated: bool, votes: np.ndarray) -> np.ndarray:
    """Return ln P(votes) of a question; arrays (…, answers) that broadcast, to (…)."""
    value, votes = np.asarray(values, np.float64), np.asarray(votes, np.float64)
    total = votes.sum(axis=-1)
    ways = gammaln(total + 1) - gammaln(votes + 1).sum(axis=-1)
    whole = value.sum(axis=-1)
    if concentrated:
        return ways + _rising(value, votes).sum(axis=-1) - _rising(whole, total)
    return ways + xlogy(votes, value / whole[..., None]).sum(axis=-1)


def place(passes: Passes, column: str) -> tuple[str, int]:
    """Return the question of a column, and the answer's place in it.

    Raises
    ------
    ValueError
        If the network does not tell it.
    """
    for question in passes.tree.questions:
        if column in question.columns:
            return question.name, question.columns.index(column)
    raise ValueError(f"the network tells no {column!r}; it tells: {', '.join(passes.tree.columns)}")


def _rising(a: np.ndarray, k: np.ndarray) -> np.ndarray:
    """Return ln Γ(a + k) − ln Γ(a)."""
    return gammaln(a + k) - gammaln(a)
