"""Intervals by drawing objects again: alerts of one object are no independent witnesses."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import ArrayLike

LEVEL = 0.95
DRAWS = 1000
AT_ONCE = 64


class Bootstrap:
    """Draws of objects with replacement, the same ones for every quantity.

    Parameters
    ----------
    group : ndarray (n,)
        Object of each alert.
    draws : int
        How often all objects are drawn anew.
    seed : int

    Attributes
    ----------
    objects : int
    """

    def __init__(self, group: np.ndarray, *, draws: int = DRAWS, seed: int = 2) -> None:
        names, self._object = np.unique(group, return_inverse=True)
        self.objects = len(names)
        # How often one object is drawn is about Poisson(1): 255 is out of reach, or n < 256.
        self._times = np.empty((draws, self.objects), dtype=np.uint8)
        rng = np.random.default_rng(seed)
        for times in self._times:
            drawn = rng.integers(max(self.objects, 1), size=self.objects)
            times[:] = np.bincount(drawn, minlength=self.objects)

    def totals(self, columns: np.ndarray) -> np.ndarray:
        """Sum columns over the alerts of each draw.

        Parameters
        ----------
        columns : ndarray (n, k)

        Returns
        -------
        ndarray (draws, k), float64
        """
        by_object = np.stack(
            [np.bincount(self._object, column, self.objects) for column in columns.T], axis=1
        )
        return np.concatenate([times @ by_object for times in self._slices()])

    def each(self, statistic: Callable[[np.ndarray], ArrayLike]) -> np.ndarray:
        """Compute ``statistic(weight)`` for each draw; `weight` counts each alert's draws, (n,)."""
        return np.array([statistic(weight) for weight in self.weights()])

    def weights(self) -> Iterator[np.ndarray]:
        """Yield how often each alert was drawn, (n,) of uint8, draw by draw."""
        for times in self._times:
            yield times[self._object]

    def share(
        self, part: np.ndarray, whole: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Give part / whole of each column with its interval.

        Parameters
        ----------
        part, whole : ndarray (n, k), bool
            `part` only where `whole`.

        Returns
        -------
        value, low, high : ndarray (k,)
            All draws agree on a share of 0 or 1, however few there were; its open end is then the
            exact one for as many objects (Clopper & Pearson 1934). NaN where `whole` is nowhere.
        """
        with np.errstate(invalid="ignore", divide="ignore"):
            value = part.sum(axis=0) / whole.sum(axis=0)
            low, high = interval(self.totals(part) / self.totals(whole))
        objects = [len(np.unique(self._object[column])) for column in whole.T]
        least = ((1 - LEVEL) / 2) ** (1 / np.maximum(objects, 1))
        return value, np.where(value == 1, least, low), np.where(value == 0, 1 - least, high)

    def _slices(self) -> Iterator[np.ndarray]:
        for start in range(0, len(self._times), AT_ONCE):
            yield self._times[start : start + AT_ONCE].astype(np.float64)


def interval(values: np.ndarray, *, level: float = LEVEL) -> tuple[np.ndarray, np.ndarray]:
    """Return the central interval of draws, by percentiles (Efron 1979).

    Parameters
    ----------
    values : ndarray (draws, …)
        NaN where a draw does not define the quantity; such draws are left out.

    Returns
    -------
    low, high : ndarray (…)
        NaN where no draw defines it.
    """
    tails = ((1 - level) / 2, (1 + level) / 2)
    known = np.isfinite(values).any(axis=0)
    low, high = np.nanquantile(np.where(known, values, 0.0), tails, axis=0)
    return np.where(known, low, np.nan), np.where(known, high, np.nan)
