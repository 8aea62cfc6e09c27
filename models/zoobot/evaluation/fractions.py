"""Errors of vote fractions and likelihoods of votes, question by question and answer by answer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from skysift.models._bootstrap import Bootstrap, interval
from skysift.models.zoobot.evaluation.look import Looked
from skysift.models.zoobot.uncertainty.passes import Passes
from skysift.models.zoobot.uncertainty.votes import log_likelihood

BINS = 10
"""Of equal width in fraction, for the reliability curve."""

Estimate = dict[str, float]


def by_question(looked: Looked, least: int) -> dict[str, dict[str, Any]]:
    """Judge each question, on galaxies with `least` votes on it or more.

    Returns
    -------
    dict
        By question: ``galaxies``; and for ``mc`` and ``single`` the root mean square error of the
        vote fraction over galaxies and answers (``rmse``), with its interval, and its mean absolute
        (``mae``); ``rmse_truth``, of the true probability, where it is known; and
        ``log_likelihood`` of a galaxy's votes, with their coefficient, with its interval.
    """
    likelihoods = {kind: log_likelihood(told, looked.votes) for kind, told in looked.kinds.items()}
    report: dict[str, dict[str, Any]] = {}
    for number, question in enumerate(looked.told.tree.questions):
        enough = looked.totals[:, number] >= least
        report[question.name] = {"galaxies": int(enough.sum())}
        if not enough.any():
            continue
        part = looked.told.tree.slices[question.name]
        said = looked.votes[enough, part] / looked.totals[enough, number, None]
        draws = Bootstrap(looked.galaxies.ids[enough].astype(str))
        for kind, told in looked.kinds.items():
            error = told.mean[enough, part] - said
            square = (error**2).mean(axis=1)
            numbers: dict[str, Any] = {
                "rmse": _mean(np.sqrt, square, draws),
                "mae": float(np.abs(error).mean()),
                "log_likelihood": _mean(np.asarray, likelihoods[kind][enough, number], draws),
            }
            if looked.truth is not None:
                off = told.mean[enough, part] - looked.truth[enough, part]
                numbers["rmse_truth"] = _mean(np.sqrt, (off**2).mean(axis=1), draws)
            report[question.name][kind] = numbers
    return report


def by_answer(looked: Looked, least: int) -> pd.DataFrame:
    """Judge each answer, on galaxies with `least` votes on its question or more, all passes.

    Returns
    -------
    DataFrame
        ``column``, ``galaxies``, ``said`` and ``told`` (mean fractions), ``rmse``, ``mae``,
        ``bias`` (told − said).
    """
    rows, mean = [], looked.told.mean
    for number, question in enumerate(looked.told.tree.questions):
        enough = looked.totals[:, number] >= least
        part = looked.told.tree.slices[question.name]
        for place, column in zip(range(part.start, part.stop), question.columns, strict=True):
            said = looked.votes[enough, place] / looked.totals[enough, number]
            told = mean[enough, place]
            error = told - said
            rows.append(
                {
                    "column": column, "galaxies": int(enough.sum()), "said": _or_nan(said),
                    "told": _or_nan(told), "rmse": np.sqrt(_or_nan(error**2)),
                    "mae": _or_nan(np.abs(error)), "bias": _or_nan(error),
                }
            )  # fmt: skip
    return pd.DataFrame(rows)


def reliability(told: Passes, votes: np.ndarray) -> pd.DataFrame:
    """Compare fractions that are told with the votes on answers of which about that is told.

    Returns
    -------
    DataFrame
        A row a bin of `BINS`: ``low``, ``high``, ``votes`` on the questions, ``told`` and ``said``,
        fractions, each vote counting alike; NaN in an empty bin.
    """
    mean = told.mean
    weight = np.concatenate(
        [
            np.repeat(votes[:, part].sum(axis=1, keepdims=True), part.stop - part.start, axis=1)
            for part in told.tree.slices.values()
        ],
        axis=1,
    )
    place = np.minimum((mean * BINS).astype(int), BINS - 1).ravel()
    total = np.bincount(place, weight.ravel(), BINS)
    there = np.where(total > 0, total, np.nan)
    edges = np.linspace(0, 1, BINS + 1)
    return pd.DataFrame(
        {
            "low": edges[:-1], "high": edges[1:], "votes": total,
            "told": np.bincount(place, (weight * mean).ravel(), BINS) / there,
            "said": np.bincount(place, votes.ravel(), BINS) / there,
        }
    )  # fmt: skip


def _mean(of: Any, values: np.ndarray, draws: Bootstrap) -> Estimate:
    """Give a function of a mean over galaxies, with its interval."""
    columns = np.stack([values, np.ones_like(values)], axis=1)
    total, count = draws.totals(columns).T
    low, high = interval(of(total / count))
    return {"value": float(of(values.mean())), "low": float(low), "high": float(high)}


def _or_nan(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) else float("nan")
