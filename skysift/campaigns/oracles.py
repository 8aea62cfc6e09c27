"""Whoever answers, by the word that stands on the command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from skysift.active_learning.oracles import FileOracle, Oracle, TableOracle, TerminalOracle
from skysift.active_learning.questions import AnyForm, Choice, Votes
from skysift.active_learning.records import Question
from skysift.campaigns.votes_table import votes_of

TERMINAL, PAGE, TRUTH = "terminal", "page", "truth"
ANSWER_COLUMNS = ("class", "label", "type", "answer", "value")
"""What the column of answers in a table of truth may be called, if nobody says."""


def oracle_named(
    word: str,
    *,
    labeller: str,
    form: AnyForm,
    describe: Callable[[Question], str],
    truth: Path | None = None,
    column: str | None = None,
) -> Oracle | None:
    """Make an oracle.

    Parameters
    ----------
    word : str
        ``terminal``; ``page``, which is no oracle of ours; ``truth``; or the path of a CSV file, or
        of a folder of them, to be filled in by whoever.
    labeller : str
    form : Choice, Votes or Marks
        What is asked.
    describe : callable
        For the terminal.
    truth : Path, optional
        The table of ``truth``.
    column : str, optional
        Its column of answers.

    Returns
    -------
    Oracle or None
        None for the page: answers come from elsewhere.

    Raises
    ------
    ValueError
        If `truth` and `word` do not go together, or the table does not fit the questions.
    """
    if (word == TRUTH) != (truth is not None):
        raise ValueError("--oracle truth and --truth TABLE go together: give both, or neither")
    if word == PAGE:
        return None
    if word == TERMINAL:
        return TerminalOracle(labeller, describe=describe)
    if truth is not None:
        return TableOracle(read_truth(truth, form, column))
    path = Path(word)
    if path.suffix != ".csv" and not path.is_dir():
        raise ValueError(
            f"--oracle must be {TERMINAL}, {PAGE}, {TRUTH}, a folder, or a path that ends in .csv. "
            f"Got: {word}"
        )
    return FileOracle(path, labeller)


def read_truth(path: Path, form: AnyForm, column: str | None = None) -> dict[str, Any]:
    """Read a table of truth: object → answer.

    Parameters
    ----------
    path : Path
        CSV or Parquet with ``objectId`` and a column of answers; or votes, see `votes_of`.
    form : Choice, Votes or Marks
        Choices and votes stand in a table.
    column : str, optional
        Of choices; by default the first of `ANSWER_COLUMNS` that is there.

    Raises
    ------
    ValueError
        If a column is missing, an object has two answers, or an answer does not fit the question.
    """
    if not isinstance(form, (Choice, Votes)):
        raise ValueError(
            f"a table of truth answers choices and votes. Got: a question of {form.kind}"
        )
    table = pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path, dtype=str)
    if isinstance(form, Votes):
        return _votes(table, form, path)
    names = [column] if column else [name for name in ANSWER_COLUMNS if name in table]
    lacking = [name for name in ["objectId", *names[:1]] if name not in table]
    if lacking or not names:
        wanted = lacking[0] if lacking else " or ".join(ANSWER_COLUMNS)
        raise ValueError(f"{path} has no column {wanted}; it has: {', '.join(table)}")
    pairs = table[["objectId", names[0]]].dropna().astype(str).drop_duplicates()
    twice = pairs["objectId"][pairs["objectId"].duplicated()]
    if len(twice):
        raise ValueError(f"{path} gives {twice.iloc[0]} more than one {names[0]}")
    known = list(form.choices.values())
    strange = sorted(set(pairs[names[0]]) - set(known))
    if strange:
        raise ValueError(
            f"{path} answers {strange[0]!r}, which is none of the choices: {', '.join(known)}. "
            "Choose a label map that knows it"
        )
    return dict(pairs.itertuples(index=False))


def _votes(table: pd.DataFrame, form: Votes, path: Path) -> dict[str, Any]:
    try:
        return dict(votes_of(table, form))
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
