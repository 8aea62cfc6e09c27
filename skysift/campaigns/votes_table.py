"""Votes on a decision tree, in tables: a row a galaxy, a column ``<question>_<answer>`` each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from skysift.active_learning.questions import AnswerError, Votes

IDS = ("id_str", "objectId")
"""What the column of names may be called."""

VotesAnswer = dict[str, dict[str, int]]


def columns_of(form: Votes) -> list[str]:
    """Name the columns of a form's votes, question by question."""
    return [f"{question}_{answer}" for question, answers in form.tree.items() for answer in answers]


def votes_of(table: pd.DataFrame, form: Votes) -> dict[str, VotesAnswer]:
    """Make answers of a table of votes.

    Parameters
    ----------
    table : DataFrame
        One of `IDS`, and the columns of the form; null where nothing is known.
    form : Votes

    Returns
    -------
    dict
        Name → answer. Galaxies on which nobody voted are not in it.

    Raises
    ------
    ValueError
        If a column is missing, a galaxy is there twice, or its votes do not fit the tree: it names
        the galaxy.
    """
    named = [name for name in IDS if name in table]
    lacking = [name for name in columns_of(form) if name not in table]
    if not named or lacking:
        wanted = ", ".join(lacking[:3]) if lacking else " or ".join(IDS)
        raise ValueError(f"the table of votes has no column {wanted}")
    names = table[named[0]].astype(str)
    if names.duplicated().any():
        raise ValueError(f"the table of votes has {names[names.duplicated()].iloc[0]} twice")
    counts = table[columns_of(form)].fillna(0).to_numpy(np.float64)
    broken = (counts != np.round(counts)).any(axis=1)
    if broken.any():
        raise ValueError(f"votes must be whole numbers. Got others of {names[broken].iloc[0]}")
    found = {}
    for name, row in zip(names, counts, strict=True):
        answer = _answer(row, form)
        if answer:
            found[name] = _checked(name, answer, form)
    return found


def matrix_of(answers: Iterable[VotesAnswer], form: Votes) -> np.ndarray:
    """Count the votes of answers, float32 (n, columns), in the order of `columns_of`."""
    pairs = [(question, answer) for question, known in form.tree.items() for answer in known]
    rows = [[given.get(q, {}).get(a, 0) for q, a in pairs] for given in answers]
    return np.array(rows, dtype=np.float32).reshape(len(rows), len(pairs))


def _answer(row: np.ndarray, form: Votes) -> VotesAnswer:
    left = iter(row.tolist())
    counts = {q: {a: int(next(left)) for a in answers} for q, answers in form.tree.items()}
    given = {q: {a: n for a, n in of_q.items() if n} for q, of_q in counts.items()}
    return {question: votes for question, votes in given.items() if votes}


def _checked(name: str, answer: Any, form: Votes) -> VotesAnswer:
    try:
        return form.check(answer)
    except AnswerError as error:
        raise ValueError(f"the votes on {name} do not fit the tree: {error}") from None
