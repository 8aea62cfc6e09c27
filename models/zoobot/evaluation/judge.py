"""The whole evaluation of a network on one part of a set: numbers, tables, figures."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from skysift.models._json import plain, write_json
from skysift.models.zoobot.evaluation import fractions, held
from skysift.models.zoobot.evaluation.agreement import agreement
from skysift.models.zoobot.evaluation.figure import write_figure
from skysift.models.zoobot.evaluation.galaxies_seen import write_galaxies
from skysift.models.zoobot.evaluation.look import Looked, look
from skysift.models.zoobot.scorer import PASSES, Ensemble, Scorer
from skysift.models.zoobot.training_set import GalaxySet
from skysift.models.zoobot.uncertainty.coverage import recalibrated
from skysift.models.zoobot.uncertainty.votes import posterior

SCHEMA = 1
"""Of ``report.json``; goes up when a name in it changes its meaning or goes away."""

LEAST = 10
"""Votes on a question that a galaxy must have to be judged by it, by default."""

SEED = 2

REPORT, ANSWERS, COVERAGE, RELIABILITY, GALAXIES = (
    "report.json", "answers.csv", "coverage.csv", "reliability.csv", "galaxies.parquet"
)  # fmt: skip


def judge(
    galaxies: GalaxySet,
    scorer: Scorer | Ensemble,
    output: str | os.PathLike[str],
    *,
    about: Mapping[str, Any],
    passes: int = PASSES,
    views: int = 1,
    least: int = LEAST,
    progress: Callable[[int], None] | None = None,
) -> dict[str, Any]:
    """Look at galaxies and write how well their votes were told.

    Parameters
    ----------
    galaxies : GalaxySet
    scorer : Scorer or Ensemble
    output : path-like
        Folder; gets ``report.json``, ``answers.csv``, ``coverage.csv``, ``reliability.csv``,
        ``galaxies.parquet`` and, as ``.png`` and ``.pdf``, ``evaluation`` and ``galaxies``.
    about : mapping
        What was judged on what, as JSON can hold it; it goes into the report as it is.
    passes, views : int
        See `Scorer.passes`.
    least : int
        Votes on a question that a galaxy must have to be judged by it.
    progress : callable, optional
        Called with the number of galaxies that are done.

    Returns
    -------
    dict
        What ``report.json`` holds; None where a number is not defined.

    Raises
    ------
    ValueError
        If no galaxy has enough votes, or the images are not those that the network takes.
    """
    enough = scorer.labels.enough(galaxies.galaxies, least)
    if not enough.any():
        raise ValueError(f"none of the {len(galaxies)} galaxies has {least} votes on a question")
    looked = look(galaxies.where(enough), scorer, passes=passes, views=views, progress=progress)
    first = looked.told.tree.columns[0]
    coverage = held.tables(looked, least)
    reliability = fractions.reliability(looked.told, looked.votes)
    report = plain(
        {
            "schema": SCHEMA,
            "model": "zoobot",
            **about,
            "galaxies": int(enough.sum()),
            "left_out": int((~enough).sum()),
            "least_votes": least,
            "passes": looked.told.values.shape[1],
            "views": looked.told.views,
            "questions": fractions.by_question(looked, least),
            "agreement": agreement(looked),
            "scatter": {name: float(np.mean(of)) for name, of in looked.told.scatter.items()},
            "headline": {
                "column": first,
                "coverage_error": held.shown(coverage, first),
                "recalibrated_as_published": _as_published(looked, least),
            },
            "reliability": reliability.to_dict("records"),
        }
    )
    output = Path(output)
    output.mkdir(parents=True, exist_ok=True)
    write_json(output / REPORT, report)
    fractions.by_answer(looked, least).to_csv(output / ANSWERS, index=False)
    coverage.to_csv(output / COVERAGE, index=False)
    reliability.to_csv(output / RELIABILITY, index=False)
    _table(looked).to_parquet(output / GALAXIES, index=False)
    write_figure(report, coverage, looked, output)
    write_galaxies(looked, first, least, output)
    return report


def _as_published(looked: Looked, least: int) -> float:
    """Coverage error at `held.HEADLINE` of the first answer, corrected by logistic regression."""
    enough = looked.totals[:, 0] >= least
    if not enough.any():
        return float("nan")
    totals, votes = (array[enough, 0].astype(int) for array in (looked.totals, looked.votes))
    narrow = looked.narrow.where(enough)
    chances = posterior(narrow, narrow.tree.columns[0], totals)
    try:
        table = recalibrated(chances, votes, totals, rng=np.random.default_rng(SEED))
    except ValueError:  # a handful of galaxies teaches no regression
        return float("nan")
    return float(table["error"][np.isclose(table["allowed"], held.HEADLINE)].iloc[0])


def _table(looked: Looked) -> pd.DataFrame:
    """A row a galaxy: votes, told fractions and their scatter."""
    told, scatter = looked.told.mean, looked.told.fractions.std(axis=1)
    columns: dict[str, Any] = {"id_str": looked.galaxies.ids}
    for place, column in enumerate(looked.told.tree.columns):
        columns[f"{column}_votes"] = looked.votes[:, place].astype(int)
        columns[f"{column}_told"] = told[:, place].astype(np.float32)
        columns[f"{column}_scatter"] = scatter[:, place].astype(np.float32)
    return pd.DataFrame(columns)
