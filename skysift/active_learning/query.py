"""A query: a strategy and a selector, found by their names."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import numpy as np

from skysift.active_learning import selection, strategies
from skysift.active_learning.signals import SIGNALS, Signals

Function = Callable[..., np.ndarray]

GIVEN = ("utility", "n", "rng")
"""Parameters that are neither signals nor settings."""


class QueryError(ValueError):
    """A query names what does not exist; the message lists what does."""


def available_strategies() -> dict[str, Function]:
    """Find every strategy, by name.

    Examples
    --------
    >>> sorted(available_strategies())
    ['bald', 'density', 'entropy', 'expected_error', 'least_confident', 'margin', \
'mean_divergence', 'predictive_entropy', 'random', 'tree_bald', 'variance', 'vote_entropy']
    """
    return public_functions(strategies)


def available_selectors() -> dict[str, Function]:
    """Find every selector, by name.

    Examples
    --------
    >>> sorted(available_selectors())
    ['batch_bald', 'k_means', 'per_object', 'stochastic_top', 'top']
    """
    return public_functions(selection)


def public_functions(module: ModuleType) -> dict[str, Function]:
    """Find the functions that a module defines and does not hide."""
    return {
        name: function
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__ and not name.startswith("_")
    }


@dataclass(frozen=True)
class Query:
    """Which rows to ask about next.

    A batch never holds two rows of one object: before the selector chooses, each object is
    represented by its most useful row.

    Parameters
    ----------
    strategy, selector : str
        By name.
    settings : mapping
        Of both together, by name.

    Raises
    ------
    QueryError
        If a name or a setting does not exist.

    Examples
    --------
    >>> Query("margin", "k_means", {"candidates": 30}).name
    'margin:k_means candidates=30'
    """

    strategy: str = "margin"
    selector: str = "top"
    settings: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse names that nothing goes by."""
        known = {
            **_settings(_found("strategy", self.strategy, available_strategies())),
            **_settings(_found("selector", self.selector, available_selectors())),
        }
        for name in self.settings:
            if name not in known:
                raise QueryError(f"{self.name} has no setting {name!r}{_hint(name, known)}")

    @classmethod
    def named(cls, name: str, **settings: Any) -> Query:
        """Make a query from ``strategy:selector``; without a selector it is ``top``.

        Raises
        ------
        QueryError
            If a name or a setting does not exist.
        """
        strategy, _, selector = name.partition(":")
        return cls(strategy, selector or "top", settings)

    @property
    def name(self) -> str:
        """``strategy:selector``, and the settings that were given."""
        given = [f"{key}={value}" for key, value in self.settings.items()]
        return " ".join([f"{self.strategy}:{self.selector}", *given])

    def choose(self, signals: Signals, n: int, *, rng: np.random.Generator) -> np.ndarray:
        """Choose a batch.

        Parameters
        ----------
        signals : Signals
            Of the rows to choose from.
        n : int
            How many rows.
        rng : Generator

        Returns
        -------
        ndarray (≤ n,), int64
            Places among the rows of `signals`, in the order in which to ask, each of another
            object; fewer only if there are fewer objects.

        Raises
        ------
        MissingSignalError
            If strategy or selector needs what pool or model do not have.
        """
        if not len(signals):
            return np.empty(0, dtype=np.int64)
        return self.select(self.utility(signals, rng=rng), signals, n, rng=rng)

    def utility(self, signals: Signals, *, rng: np.random.Generator) -> np.ndarray:
        """Tell how much each row is worth asking about, (n,) float; see `choose`."""
        return self._call(available_strategies()[self.strategy], signals, rng=rng)

    def select(
        self, utility: np.ndarray, signals: Signals, n: int, *, rng: np.random.Generator
    ) -> np.ndarray:
        """Choose a batch by the rows' utility, of which there is one at least; see `choose`."""
        objects = signals.get("objects", self.name)
        best = selection.per_object(utility, objects, n=len(utility), rng=rng)
        selector = available_selectors()[self.selector]
        return best[self._call(selector, signals, rows=best, utility=utility[best], n=n, rng=rng)]

    def _call(
        self,
        function: Function,
        signals: Signals,
        *,
        rows: np.ndarray | None = None,
        **given: Any,
    ) -> np.ndarray:
        """Call with the signals, settings and given values that a function names."""
        parameters = inspect.signature(function).parameters
        values = {name: value for name, value in given.items() if name in parameters}
        for name in parameters:
            if name in SIGNALS:
                signal = signals.get(name, function.__name__)
                axis = 1 if name == "committee" else 0
                values[name] = signal if rows is None else np.take(signal, rows, axis=axis)
        own = {name: self.settings[name] for name in _settings(function) if name in self.settings}
        return function(**values, **own)


def _settings(function: Function) -> dict[str, Any]:
    parameters = inspect.signature(function).parameters.values()
    return {
        p.name: p.default
        for p in parameters
        if p.kind is inspect.Parameter.KEYWORD_ONLY and p.name not in GIVEN
    }


def _found(kind: str, name: str, known: Mapping[str, Function]) -> Function:
    if name not in known:
        raise QueryError(f"no {kind} is called {name!r}{_hint(name, known)}")
    return known[name]


def _hint(word: str, known: Iterable[str]) -> str:
    known = sorted(known)
    close = difflib.get_close_matches(word, known, n=1)
    guess = f"; did you mean {close[0]!r}?" if close else ";"
    return f"{guess} There are: {', '.join(known) or 'none'}"
