"""An oracle that knows the truth: from a table, with errors if wanted."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from skysift.active_learning.desk import Desk
from skysift.active_learning.ledger import Ledger
from skysift.active_learning.questions import Choice
from skysift.active_learning.records import Question


class TableOracle:
    """Answers from a table of truth; what is not in it is skipped.

    Parameters
    ----------
    truth : mapping
        Object → answer.
    labeller : str
    error_rate : float
        Share of the answers that are another choice than the true one.
    seed : int
        Decides, with the item's name, which answers are wrong: in whatever order and however often
        an item is asked about, the answer is the same.

    Raises
    ------
    ValueError
        If `error_rate` is not between 0 and 1.
    """

    def __init__(
        self,
        truth: Mapping[str, Any],
        *,
        labeller: str = "truth",
        error_rate: float = 0.0,
        seed: int = 0,
    ) -> None:
        if not 0 <= error_rate <= 1:
            raise ValueError(f"error_rate must be between 0 and 1. Got: {error_rate}")
        self._truth = truth
        self._labeller = labeller
        self._error_rate = error_rate
        self._seed = seed

    def work(self, ledger: Ledger, campaign: str, round: int) -> None:
        """Answer every open question of the round.

        Raises
        ------
        ValueError
            If errors are wanted of questions that are no choices.
        """
        desk = Desk(ledger, campaign, self._labeller, round)
        while (question := desk.next()) is not None:
            if question.object in self._truth:
                desk.answer(question.id, self._answer(question))
            else:
                desk.skip(question.id)

    def _answer(self, question: Question) -> Any:
        true = self._truth[question.object]
        if not self._error_rate:
            return true
        if not isinstance(question.form, Choice):
            raise ValueError(f"error_rate is for choices. Got: a question of {question.form.kind}")
        rng = np.random.default_rng([self._seed, zlib.crc32(question.item.encode())])
        if rng.random() >= self._error_rate:
            return true
        wrong = [choice for choice in question.form.choices.values() if choice != true]
        return wrong[rng.integers(len(wrong))]
