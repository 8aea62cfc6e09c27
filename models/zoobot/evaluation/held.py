"""Whether posteriors hold: coverage by votes, by fraction and by level, of every answer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from skysift.models.zoobot.evaluation.look import Looked
from skysift.models.zoobot.uncertainty import coverage
from skysift.models.zoobot.uncertainty.passes import Passes
from skysift.models.zoobot.uncertainty.votes import place, posterior

HEADLINE = 0.2
"""Allowed error of the vote fraction whose coverage error is told first, as published."""

MOST_VOTES = 20
"""Largest allowed error in votes."""

SHOWN = {"fraction": (0.02, 0.05, 0.1, HEADLINE), "votes": (0, 2, 5, 10)}
"""Allowed errors of the published table."""


def tables(looked: Looked, least: int) -> pd.DataFrame:
    """Make the coverage tables of all answers.

    Parameters
    ----------
    looked : Looked
    least : int
        Votes on a question that a galaxy must have.

    Returns
    -------
    DataFrame
        ``column``; ``kind``: ``mc``, ``single``, or ``narrow``, all passes before they were
        widened; ``measure``: ``votes``, ``fraction`` or ``level``; and what `coverage.by_votes`
        tells.
    """
    found = []
    for number, question in enumerate(looked.told.tree.questions):
        enough = looked.totals[:, number] >= least
        for column in question.columns if enough.any() else ():
            for kind, told in {**looked.kinds, "narrow": looked.narrow}.items():
                for measure, table in _of(told.where(enough), looked, enough, column).items():
                    found.append(table.assign(column=column, kind=kind, measure=measure))
    columns = ["column", "kind", "measure", "allowed", "expected", "observed", "error"]
    return pd.concat(found, ignore_index=True)[columns] if found else pd.DataFrame(columns=columns)


def _of(told: Passes, looked: Looked, enough: np.ndarray, column: str) -> dict[str, pd.DataFrame]:
    question, _ = place(told, column)
    number = list(told.tree.slices).index(question)
    totals = looked.totals[enough, number].astype(int)
    votes = looked.votes[enough, told.tree.columns.index(column)].astype(int)
    chances = posterior(told, column, totals)
    return {
        "votes": coverage.by_votes(chances, votes, MOST_VOTES),
        "fraction": coverage.by_fraction(chances, votes, totals),
        "level": coverage.by_level(chances, votes),
    }


def shown(table: pd.DataFrame, column: str) -> dict[str, Any]:
    """Return the coverage errors of one answer that the published table has, by kind.

    Returns
    -------
    dict
        By kind, then ``fraction`` and ``votes``, then the allowed error.
    """
    mine = table[table["column"] == column]
    return {
        kind: {
            measure: {
                f"{allowed:g}": float(_at(rows, measure, allowed)) for allowed in SHOWN[measure]
            }
            for measure in SHOWN
        }
        for kind, rows in mine.groupby("kind")
    }


def _at(rows: pd.DataFrame, measure: str, allowed: float) -> float:
    here = rows[(rows["measure"] == measure) & np.isclose(rows["allowed"].astype(float), allowed)]
    return here["error"].iloc[0]
