"""What a ledger gives back: questions, answers, progress."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from skysift.active_learning.questions import AnyForm, form_from_json


@dataclass(frozen=True)
class Question:
    """A question that was asked.

    Attributes
    ----------
    id : int
        Rises in the order of asking.
    campaign : str
        What the labels are for.
    round : int
    item, object : str
        What is to be looked at, and what it is of.
    form : Choice, Votes or Marks
    query : str
        What chose the row: ``strategy:selector``, or a word of the caller's.
    model : str
        Version of the model that chose, empty if none did.
    wanted : int
        From how many people an answer is wanted.
    asked_at : datetime
        UTC.
    """

    id: int
    campaign: str
    round: int
    item: str
    object: str
    form: AnyForm
    query: str
    model: str
    wanted: int
    asked_at: datetime


@dataclass(frozen=True)
class Answer:
    """What somebody answered.

    Attributes
    ----------
    id : int
        Rises in the order of answering.
    question : Question
    labeller : str
    skipped : bool
        The labeller passed the question on; then there is no value.
    value : object
        As the question's form checked it.
    confidence : float or None
        From 0 to 1; None if nobody said.
    answered_at : datetime
        UTC.
    retracted : bool
        Taken back since.
    """

    id: int
    question: Question
    labeller: str
    skipped: bool
    value: Any
    confidence: float | None
    answered_at: datetime
    retracted: bool = False


@dataclass(frozen=True)
class Progress:
    """How far the questions of a round, or of a campaign, have come.

    Attributes
    ----------
    asked : int
        Questions.
    answered : int
        Questions with an answer of at least one person.
    open : int
        Questions which fewer people than wanted have answered or skipped.
    by_labeller : dict of str to int
        Answers of each; skips do not count.
    """

    asked: int
    answered: int
    open: int
    by_labeller: dict[str, int]


@dataclass(frozen=True)
class Mark:
    """How far a ledger was read: the last question, answer and retraction that were seen."""

    question: int = 0
    answer: int = 0
    retraction: int = 0


BEGINNING = Mark()


@dataclass(frozen=True)
class Changes:
    """What has come into a campaign.

    Attributes
    ----------
    questions : list of Question
        In the order of asking.
    answers : list of Answer
        In the order of answering, also those that were taken back.
    retracted : frozenset of int
        Ids of answers that were taken back, given in `answers` or in earlier changes.
    mark : Mark
        What to ask for the next changes with.
    """

    questions: list[Question]
    answers: list[Answer]
    retracted: frozenset[int]
    mark: Mark


def question_from(row: Row[Any]) -> Question:
    """Make a question of a row of the table."""
    fact = row._mapping
    return Question(
        id=fact["id"],
        campaign=fact["campaign"],
        round=fact["round"],
        item=fact["item"],
        object=fact["object"],
        form=form_from_json(fact["form"]),
        query=fact["query"],
        model=fact["model"],
        wanted=fact["wanted"],
        asked_at=fact["asked_at"],
    )
