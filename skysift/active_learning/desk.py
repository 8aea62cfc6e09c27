"""A desk: where one labeller sits, before one stack of questions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from skysift.active_learning.ledger import Ledger
from skysift.active_learning.records import Answer, Progress, Question


@dataclass(frozen=True)
class Desk:
    """A labeller's view of a ledger: what a terminal or a page works with.

    Parameters
    ----------
    ledger : Ledger
    campaign : str
    labeller : str
    round : int, optional
        By default all rounds.

    Raises
    ------
    ValueError
        If the labeller has no name.
    """

    ledger: Ledger
    campaign: str
    labeller: str
    round: int | None = None

    def __post_init__(self) -> None:
        """Refuse a nameless labeller: nobody could be asked later."""
        if not self.labeller.strip():
            raise ValueError("labeller must be a name. Got: an empty text")

    def next(self) -> Question | None:
        """Return the next open question, or None."""
        return self.ledger.next(self.campaign, self.labeller, round=self.round)

    def answer(self, question: int, value: Any, *, confidence: float | None = None) -> Answer:
        """Write an answer down, as `Ledger.answer`."""
        return self.ledger.answer(question, value, labeller=self.labeller, confidence=confidence)

    def skip(self, question: int) -> Answer:
        """Pass a question on, as `Ledger.skip`."""
        return self.ledger.skip(question, labeller=self.labeller)

    def undo(self) -> Question | None:
        """Take the last answer or skip back, as `Ledger.undo`."""
        return self.ledger.undo(self.campaign, self.labeller, round=self.round)

    def progress(self) -> Progress:
        """Tell how far the stack has come."""
        return self.ledger.progress(self.campaign, round=self.round)
