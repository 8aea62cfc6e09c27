"""Replay: how queries would have done, on rows whose answers are all known.

Queries are compared with paired seeds: with one seed all of them begin with the same rows and fit
with the same random numbers, so that their difference is far better known than either.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from skysift.active_learning._chance import CHOOSING, FITTING, generator
from skysift.active_learning.learner import Fit, Model
from skysift.active_learning.pool import Pool
from skysift.active_learning.query import Query
from skysift.active_learning.signals import Signals


def replay(
    pool: Pool,
    truth: np.ndarray,
    queries: Sequence[Query],
    *,
    fit: Fit,
    evaluate: Callable[[Model], Mapping[str, float]],
    first: Query | None = None,
    initial: int = 30,
    batch: int = 10,
    labels: int = 70,
    seeds: Iterable[int] = range(10),
    ask_again: bool = False,
    chosen: Callable[[Mapping[str, Any], np.ndarray], object] = lambda facts, rows: None,
) -> pd.DataFrame:
    """Run each query with each seed, and judge the model after each round.

    Parameters
    ----------
    pool : Pool
    truth : ndarray (n,), object
        Answer of each row; a row whose answer is None or NaN is never asked about.
    queries : sequence of Query
    fit : callable
        ``fit(features, answers, rng, groups=objects) -> Model``.
    evaluate : callable
        ``evaluate(model) -> {metric: number}``, on objects that are not in the pool.
    first : Query, optional
        Chooses the first rows; by default at random.
    initial, batch, labels : int
        Labels of the first round, of each other one, and in the end. Fewer if there are no more.
    seeds : iterable of int
    ask_again : bool
        Objects may be asked about again in later rounds, by other rows.
    chosen : callable
        Told each round's ``query``, ``seed`` and ``round``, and the rows that it asked about.

    Returns
    -------
    DataFrame
        One row for each query, seed and round: ``query``, ``seed``, ``round``, ``labels``, and the
        metrics.

    Raises
    ------
    ValueError
        If `truth` has another length than the pool, or a number is out of range.

    References
    ----------
    Kottke et al. 2017, "Challenges of reliable, realistic and comparable active learning
    evaluation": paired runs, and curves instead of a single number.
    """
    if len(truth) != len(pool):
        raise ValueError(f"truth must have {len(pool)} rows, as the pool. Got: {len(truth)}")
    if min(initial, batch) < 1 or labels < initial:
        raise ValueError(
            "initial and batch must be at least 1, and labels at least initial. "
            f"Got: {initial}, {batch}, {labels}"
        )
    sizes = [initial, *(min(batch, labels - done) for done in range(initial, labels, batch))]
    begin = first or Query("random")
    records = []
    for seed in seeds:
        for query in queries:
            run = _Run(pool, truth, fit, seed, ask_again)
            for number, size in enumerate(sizes):
                done = len(run.rows)
                if not run.round(query if number else begin, size):
                    break
                facts = {"query": query.name, "seed": seed, "round": number}
                chosen(facts, run.rows[done:])
                records.append({**facts, "labels": len(run.rows), **evaluate(run.learned())})
    return pd.DataFrame(records)


def summarise(replayed: pd.DataFrame, *, baseline: str | None = None) -> pd.DataFrame:
    """Average a replay over its seeds.

    Parameters
    ----------
    replayed : DataFrame
        As `replay` returns it.
    baseline : str, optional
        Name of the query that the others are compared with.

    Returns
    -------
    DataFrame
        One row for each query, number of labels and metric: ``mean``, ``sd`` (ddof 1), ``seeds``;
        with a baseline also ``difference`` (mean over the seeds of query minus baseline) and its
        standard error ``sem``.

    Raises
    ------
    ValueError
        If the baseline was not replayed.
    """
    keys = ["query", "labels", "metric"]
    long = replayed.drop(columns="round").melt(["query", "seed", "labels"], var_name="metric")
    summary = long.groupby(keys)["value"].agg(mean="mean", sd="std", seeds="count")
    if baseline is None:
        return summary.reset_index()
    if baseline not in set(replayed["query"]):
        raise ValueError(f"baseline must be one of the queries replayed. Got: {baseline!r}")
    pair = ["seed", "labels", "metric"]
    other = long[long["query"] == baseline].drop(columns="query")
    both = long.merge(other, on=pair, suffixes=("", "_baseline"))
    both["by"] = both["value"] - both["value_baseline"]
    gain = both.groupby(keys)["by"].agg(difference="mean", sem="sem")
    return summary.join(gain).reset_index()


class _Run:
    """One query with one seed."""

    def __init__(self, pool: Pool, truth: np.ndarray, fit: Fit, seed: int, ask_again: bool) -> None:
        self.rows = np.empty(0, dtype=np.int64)
        self._pool = pool
        self._truth = np.asarray(truth, dtype=object)
        self._fit = fit
        self._seed = seed
        self._ask_again = ask_again
        self._number = 0
        self._model: Model | None = None

    def round(self, query: Query, size: int) -> bool:
        """Choose, and learn; return False if nothing is left."""
        rng = self._rng(CHOOSING)
        rows = self._left()
        signals = Signals(self._pool, rows, rng=rng, model=self._model, refit=self._refit)
        chosen = rows[query.choose(signals, size, rng=rng)]
        if not len(chosen):
            return False
        self.rows = np.concatenate([self.rows, chosen])
        self._model = self._learn(self.rows, self._truth[self.rows])
        self._number += 1
        return True

    def learned(self) -> Model:
        """Return the last model."""
        assert self._model is not None
        return self._model

    def _left(self) -> np.ndarray:
        left = np.array([_is_known(answer) for answer in self._truth], dtype=bool)
        left[self.rows] = False
        if not self._ask_again:
            asked = set(self._pool.objects[self.rows])
            left &= [name not in asked for name in self._pool.objects]
        return np.flatnonzero(left)

    def _refit(self, row: int, answer: str) -> Model:
        answers: list[Any] = [*self._truth[self.rows], answer]
        return self._learn(np.append(self.rows, row), np.array(answers, dtype=object))

    def _learn(self, rows: np.ndarray, answers: np.ndarray) -> Model:
        groups = self._pool.objects[rows]
        return self._fit(self._pool.features[rows], answers, self._rng(FITTING), groups=groups)

    def _rng(self, purpose: int) -> np.random.Generator:
        return generator(self._seed, self._number, purpose)


def _is_known(answer: Any) -> bool:
    return answer is not None and answer == answer  # NaN is not itself
