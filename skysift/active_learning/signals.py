"""Signals: what strategies and selectors may ask about the rows of a pool, by name."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from skysift.active_learning import strategies
from skysift.active_learning.learner import Committee, Doubt, Doubtful, Model
from skysift.active_learning.pool import Pool

OF_DOUBT = ("predictive", "expected", "spread", "reached")
"""Signals by question, see `skysift.active_learning.learner.Doubt`."""

SIGNALS = ("items", "objects", "space", "probability", "committee", "lookahead", *OF_DOUBT)

LOOKAHEAD_ROWS = 20
"""Rows whose learning is tried out, those of the smallest margin: each costs a fit a class."""

REFERENCE_ROWS = 100
"""Rows on which a model that was tried out is judged."""

Refit = Callable[[int, str], Model]
"""Row of the pool, answer → the model that has learned this too."""


class MissingSignalError(LookupError):
    """A strategy or selector needs what is not there; the message says what and why."""


class Signals:
    """Signals of some rows of a pool, each computed when first asked for.

    Parameters
    ----------
    pool : Pool
    rows : ndarray (n,), int64
        The rows in question.
    rng : Generator
        Draws the reference rows of ``lookahead``.
    model : Model, optional
        None in the first round.
    refit : callable, optional
        ``refit(row, answer) -> Model``, for ``lookahead``.
    """

    def __init__(
        self,
        pool: Pool,
        rows: np.ndarray,
        *,
        rng: np.random.Generator,
        model: Model | None = None,
        refit: Refit | None = None,
    ) -> None:
        self._pool = pool
        self._rows = rows
        self._rng = rng
        self._model = model
        self._refit = refit
        self._known: dict[str, np.ndarray] = {}
        self._doubt: Doubt | None = None

    def __len__(self) -> int:
        """Count the rows."""
        return len(self._rows)

    def get(self, name: str, needed_by: str) -> np.ndarray:
        """Return a signal.

        Parameters
        ----------
        name : str
            One of `SIGNALS`.
        needed_by : str
            Who asks, for the message.

        Returns
        -------
        ndarray
            ``items``, ``objects`` object (n,); ``space`` float (n, d); ``probability`` (n, k);
            ``committee`` (m, n, k); ``lookahead`` (n, k, r, k), NaN for rows not tried out;
            those of `OF_DOUBT` (n, questions).

        Raises
        ------
        MissingSignalError
            If pool or model do not have it.
        """
        if name not in self._known:
            try:
                self._known[name] = self._computed(name)
            except MissingSignalError as reason:
                raise MissingSignalError(f"{needed_by} needs {name!r}: {reason}") from None
        return self._known[name]

    def _computed(self, name: str) -> np.ndarray:
        if name in OF_DOUBT:
            return getattr(self._doubts(), name)
        return getattr(self, f"_{name}")()

    def _doubts(self) -> Doubt:
        if self._doubt is None:
            model = self._learned()
            if not isinstance(model, Doubtful):
                raise MissingSignalError("the model has no method `doubt`")
            self._doubt = model.doubt(self._pool.features[self._rows])
        return self._doubt

    def _items(self) -> np.ndarray:
        return self._pool.items[self._rows]

    def _objects(self) -> np.ndarray:
        return self._pool.objects[self._rows]

    def _space(self) -> np.ndarray:
        if self._pool.space is None:
            raise MissingSignalError("the pool's features are no table; give the pool a space")
        return self._pool.space[self._rows]

    def _probability(self) -> np.ndarray:
        return self._learned().predict(self._pool.features[self._rows])

    def _committee(self) -> np.ndarray:
        model = self._learned()
        if not isinstance(model, Committee):
            raise MissingSignalError("the model has no method `committee`")
        return model.committee(self._pool.features[self._rows])

    def _lookahead(self) -> np.ndarray:
        classes = self._learned().classes
        refit = self._refit
        if refit is None:
            raise MissingSignalError("models cannot be tried out here; give `refit`")
        reference = self._pool.features[self._reference()]
        tried = np.full((len(self), len(classes), len(reference), len(classes)), np.nan)
        for i in self._worth_trying():
            for j, answer in enumerate(classes):
                tried[i, j] = refit(int(self._rows[i]), answer).predict(reference)
        return tried

    def _reference(self) -> np.ndarray:
        return self._rows[self._rng.permutation(len(self))[:REFERENCE_ROWS]]

    def _worth_trying(self) -> np.ndarray:
        margin = strategies.margin(self.get("probability", "lookahead"))
        return np.argsort(-margin, kind="stable")[:LOOKAHEAD_ROWS]

    def _learned(self) -> Model:
        if self._model is None:
            raise MissingSignalError("nothing is learned before the first round")
        return self._model
