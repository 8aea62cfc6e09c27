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
from sklearn.cluster import KMeans

from skysift.active_learning.space import standardised


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
