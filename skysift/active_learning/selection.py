"""Selectors: which of the useful rows make the next batch.

Each public function here is a selector, known to the configuration by its name: a utility for each
row in, the chosen rows out, int64, at most `n` and fewer only if there are fewer; the order is
that in which to ask. Further positional parameters are signals, keyword-only ones are settings,
besides ``n`` and ``rng``.

Rows of equal utility are told apart by chance, never by the order of their arrival. Rows whose
utility is NaN come last.
"""

from __future__ import annotations

import numpy as np
from scipy.special import xlogy
from sklearn.cluster import KMeans

from skysift.active_learning.space import standardised

LEAST_TOLD = 1e-6
"""Information below which a committee has nothing left to be told [nat]: that is rounding."""


def top(utility: np.ndarray, *, n: int, rng: np.random.Generator) -> np.ndarray:
    """Take the rows of the greatest utility.

    Parameters
    ----------
    utility : ndarray (rows,), float
    n : int
    rng : Generator

    Raises
    ------
    ValueError
        If `n` is negative.

    Examples
    --------
    >>> top(np.array([0.1, np.nan, 0.7, 0.3]), n=2, rng=np.random.default_rng(0))
    array([2, 3])
    """
    return _falling(utility, rng)[: _checked(n)]


def per_object(
    utility: np.ndarray, objects: np.ndarray, *, n: int, rng: np.random.Generator
) -> np.ndarray:
    """Take the best row of each object, and of these the best.

    Parameters
    ----------
    utility : ndarray (rows,), float
    objects : ndarray (rows,)
        What each row is of.
    n : int
    rng : Generator

    Raises
    ------
    ValueError
        If `n` is negative.
    """
    best = _one_an_object(utility, objects, rng)
    return best[top(np.asarray(utility)[best], n=n, rng=rng)]


def k_means(
    utility: np.ndarray,
    space: np.ndarray,
    *,
    n: int,
    rng: np.random.Generator,
    candidates: int = 50,
) -> np.ndarray:
    """Take one row from each of `n` clusters among the best: useful, and unlike each other.

    In each cluster it is the row nearest to the centre. Where rows repeat, so that there are fewer
    clusters than asked for, the batch is filled with the best of the rest.

    Parameters
    ----------
    utility : ndarray (rows,), float
    space : ndarray (rows, d), float
        Where the rows lie; NaN stands at its column's median.
    n : int
    rng : Generator
    candidates : int
        The clusters are made of this many best rows (or of `n`, if that is more).

    Raises
    ------
    ValueError
        If `n` is negative.
    """
    best = top(utility, n=max(_checked(n), candidates), rng=rng)
    if len(best) <= n or n == 0:
        return best[:n]
    chosen = best[_nearest_to_centres(standardised(np.asarray(space)[best]), n, rng)]
    rest = best[~np.isin(best, chosen)]
    return np.concatenate([chosen, rest[: n - len(chosen)]])


def stochastic_top(
    utility: np.ndarray, *, n: int, rng: np.random.Generator, power: float = 1.0
) -> np.ndarray:
    """Draw rows, the useful ones more often: a batch that does not ask the same thing n times.

    Without replacement, with chances proportional to utility to the `power`. Rows of no utility
    (0 or less) come behind all others, NaN last.

    Parameters
    ----------
    utility : ndarray (rows,), float
    n : int
    rng : Generator
    power : float
        0 draws evenly among the useful, large ones are `top`.

    Raises
    ------
    ValueError
        If `n` or `power` is negative.

    Notes
    -----
    The greatest of logarithms with Gumbel noise, as Kirsch et al. 2023 (TMLR, arXiv 2106.12059)
    draw batches; their power is 1.
    """
    if power < 0:
        raise ValueError(f"power must be 0 or more. Got: {power}")
    values = np.asarray(utility, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        strength = np.where(
            values > 0, power * np.log(values), np.where(values <= 0, -np.inf, values)
        )
    noisy = strength + rng.gumbel(size=len(values))
    noisy[np.isposinf(values)] = np.inf
    return top(noisy, n=n, rng=rng)


def batch_bald(
    utility: np.ndarray,
    committee: np.ndarray,
    *,
    n: int,
    rng: np.random.Generator,
    candidates: int = 200,
    draws: int = 200,
) -> np.ndarray:
    """Take rows whose answers together tell most about the model (BatchBALD).

    One after the other: always the row that tells most once the answers of those before are known.
    A committee of m can be told apart by ln m nats, which few answers may hold; when nothing is
    left to learn about it, the most useful rows fill the batch.

    Parameters
    ----------
    utility : ndarray (rows,), float
    committee : ndarray (m, rows, k), float
        Each member's probabilities of the answers; what members say of different rows belongs
        together.
    n : int
    rng : Generator
    candidates : int
        Looked at are this many best rows (or `n`, if that is more).
    draws : int
        Ways in which the answers so far may have come out, drawn to average over.

    Raises
    ------
    ValueError
        If `n` is negative, or `candidates` or `draws` below 1.

    References
    ----------
    Kirsch, van Amersfoort & Gal 2019, arXiv 1906.08158. What their equations 9 to 12 estimate by
    importance is here the information about the member given what was drawn, which is the same.
    """
    if min(candidates, draws) < 1:
        raise ValueError(f"candidates and draws must be 1 or more. Got: {candidates}, {draws}")
    best = top(utility, n=max(_checked(n), candidates), rng=rng)
    members = np.asarray(committee, dtype=np.float64)[:, best]
    best, members = _whole_first(best, members)
    told = np.isfinite(members).all(axis=(0, 2))
    chosen = _told_most(members[:, told], min(n, int(told.sum())), draws, rng)
    rest = np.delete(np.arange(len(best)), chosen)
    return best[np.concatenate([chosen, rest])[:n].astype(np.int64)]


def _whole_first(best: np.ndarray, members: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Put rows of which some member says nothing (NaN) behind the others."""
    order = np.argsort(~np.isfinite(members).all(axis=(0, 2)), kind="stable")
    return best[order], members[:, order]


def _told_most(members: np.ndarray, n: int, draws: int, rng: np.random.Generator) -> np.ndarray:
    """Choose among rows of a committee (m, rows, k), greedily, until nothing more is told."""
    known = -xlogy(members, members).sum(axis=2).mean(axis=0)
    weight = np.full((1, len(members)), 1.0 / max(len(members), 1))  # of members, by draw
    chosen: list[int] = []
    while len(chosen) < n:
        joint = np.einsum("dm,mrk->drk", weight, members)
        told = -xlogy(joint, joint).sum(axis=2).mean(axis=0) - known
        told[chosen] = -np.inf
        row = int(told.argmax())
        if told[row] < LEAST_TOLD:
            break
        chosen.append(row)
        weight = _after(members[:, row], weight, draws, rng)
    return np.array(chosen, dtype=np.int64)


def _after(
    answers: np.ndarray, weight: np.ndarray, draws: int, rng: np.random.Generator
) -> np.ndarray:
    """Draw how a row (m, k) is answered, and weigh the members (draws, m) anew."""
    weight = np.broadcast_to(weight, (draws, len(answers)))
    below = (weight @ answers).cumsum(axis=1)
    drawn = (rng.random((draws, 1)) * below[:, -1:] >= below).sum(axis=1)
    after = weight * answers[:, np.minimum(drawn, answers.shape[1] - 1)].T
    return after / after.sum(axis=1, keepdims=True)


def _checked(n: int) -> int:
    if n < 0:
        raise ValueError(f"n must be 0 or more. Got: {n}")
    return n


def _one_an_object(
    utility: np.ndarray, objects: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Return the best row of each object, rising."""
    order = _falling(utility, rng)
    _, first = np.unique(np.asarray(objects)[order], return_index=True)
    return np.sort(order[first])


def _falling(utility: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Order rows by falling utility, ties by chance, NaN last."""
    shuffled = rng.permutation(len(utility))
    less = -np.asarray(utility, dtype=np.float64)[shuffled]
    return shuffled[np.argsort(less, kind="stable")].astype(np.int64)


def _nearest_to_centres(points: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    """Return the places of the rows nearest to the centres of `n` clusters, rising."""
    clusters = min(n, len(np.unique(points, axis=0)))
    seed = int(rng.integers(2**31))
    model = KMeans(n_clusters=clusters, n_init=4, random_state=seed)
    distance = model.fit_transform(points)
    own = np.where(model.labels_[:, None] == np.arange(clusters), distance, np.inf)
    return np.unique(own.argmin(axis=0))
