"""What the page is about: alerts to see, a ledger to fill."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from skysift.active_learning.ledger import Ledger
from skysift.active_learning.questions import TRANSIENT, AnyForm
from skysift.active_learning.records import Answer, Question
from skysift.marshal.candidates import NEWEST, Candidates
from skysift.marshal.entries import Entry
from skysift.marshal.pictures import Pictures

CANDIDATES = "candidates"
"""Campaign of the labels that topics' candidates are given."""


@dataclass(frozen=True)
class Room:
    """What the page is about.

    Attributes
    ----------
    ledger : Ledger
        Questions and answers.
    candidates : Candidates
        Alerts.
    pictures : Pictures
        Of items that are no alerts.
    campaign : str
        What labels of topics' candidates are for.
    rank : str
        What candidates are ordered by until somebody chooses otherwise.
    form : Choice, Votes or Marks
        What is asked about candidates.
    """

    ledger: Ledger
    candidates: Candidates
    pictures: Pictures = field(default_factory=Pictures)
    campaign: str = CANDIDATES
    rank: str = NEWEST
    form: AnyForm = TRANSIENT

    def alert_of(self, item: str) -> Entry | None:
        """Find the alert that a question is about, if its item is an alert's id."""
        return self.candidates.find(int(item)) if item.isascii() and item.isdigit() else None

    def standing(self, campaign: str, round: int | None = None) -> Standing:
        """Tell how a campaign, or a round of it, stands."""
        return Standing(
            self.ledger.questions(campaign, round=round),
            self.ledger.answers(campaign, round=round),
        )


class Standing:
    """Questions with the answers and skips that stand.

    Parameters
    ----------
    questions : sequence of Question
    answers : sequence of Answer
        None that was taken back.
    """

    def __init__(self, questions: Sequence[Question], answers: Sequence[Answer]) -> None:
        self.questions = tuple(questions)
        self.answers = tuple(answers)
        self._of_object = {question.object: question for question in questions}
        self._given: dict[int, list[Answer]] = defaultdict(list)
        for answer in answers:
            self._given[answer.question.id].append(answer)

    def about(self, object_: str) -> Question | None:
        """Return the last question about an object."""
        return self._of_object.get(object_)

    def answers_to(self, question: Question) -> list[Answer]:
        """Return the answers to a question, without the skips."""
        return [answer for answer in self._given[question.id] if not answer.skipped]

    def is_open(self, question: Question, labeller: str) -> bool:
        """Tell whether a labeller might still be asked: they have not acted, others not enough."""
        given = self._given[question.id]
        acted = any(answer.labeller == labeller for answer in given)
        return not acted and len(self.answers_to(question)) < question.wanted
