"""A decision tree: its columns, and how many get as far as each question."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np

from skysift.galaxy_zoo.question import Question

BASE_VOTES = 40
"""Volunteers who look at a galaxy, about: the mean of Galaxy Zoo 2 is 43."""


@dataclass(frozen=True)
class Tree:
    """Questions in an order in which each comes behind the one that leads to it.

    Attributes
    ----------
    name : str
    title : str
        What it is, with the paper.
    questions : tuple of Question
    """

    name: str
    title: str
    questions: tuple[Question, ...]

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Columns of all votes, question by question."""
        return tuple(column for question in self.questions for column in question.columns)

    @cached_property
    def totals(self) -> tuple[str, ...]:
        """Columns of how many answered, a question each."""
        return tuple(question.total for question in self.questions)

    @cached_property
    def slices(self) -> Mapping[str, slice]:
        """By question, where its answers stand among `columns`."""
        stops = np.cumsum([len(question.answers) for question in self.questions]).tolist()
        starts = [0, *stops[:-1]]
        names = (question.name for question in self.questions)
        pairs = zip(names, map(slice, starts, stops), strict=True)
        return MappingProxyType(dict(pairs))

    @property
    def as_table(self) -> dict[str, Any]:
        """The tree as its file holds it, and its name; JSON and TOML can hold it too."""
        questions = [
            {key: list(value) if isinstance(value, tuple) else value
             for key, value in vars(question).items() if value}
            for question in self.questions
        ]  # fmt: skip
        return {"name": self.name, "title": self.title, "questions": questions}

    def __getitem__(self, name: str) -> Question:
        """Return a question by name."""
        for question in self.questions:
            if question.name == name:
                return question
        known = ", ".join(question.name for question in self.questions)
        raise KeyError(f"the tree {self.name} has no question {name!r}; it has: {known}")

    def asked(self, fractions: np.ndarray) -> np.ndarray:
        """Share of volunteers who get as far as each question.

        The sum over the answers that lead to it of (their fraction × the share asked before).

        Parameters
        ----------
        fractions : ndarray (…, columns)
            Of the answers among those who were asked, in the order of `columns`. NaN, as where
            nobody was asked, counts as 0.

        Returns
        -------
        ndarray (…, questions), float

        Raises
        ------
        ValueError
            If the last axis is not as long as `columns`.
        """
        fractions = np.nan_to_num(np.asarray(fractions, float))
        if fractions.shape[-1:] != (len(self.columns),):
            raise ValueError(
                f"fractions must have {len(self.columns)} columns for the tree {self.name}. "
                f"Got: {fractions.shape}"
            )
        share: dict[str, np.ndarray] = {}
        for question in self.questions:
            if question.parent is None:
                share[question.name] = np.ones(fractions.shape[:-1])
                continue
            leading = fractions[..., self.leading(question)].sum(axis=-1)
            share[question.name] = share[question.parent] * leading
        return np.stack([share[question.name] for question in self.questions], axis=-1)

    def expected_votes(self, fractions: np.ndarray, base: float = BASE_VOTES) -> np.ndarray:
        """Votes to expect for each question if `base` volunteers look; see `asked`."""
        return base * self.asked(fractions)

    def leading(self, question: Question) -> list[int]:
        """Where the answers that lead to a question stand among `columns`; none for the first."""
        return [self.columns.index(column) for column in question.after_columns]
