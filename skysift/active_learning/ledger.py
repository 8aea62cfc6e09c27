"""The ledger: every question and every answer, never changed, never lost.

Rows are only added. An answer is one transaction: it is on the disk when the call returns, or it is
not there at all. Taking an answer back adds a retraction. Writers take turns, in one process or in
many, so nobody's answer overwrites another's, and nobody answers a question twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from skysift.active_learning import _entries
from skysift.active_learning._database import open_database, writing
from skysift.active_learning._queue import next_open
from skysift.active_learning._schema import questions
from skysift.active_learning.errors import LedgerError
from skysift.active_learning.questions import AnyForm, form_to_json
from skysift.active_learning.records import (
    BEGINNING,
    Answer,
    Changes,
    Mark,
    Progress,
    Question,
    question_from,
)

LEASE = timedelta(minutes=5)
"""How long a question is kept for the one who looks at it."""


class Ledger:
    """Questions and answers in a database.

    Parameters
    ----------
    where : str or Path
        A SQLite file, made if it is not there, or SQLAlchemy's URL of a database, such as
        ``postgresql://host/labels``. A SQLite file must not lie on a network drive.

    Raises
    ------
    ImportError
        If the database's driver is not installed.
    LedgerVersionError
        If the database holds a ledger of another version, or something else.
    """

    def __init__(self, where: str | Path) -> None:
        self._engine = open_database(where)

    def close(self) -> None:
        """Close the connections to the database."""
        self._engine.dispose()

    def ask(
        self,
        campaign: str,
        round: int,
        form: AnyForm,
        items: Sequence[tuple[str, str]],
        *,
        query: str = "",
        model: str = "",
        wanted: int = 1,
    ) -> list[Question]:
        """Ask about items, all of them or none.

        What was asked in this round already is not asked again, so a call may be repeated.

        Parameters
        ----------
        campaign : str
            What the labels are for.
        round : int
        form : Choice, Votes or Marks
        items : sequence of (item, object)
            In the order in which to ask.
        query, model : str
            What chose the items, for the record.
        wanted : int
            From how many people an answer is wanted.

        Returns
        -------
        list of Question
            In the order of `items`.

        Raises
        ------
        LedgerError
            If two items are of one object, or the round has another item of the object.
        """
        facts = {
            "form": form_to_json(form),
            "query": query,
            "model": model,
            "wanted": wanted,
            "asked_at": _entries.now(),
        }
        with writing(self._engine) as connection:
            _entries.add_questions(connection, campaign, round, items, facts)
            objects = {name for _, name in items}
            asked = _entries.find_questions(connection, campaign, round, objects=objects)
        of_item = {question.item: question for question in asked}
        return [of_item[item] for item, _ in items]

    def next(
        self, campaign: str, labeller: str, *, round: int | None = None, lease: timedelta = LEASE
    ) -> Question | None:
        """Give a labeller the next open question, and keep it for them for a while.

        Two labellers at once are given different questions, unless more than one answer is wanted.

        Parameters
        ----------
        campaign, labeller : str
        round : int, optional
            By default any.
        lease : timedelta
            For how long others are not given it.

        Returns
        -------
        Question or None
            None if the labeller has answered or skipped all there are, or others are looking at
            the rest.
        """
        now = _entries.now()
        with writing(self._engine, durable=False) as connection:
            row = connection.execute(next_open(campaign, labeller, round, now)).first()
            if row is None:
                return None
            _entries.claim(connection, row.id, labeller, now + lease)
            return question_from(row)

    def hold(self, question: int, labeller: str, *, lease: timedelta = LEASE) -> bool:
        """Keep a question that a labeller has chosen, as `next` keeps the one that it gives.

        Returns
        -------
        bool
            False if it is not open for them: answered, skipped, or others are looking at it.

        Raises
        ------
        LedgerError
            If there is no such question.
        """
        now = _entries.now()
        with writing(self._engine, durable=False) as connection:
            asked = _entries.find_question(connection, question)
            found = next_open(asked.campaign, labeller, asked.round, now)
            if connection.execute(found.where(questions.c.id == question)).first() is None:
                return False
            _entries.claim(connection, question, labeller, now + lease)
            return True

    def question(self, number: int) -> Question:
        """Return a question by its id.

        Raises
        ------
        LedgerError
            If there is no such question.
        """
        with self._engine.connect() as connection:
            return _entries.find_question(connection, number)

    def answer(
        self,
        question: int,
        value: Any,
        *,
        labeller: str,
        confidence: float | None = None,
        if_open: bool = False,
    ) -> Answer:
        """Write an answer down.

        The same answer given twice, by two windows say, is written once. An answer after a skip
        takes the skip back.

        Parameters
        ----------
        question : int
            Its `id`.
        value : object
            What the question's form takes.
        labeller : str
        confidence : float, optional
            From 0 to 1.
        if_open : bool
            Refuse if as many others as wanted have answered, while a page stood open say.

        Returns
        -------
        Answer
            As it stands in the ledger.

        Raises
        ------
        AnswerError
            If the value does not fit the question.
        AlreadyAnsweredError
            If the labeller's answer stands, and is another.
        ClosedError
            If others have answered, and `if_open` is set.
        LedgerError
            If there is no such question, or `confidence` is out of range.
        """
        if confidence is not None and not 0 <= confidence <= 1:
            raise LedgerError(f"confidence must be between 0 and 1. Got: {confidence}")
        with writing(self._engine) as connection:
            asked = _entries.find_question(connection, question)
            fitting = asked.form.check(value)
            if if_open:
                _entries.refuse_closed(connection, asked, labeller)
            return _entries.add_answer(connection, asked, labeller, fitting, confidence)

    def skip(self, question: int, *, labeller: str) -> Answer:
        """Write down that a labeller passes a question on: it is not put to them again.

        Raises
        ------
        AlreadyAnsweredError
            If the labeller has answered it.
        LedgerError
            If there is no such question.
        """
        with writing(self._engine) as connection:
            asked = _entries.find_question(connection, question)
            return _entries.add_answer(connection, asked, labeller, None, None, skipped=True)

    def undo(self, campaign: str, labeller: str, *, round: int | None = None) -> Question | None:
        """Take back the labeller's last answer or skip that stands.

        Returns
        -------
        Question or None
            What is open again; None if there was nothing to take back.
        """
        with writing(self._engine) as connection:
            last = _entries.find_last(connection, campaign, labeller, round)
            if last is None:
                return None
            _entries.retract(connection, last)
            return last.question

    def questions(self, campaign: str, *, round: int | None = None) -> list[Question]:
        """Return the questions of a campaign, or of a round, in the order of asking."""
        with self._engine.connect() as connection:
            return _entries.find_questions(connection, campaign, round)

    def answers(
        self, campaign: str, *, round: int | None = None, retracted: bool = False
    ) -> list[Answer]:
        """Return the answers and skips of a campaign, or of a round, in the order of answering.

        Parameters
        ----------
        campaign : str
        round : int, optional
        retracted : bool
            Also those that were taken back.
        """
        with self._engine.connect() as connection:
            found = _entries.find_answers(connection, campaign, round)
        return [answer for answer in found if retracted or not answer.retracted]

    def changes(self, campaign: str, since: Mark = BEGINNING) -> Changes:
        """Return what has come into a campaign since an earlier call.

        Rows are only added, so nothing else can have changed.

        Parameters
        ----------
        campaign : str
        since : Mark, optional
            What the earlier call gave as its `mark`; by default all is returned.
        """
        with self._engine.connect() as connection:
            retracted = _entries.find_retractions(connection, campaign, since.retraction)
            answers = _entries.find_answers(connection, campaign, None, after=since.answer)
            asked = _entries.find_questions(connection, campaign, None, after=since.question)
        mark = Mark(
            question=max((one.id for one in asked), default=since.question),
            answer=max((one.id for one in answers), default=since.answer),
            retraction=max(retracted, default=since.retraction),
        )
        return Changes(asked, answers, frozenset(retracted.values()), mark)

    def progress(self, campaign: str, *, round: int | None = None) -> Progress:
        """Tell how far a campaign, or a round, has come."""
        asked = self.questions(campaign, round=round)
        standing = self.answers(campaign, round=round)
        acts = Counter(answer.question.id for answer in standing)
        given = [answer for answer in standing if not answer.skipped]
        return Progress(
            asked=len(asked),
            answered=len({answer.question.id for answer in given}),
            open=sum(acts[question.id] < question.wanted for question in asked),
            by_labeller=dict(Counter(answer.labeller for answer in given)),
        )

    def campaigns(self) -> list[str]:
        """List the campaigns, by name."""
        with self._engine.connect() as connection:
            return sorted(connection.scalars(select(questions.c.campaign).distinct()))
