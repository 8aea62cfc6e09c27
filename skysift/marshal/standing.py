"""How campaigns stand: questions with their answers, kept up with the ledger."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from skysift.active_learning.ledger import Ledger
from skysift.active_learning.records import BEGINNING, Answer, Changes, Mark, Question


@dataclass(frozen=True)
class Standing:
    """Questions of a campaign and what was said to them, at one moment.

    Attributes
    ----------
    questions : mapping of int to Question
        By id, in the order of asking.
    answers : mapping of int to Answer
        By id, in the order of answering; skips too, and what was taken back.
    """

    questions: Mapping[int, Question] = field(default_factory=dict)
    answers: Mapping[int, Answer] = field(default_factory=dict)
    _asked: Mapping[tuple[int, str], Question] = field(default_factory=dict)
    _given: Mapping[int, tuple[int, ...]] = field(default_factory=dict)

    def with_changes(self, changes: Changes) -> Standing:
        """Return how it stands after some changes."""
        asked = {(question.round, question.object): question for question in changes.questions}
        given = dict(self._given)
        for answer in changes.answers:
            given[answer.question.id] = (*given.get(answer.question.id, ()), answer.id)
        answers = {**self.answers, **{answer.id: answer for answer in changes.answers}}
        for number in changes.retracted & answers.keys():
            answers[number] = replace(answers[number], retracted=True)
        questions = {**self.questions, **{question.id: question for question in changes.questions}}
        return Standing(questions, answers, {**self._asked, **asked}, given)

    def of_round(self, number: int | None) -> Sequence[Question]:
        """Return the questions of a round, or all."""
        return [q for q in self.questions.values() if number is None or q.round == number]

    def about(self, object_: str, number: int) -> Question | None:
        """Return the question about an object in a round."""
        return self._asked.get((number, object_))

    def acts_on(self, question: Question) -> list[Answer]:
        """Return the answers and skips that stand."""
        given = (self.answers[number] for number in self._given.get(question.id, ()))
        return [answer for answer in given if not answer.retracted]

    def answers_to(self, question: Question) -> list[Answer]:
        """Return the answers that stand."""
        return [answer for answer in self.acts_on(question) if not answer.skipped]

    def is_open(self, question: Question, labeller: str) -> bool:
        """Tell whether a labeller might still be asked: they have not acted, others not enough."""
        acts = self.acts_on(question)
        answered = sum(not act.skipped for act in acts)
        return answered < question.wanted and all(act.labeller != labeller for act in acts)

    def last_of(self, labeller: str, number: int | None) -> Answer | None:
        """Return what an undo of the labeller would take back."""
        own = (
            answer
            for answer in reversed(list(self.answers.values()))
            if answer.labeller == labeller and not answer.retracted
        )
        return next((a for a in own if number is None or a.question.round == number), None)


@dataclass(frozen=True)
class Count:
    """How far a queue has come: things to label, those with an answer, answers of each labeller."""

    total: int
    answered: int
    by_labeller: Mapping[str, int]


def count_answers(total: int, answers: Iterable[Answer]) -> Count:
    """Count answers that stand, to things of which there are `total`."""
    answered: set[int] = set()
    by_labeller: dict[str, int] = {}
    for answer in answers:
        answered.add(answer.question.id)
        by_labeller[answer.labeller] = by_labeller.get(answer.labeller, 0) + 1
    return Count(total, len(answered), by_labeller)


class Standings:
    """Every campaign of a ledger; what is known already is not read again.

    Parameters
    ----------
    ledger : Ledger
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._lock = threading.Lock()
        self._known: dict[str, tuple[Mark, Standing]] = {}

    def of(self, campaign: str) -> Standing:
        """Tell how a campaign stands now."""
        with self._lock:
            mark, standing = self._known.get(campaign, (BEGINNING, Standing()))
            changes = self._ledger.changes(campaign, mark)
            if changes.mark != mark:
                standing = standing.with_changes(changes)
                self._known[campaign] = (changes.mark, standing)
            return standing
