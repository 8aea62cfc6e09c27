"""What a network is asked: all questions of a tree, one of them, or one answer against the rest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from skysift.galaxy_zoo import Question, Tree

REST = "not-{answer}"
"""Name of all other answers together."""


@dataclass(frozen=True)
class Labels:
    """Which votes are learned.

    Attributes
    ----------
    tree : Tree
        The questions that the network answers.
    columns : tuple of tuple of str
        Of each answer of `tree`, the columns of votes that are added up for it.
    """

    tree: Tree
    columns: tuple[tuple[str, ...], ...]

    @property
    def counts(self) -> tuple[int, ...]:
        """Answers of each question."""
        return tuple(len(question.answers) for question in self.tree.questions)

    def votes(self, galaxies: pd.DataFrame) -> np.ndarray:
        """Count the votes.

        Parameters
        ----------
        galaxies : DataFrame
            With the columns of votes; null where nothing is known, which counts as no vote.

        Returns
        -------
        ndarray (n, answers), float32

        Raises
        ------
        ValueError
            If a column is missing, or a number of votes is negative.
        """
        return self._added(galaxies, "")

    def truth(self, galaxies: pd.DataFrame, suffix: str) -> np.ndarray | None:
        """Add up columns of true probabilities, (n, answers); None if there are none."""
        there = all(f"{column}{suffix}" in galaxies for group in self.columns for column in group)
        return self._added(galaxies, suffix) if there else None

    def totals(self, votes: np.ndarray) -> np.ndarray:
        """Sum the votes of each question, (n, questions)."""
        parts = [votes[:, part].sum(axis=1) for part in self.tree.slices.values()]
        return np.stack(parts, axis=1)

    def enough(self, galaxies: pd.DataFrame, least: int) -> np.ndarray:
        """Tell the galaxies of which some question has as many votes or more, (n,) of bool."""
        return np.any(self.totals(self.votes(galaxies)) >= least, axis=1)

    def _added(self, galaxies: pd.DataFrame, suffix: str) -> np.ndarray:
        wanted = [[f"{column}{suffix}" for column in group] for group in self.columns]
        lacking = [column for group in wanted for column in group if column not in galaxies]
        if lacking:
            raise ValueError(f"the galaxies have no column {', '.join(lacking)}")
        added = [
            galaxies[group].astype(np.float64).fillna(0.0).to_numpy().sum(axis=1)
            for group in wanted
        ]
        votes = np.stack(added, axis=1).astype(np.float32)
        if (votes < 0).any():
            galaxy = galaxies["id_str"].iloc[int(np.flatnonzero((votes < 0).any(axis=1))[0])]
            raise ValueError(f"galaxy {galaxy} has a negative number of votes")
        return votes


def labels_of(tree: Tree, question: str = "", answer: str = "") -> Labels:
    """Choose what is asked.

    Parameters
    ----------
    tree : Tree
    question : str
        The only question; by default all.
    answer : str
        Of `question`, against all others together; by default each by itself.

    Raises
    ------
    ValueError
        If there is no such question or answer.

    Examples
    --------
    >>> from skysift.galaxy_zoo import read_tree
    >>> smooth = labels_of(read_tree("gz2"), "smooth-or-featured", "smooth")
    >>> smooth.tree.columns
    ('smooth-or-featured_smooth', 'smooth-or-featured_not-smooth')
    >>> smooth.columns[1]
    ('smooth-or-featured_featured-or-disk', 'smooth-or-featured_artifact')
    """
    if not question:
        if answer:
            raise ValueError(f"the answer {answer!r} needs its question too")
        return Labels(tree, tuple((column,) for column in tree.columns))
    known = {asked.name: asked for asked in tree.questions}
    if question not in known:
        raise ValueError(f"{tree.name} has no question {question!r}; it has: {', '.join(known)}")
    asked = known[question]
    if not answer:
        alone = Question(asked.name, asked.text, asked.answers)
        return Labels(_only(tree, alone), tuple((column,) for column in asked.columns))
    if answer not in asked.answers:
        told = ", ".join(asked.answers)
        raise ValueError(f"{question} has no answer {answer!r}; it has: {told}")
    column = f"{question}_{answer}"
    rest = tuple(other for other in asked.columns if other != column)
    against = Question(asked.name, asked.text, (answer, REST.format(answer=answer)))
    return Labels(_only(tree, against), ((column,), rest))


def _only(tree: Tree, question: Question) -> Tree:
    return Tree(tree.name, tree.title, (question,))
