"""Replay a model's learning on rows whose answers are known, and write down how queries did.

Each target has its own labels, as in the published comparison of the VRA. Everything is written as
soon as it is known: a replay that is interrupted leaves what it has.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from skysift import __version__
from skysift.active_learning.learner import Fit, Model
from skysift.active_learning.pool import Pool
from skysift.active_learning.query import Query
from skysift.active_learning.replay import replay, summarise

BASELINE = "random:top"
"""What other queries are compared with, where it is replayed."""

KEYS = ["query", "seed", "round", "labels"]
ROUNDS, ASKED, SUMMARY, RECALL, CURVES, RESULT = (
    "rounds.csv", "asked.csv", "summary.csv", "recall.csv", "curves.png", "replay.json",
)  # fmt: skip


@dataclass(frozen=True)
class Task:
    """One thing that is learned.

    Attributes
    ----------
    truth : ndarray (n,), object
        Answer of each row; None where it says nothing of this.
    fit : callable
        As active learning wants it.
    """

    truth: np.ndarray
    fit: Fit


@dataclass(frozen=True)
class Contest:
    """What queries are compared on.

    Attributes
    ----------
    pool : Pool
    tasks : mapping of str to Task
        Each with labels of its own.
    shown : ndarray (m, …)
        Features of what is judged on; of objects that the pool does not have.
    judge : callable
        ``judge({task: probability (m,)}) -> {metric: number}``.
    titles : mapping of str to str
        Metrics, and their titles in the figure.
    recall : callable, optional
        The same → ndarray (k,): share of the wanted ones among the first 0 … all, in even steps.
    levels : mapping of str to float
        Of a metric, what needs no learning.
    """

    pool: Pool
    tasks: Mapping[str, Task]
    shown: np.ndarray
    judge: Callable[[Mapping[str, np.ndarray]], Mapping[str, float]]
    titles: Mapping[str, str]
    recall: Callable[[Mapping[str, np.ndarray]], np.ndarray] | None = None
    levels: Mapping[str, float] = field(default_factory=dict)


@dataclass
class Played:
    """One query with one seed.

    Attributes
    ----------
    rounds : DataFrame
        A row a round: `KEYS` and the metrics.
    asked : DataFrame
        A row a label: task, query, seed, round, item, object, answer.
    recall : DataFrame
        A row a round and step: query, seed, labels, looked_at, recall.
    """

    rounds: pd.DataFrame
    asked: pd.DataFrame
    recall: pd.DataFrame


def play(
    contest: Contest,
    query: Query,
    seed: int,
    *,
    initial: int = 30,
    batch: int = 10,
    labels: int = 70,
) -> Played:
    """Replay one query with one seed."""
    sizes: dict[str, Any] = {"initial": initial, "batch": batch, "labels": labels}
    learned = [_learn(contest, name, query, seed, sizes) for name in contest.tasks]
    merged = reduce(lambda one, other: one.merge(other, on=KEYS), [rounds for rounds, _ in learned])
    said = [{name: row[name] for name in contest.tasks} for row in merged.to_dict("records")]
    figures = pd.DataFrame([contest.judge(p) for p in said])
    asked = pd.concat([part for _, parts in learned for part in parts], ignore_index=True)
    rounds = pd.concat([merged[KEYS], figures], axis=1)
    return Played(rounds, asked, _recall(contest, merged, said))


def _learn(
    contest: Contest, name: str, query: Query, seed: int, sizes: Mapping[str, Any]
) -> tuple[pd.DataFrame, list[pd.DataFrame]]:
    """Replay one task; the column of its name holds the probabilities of what is judged."""
    pool, task = contest.pool, contest.tasks[name]
    asked: list[pd.DataFrame] = []

    def note(facts: Mapping[str, Any], rows: np.ndarray) -> None:
        about = {"item": pool.items[rows], "object": pool.objects[rows]}
        asked.append(pd.DataFrame({"task": name, **facts, **about, "answer": task.truth[rows]}))

    def evaluate(model: Model) -> dict[str, Any]:
        return {name: model.predict(contest.shown)[:, 1]}

    rounds = replay(
        pool, task.truth, [query], fit=task.fit, evaluate=evaluate, seeds=[seed], chosen=note,
        **sizes,
    )  # fmt: skip
    return rounds, asked


def _recall(
    contest: Contest, rounds: pd.DataFrame, said: list[dict[str, np.ndarray]]
) -> pd.DataFrame:
    if contest.recall is None:
        return pd.DataFrame()
    curves = [contest.recall(p) for p in said]
    return pd.concat(
        [
            pd.DataFrame(
                {
                    **{key: row[key] for key in ("query", "seed", "labels")},
                    "looked_at": np.linspace(0, 1, len(curve)),
                    "recall": curve,
                }
            )
            for row, curve in zip(rounds.to_dict("records"), curves, strict=True)
        ]
    )


def run_replay(
    contest: Contest,
    queries: Sequence[Query],
    seeds: Iterable[int],
    output: Path,
    *,
    initial: int = 30,
    batch: int = 10,
    labels: int = 70,
    progress: Callable[[], object] = lambda: None,
) -> dict[str, Any]:
    """Replay all queries with all seeds, and write logs, tables and a figure.

    Parameters
    ----------
    contest : Contest
    queries : sequence of Query
        The first is the one that the result is told of.
    seeds : iterable of int
    output : Path
        Folder, made if absent. ``rounds.csv`` (a row a query, seed and round), ``asked.csv`` (a row
        a label), ``summary.csv`` (mean, sd, and difference from random sampling with its standard
        error), ``recall.csv``, ``curves.png`` and ``replay.json``.
    initial, batch, labels : int
        As `replay` has them.
    progress : callable
        Called after each query and seed.

    Returns
    -------
    dict
        See `result`.
    """
    output.mkdir(parents=True, exist_ok=True)
    for name in (ROUNDS, ASKED, RECALL):
        (output / name).unlink(missing_ok=True)
    rounds, recall = pd.DataFrame(), pd.DataFrame()
    for seed in seeds:
        for query in queries:
            played = play(contest, query, seed, initial=initial, batch=batch, labels=labels)
            _append(played.rounds, output / ROUNDS)
            _append(played.asked, output / ASKED)
            rounds = pd.concat([rounds, played.rounds], ignore_index=True)
            recall = pd.concat([recall, played.recall], ignore_index=True)
            progress()
        _summarise(contest, rounds, recall, output)
    told = result(rounds, contest.titles)
    told |= {"initial": initial, "batch": batch, "skysift": __version__}
    (output / RESULT).write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    return told


def result(rounds: pd.DataFrame, metrics: Iterable[str]) -> dict[str, Any]:
    """Put a replay into what JSON can hold.

    Returns
    -------
    dict
        ``strategy`` (the query replayed first), ``labels`` (its final number), ``seeds``; each
        metric there, as the mean over the seeds; ``sd``, their standard deviations (ddof 1, null
        with one seed); ``curves``: by query, ``labels`` and each metric's ``mean`` and ``sd`` at
        each; ``gain``: of each other query against random sampling, the mean over the seeds of the
        difference at the final number, and its standard error ``sem``.
    """
    queries = list(dict.fromkeys(rounds["query"]))
    summary = summarise(rounds, baseline=BASELINE if BASELINE in queries else None)
    curves = {name: _curve(summary[summary["query"] == name], metrics) for name in queries}
    first = curves[queries[0]]
    final = {name: first[name] for name in metrics}
    last = summary[summary["labels"] == max(first["labels"])]
    return {
        "strategy": queries[0],
        "labels": first["labels"][-1],
        "seeds": int(rounds["seed"].nunique()),
        **{name: values["mean"][-1] for name, values in final.items()},
        "sd": {name: values["sd"][-1] for name, values in final.items()},
        "curves": curves,
        "gain": {} if "sem" not in last else _gain(last, metrics),
    }


def _curve(of_query: pd.DataFrame, metrics: Iterable[str]) -> dict[str, Any]:
    by_metric = {name: part.sort_values("labels") for name, part in of_query.groupby("metric")}
    some = next(iter(by_metric.values()))
    return {
        "labels": [int(n) for n in some["labels"]],
        **{
            name: {what: _numbers(by_metric[name][what]) for what in ("mean", "sd")}
            for name in metrics
        },
    }


def _gain(last: pd.DataFrame, metrics: Iterable[str]) -> dict[str, Any]:
    others = last[(last["query"] != BASELINE) & last["metric"].isin(list(metrics))]
    return {
        name: {
            row["metric"]: {"mean": _number(row["difference"]), "sem": _number(row["sem"])}
            for row in of_query.to_dict("records")
        }
        for name, of_query in others.groupby("query")
    }


def _summarise(contest: Contest, rounds: pd.DataFrame, recall: pd.DataFrame, output: Path) -> None:
    from skysift.campaigns.curves import draw_curves  # matplotlib: only where it is drawn

    baseline = BASELINE if BASELINE in set(rounds["query"]) else None
    summarise(rounds, baseline=baseline).to_csv(output / SUMMARY, index=False)
    draw_curves(rounds, contest.titles, contest.levels).savefig(output / CURVES)
    if len(recall):
        steps = recall.groupby(["query", "labels", "looked_at"])["recall"]
        steps.agg(["mean", "std"]).reset_index().to_csv(output / RECALL, index=False)


def _append(rows: pd.DataFrame, path: Path) -> None:
    rows.to_csv(path, mode="a", header=not path.exists(), index=False)


def _numbers(values: pd.Series) -> list[float | None]:
    return [_number(value) for value in values]


def _number(value: float) -> float | None:
    return None if pd.isna(value) else round(float(value), 6)
