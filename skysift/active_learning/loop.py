"""The loop: ask, answer, learn, judge, write down; and again.

What was asked and answered stands in the ledger, what was learned in the rounds' folders; nothing
else is remembered. So a loop that was interrupted, or is run by another process on another day,
goes on where it stopped.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from skysift.active_learning._chance import CHOOSING, FITTING, generator
from skysift.active_learning.labelled import (
    Labelled,
    data_hash,
    ids_table,
    labelled_rows,
    predictions_table,
)
from skysift.active_learning.learner import Learner, Model
from skysift.active_learning.ledger import Ledger
from skysift.active_learning.oracles import Oracle
from skysift.active_learning.plan import Plan
from skysift.active_learning.pool import Pool
from skysift.active_learning.query import Query
from skysift.active_learning.records import Answer, Progress
from skysift.active_learning.rounds import Draft, Round, Rounds
from skysift.active_learning.signals import Refit, Signals
from skysift.active_learning.splits import split_by_object
from skysift.active_learning.tracking import RoundTracker

log = logging.getLogger(__name__)

PREDICTIONS = "predictions.csv"


class NothingLeftError(LookupError):
    """A round has nothing to ask about, or nothing to learn from; the message says which."""


@dataclass(frozen=True)
class Waiting:
    """A round whose questions are not all answered yet.

    Attributes
    ----------
    number : int
        Of the round.
    progress : Progress
    """

    number: int
    progress: Progress


@dataclass(frozen=True, eq=False)
class Acquisition:
    """What might have been asked about, how much it was worth, and what was asked about.

    Attributes
    ----------
    campaign : str
    round : int
    query : str
    items : ndarray (n,), object
    utility : ndarray (n,), float
    chosen : ndarray (n,), bool
    """

    campaign: str
    round: int
    query: str
    items: np.ndarray
    utility: np.ndarray
    chosen: np.ndarray


class Loop:
    """One campaign.

    Parameters
    ----------
    pool : Pool
        All rows there are: also those that were labelled before, since each round learns anew.
    ledger : Ledger
    rounds : Rounds
    plan : Plan
    learner : Learner
    tracker : RoundTracker, optional
        Hears of each finished round.
    remember : callable, optional
        Given an `Acquisition` each time after something was asked.
    """

    def __init__(
        self,
        pool: Pool,
        ledger: Ledger,
        rounds: Rounds,
        plan: Plan,
        learner: Learner,
        *,
        tracker: RoundTracker | None = None,
        remember: Callable[[Acquisition], None] | None = None,
    ) -> None:
        self.pool = pool
        self.ledger = ledger
        self.rounds = rounds
        self.plan = plan
        self.learner = learner
        self.tracker = tracker
        self.remember = remember
        self._held_out = split_by_object(pool.objects, share=plan.held_out, seed=plan.seed)
        self._loaded: tuple[int, Model] | None = None

    def step(self, oracle: Oracle | None = None) -> Round | Waiting:
        """Take the round to come as far as it goes.

        Parameters
        ----------
        oracle : Oracle, optional
            Who answers now. None if answers come from elsewhere: a page, a file, tomorrow.

        Returns
        -------
        Round or Waiting
            The finished round; or `Waiting`, if questions are still open. Then call again.

        Raises
        ------
        NothingLeftError
            If nothing is left to ask about, or nobody gave an answer to learn from.
        RoundError
            If the last round was changed, or another process is at work on this one.
        MissingSignalError
            If the query needs what pool or model do not have.
        """
        number = self.rounds.next_number()
        while self._ask_for_more(number) or self._open(number):
            if oracle is not None:
                oracle.work(self.ledger, self.plan.campaign, number)
            if self._open(number):
                return Waiting(number, self._progress(number))
        if not self._progress(number).asked:
            raise NothingLeftError(f"round {number} has nothing left in the pool to ask about")
        return self._learn(number)

    # Asking

    def _ask_for_more(self, number: int) -> bool:
        """Ask about as many rows as the round still lacks answers; tell whether there were any."""
        plan = self.plan
        if number:
            query, wanted = plan.query, plan.batch
        else:
            query, wanted = plan.first, plan.initial
        asked = self._ask(number, query, wanted, ~self._held_out)
        return self._ask(number, Query("random"), plan.held_out_batch, self._held_out) or asked

    def _ask(self, number: int, query: Query, wanted: int, side: np.ndarray) -> bool:
        missing = wanted - self._on_the_way(number, side)
        rows = np.flatnonzero(side & self._askable(number))
        if missing <= 0 or not len(rows):
            return False
        model = self._model(number)
        rng = self._rng(number, CHOOSING)
        signals = Signals(self.pool, rows, rng=rng, model=model, refit=self._refit(number))
        utility = query.utility(signals, rng=rng)
        chosen = rows[query.select(utility, signals, missing, rng=rng)]
        self.ledger.ask(
            self.plan.campaign,
            number,
            self.plan.form,
            list(zip(self.pool.items[chosen], self.pool.objects[chosen], strict=True)),
            query=query.name,
            model=model.version if model else "",
            wanted=self.plan.wanted,
        )
        told = (self.pool.items[rows], utility, np.isin(rows, chosen))
        self._remember(Acquisition(self.plan.campaign, number, query.name, *told))
        return True

    def _remember(self, asked: Acquisition) -> None:
        """Pass on what was asked; it stands in the ledger whether or not that can be kept."""
        if self.remember is None:
            return
        try:
            self.remember(asked)
        except Exception:
            log.exception("the questions are asked, but how much each was worth was not kept")

    def _on_the_way(self, number: int, side: np.ndarray) -> int:
        """Count a side's questions of a round that teach something, or may yet."""
        asked = self.ledger.questions(self.plan.campaign, round=number)
        acts = Counter(answer.question.id for answer in self._answers(number))
        taught = set(self.pool.items[self._labelled().rows])
        hopeful = [q for q in asked if q.item in taught or acts[q.id] < q.wanted]
        rows = self.pool.rows_of([question.item for question in hopeful])
        return int(side[rows[rows >= 0]].sum())

    def _askable(self, number: int) -> np.ndarray:
        """Tell the rows that may be asked about."""
        asked = self.ledger.questions(self.plan.campaign)
        items = {question.item for question in asked}
        again = self.plan.ask_again
        objects = {q.object for q in asked if q.round == number or not again}
        rows = zip(self.pool.items, self.pool.objects, strict=True)
        return np.array([i not in items and o not in objects for i, o in rows], dtype=bool)

    def _open(self, number: int) -> bool:
        return self._progress(number).open > 0

    def _progress(self, number: int) -> Progress:
        return self.ledger.progress(self.plan.campaign, round=number)

    # Learning

    def _learn(self, number: int) -> Round:
        labelled = self._labelled()
        if labelled.absent:
            log.warning("%d labelled items are not in the pool", labelled.absent)
        held_out = self._held_out[labelled.rows]
        if held_out.all():
            raise NothingLeftError(f"round {number} has no answer to learn from")
        with self.rounds.start(self._parameters(labelled, held_out)) as draft:
            finished = self._fit(draft, labelled, held_out)
        self._tell()
        return finished

    def _fit(self, draft: Draft, labelled: Labelled, held_out: np.ndarray) -> Round:
        train, judge = labelled.where(~held_out), labelled.where(held_out)
        features = self.pool.features
        rng = self._rng(draft.number, FITTING)
        model = self._fitted(train.rows, train.answers, rng)
        metrics = self.learner.evaluate(model, features[judge.rows], judge.answers)
        self.learner.save(model, draft.model)
        if len(judge):
            predictions = predictions_table(self.pool, judge, model)
            predictions.to_csv(draft.folder / PREDICTIONS, index=False)
        return draft.finish(metrics, ids_table(self.pool, labelled, held_out))

    def _parameters(self, labelled: Labelled, held_out: np.ndarray) -> dict[str, Any]:
        return {
            "plan": self.plan.as_json(),
            "train": int((~held_out).sum()),
            "held_out": int(held_out.sum()),
            "absent": labelled.absent,
            "data_sha256": data_hash(self.pool, labelled),
        }

    def _tell(self) -> None:
        """Tell the tracker; a finished round is finished whether or not it listens."""
        if self.tracker is None:
            return
        try:
            self.tracker.update([self.rounds.get(number) for number in self.rounds.numbers()])
        except Exception:
            log.exception("the round is finished, but was not tracked; the next one will tell")

    def _model(self, number: int) -> Model | None:
        """Return the model of the round before."""
        if number == 0:
            return None
        if self._loaded is None or self._loaded[0] != number:
            self._loaded = number, self.learner.load(self.rounds.get(number - 1).model)
        return self._loaded[1]

    def _refit(self, number: int) -> Refit:
        """Make the function that learns one answer more, as if it had been given."""
        known = self._labelled()
        known = known.where(~self._held_out[known.rows])

        def refit(row: int, answer: str) -> Model:
            rows = np.append(known.rows, row)
            answers = np.append(known.answers, np.array([answer], dtype=object))
            return self._fitted(rows, answers, self._rng(number, FITTING))

        return refit

    def _fitted(self, rows: np.ndarray, answers: np.ndarray, rng: np.random.Generator) -> Model:
        groups = self.pool.objects[rows]
        return self.learner.fit(self.pool.features[rows], answers, rng, groups=groups)

    def _labelled(self) -> Labelled:
        plan = self.plan
        return labelled_rows(self.pool, self._answers(), rule=plan.rule, unused=plan.unused)

    def _answers(self, number: int | None = None) -> list[Answer]:
        return self.ledger.answers(self.plan.campaign, round=number)

    def _rng(self, number: int, purpose: int) -> np.random.Generator:
        return generator(self.plan.seed, number, purpose)
