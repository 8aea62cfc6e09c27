"""One campaign: its pool, ledger and rounds, and the next step of it."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

from skysift.active_learning.ledger import Ledger
from skysift.active_learning.loop import Loop, Waiting
from skysift.active_learning.oracles import Oracle
from skysift.active_learning.plan import Plan
from skysift.active_learning.pool import Pool
from skysift.active_learning.records import Progress, Question
from skysift.active_learning.rounds import Round, Rounds
from skysift.active_learning.splits import split_by_object
from skysift.active_learning.tracking import MlflowTracker
from skysift.alerts.decode import decode
from skysift.campaigns.config import Config
from skysift.campaigns.current import point_to
from skysift.campaigns.kind import Kind, NotEnoughLabelsError
from skysift.campaigns.store import find_packet

log = logging.getLogger(__name__)

PICTURES = "pictures"
"""Folder beside the campaign's file."""

BY_HAND = "by hand"
"""What stands in the ledger as the query, where somebody named the objects."""


@dataclass(frozen=True)
class Sizes:
    """How many answers a round asks for, of those learned from and of those judged on."""

    learned: int
    judged: int

    @classmethod
    def of(cls, answers: int, held_out: float) -> Sizes:
        """Divide answers; one at least is learned from.

        Examples
        --------
        >>> Sizes.of(30, 0.2)
        Sizes(learned=24, judged=6)
        """
        judged = min(round(answers * held_out), answers - 1)
        return cls(answers - judged, judged)


class Campaign:
    """A campaign as its file describes it.

    Parameters
    ----------
    kind : Kind
    config : Config
    """

    def __init__(self, kind: Kind, config: Config) -> None:
        self.kind = kind
        self.config = config
        self.name = config.places.name
        self.rounds = Rounds(config.rounds)

    @cached_property
    def ledger(self) -> Ledger:
        """Questions and answers."""
        return Ledger(self.config.ledger)

    @cached_property
    def pool(self) -> Pool:
        """What can be asked about."""
        pool = self.kind.read_pool(self.config.pool, self.config.settings)
        if not len(pool):
            verb = self.kind.filled_by
            fill = f": fill it with `skysift learn {self.kind.name} {verb}`" if verb else ""
            raise ValueError(f"{self.config.pool} has nothing to ask about{fill}")
        return pool

    def take_round(
        self, oracle: Oracle | None, *, initial: int | None = None, batch: int | None = None
    ) -> Round | Waiting:
        """Take the round to come as far as it goes; once finished, running jobs follow it.

        Parameters
        ----------
        oracle : Oracle or None
            None if the answers come from elsewhere.
        initial, batch : int, optional
            Answers to ask for, instead of the file's.

        Raises
        ------
        NotEnoughLabelsError
            If the labels teach nothing yet.
        ValueError
            If open questions offer other answers than the campaign's file now does.
        NothingLeftError, RoundError, MissingSignalError
            As `Loop.step`.
        """
        self.follow()
        self._check_form()
        plan = self._plan(initial or self.config.asking.initial, batch or self.config.asking.batch)
        held_out = split_by_object(self.pool.objects, share=plan.held_out, seed=plan.seed)
        learner = self.kind.learner(self.pool, ~held_out, self.config.settings)
        where = self.config.tracking
        tracker = None if where is None else _Tracker(self.name, where)
        remember = None if self.kind.remember is None else partial(self.kind.remember, self.pool)
        loop = Loop(
            self.pool, self.ledger, self.rounds, plan, learner, tracker=tracker, remember=remember
        )
        try:
            stepped = loop.step(oracle)
        except NotEnoughLabelsError as error:
            option = "--batch" if self.rounds.next_number() else "--initial"
            raise NotEnoughLabelsError(f"{error} Raise {option} (or label more).") from None
        self.follow()
        if isinstance(stepped, Waiting):
            self._show_questions(stepped.number)
        return stepped

    @property
    def pictures(self) -> Path | None:
        """Folder of pictures of what is asked about; None where it is alerts."""
        return None if self.kind.write_pictures is None else self.config.folder / PICTURES

    def _show_questions(self, number: int) -> None:
        """Make pictures of what is asked, for whoever cannot see it as an alert."""
        if self.kind.write_pictures is not None and self.pictures is not None:
            asked = self.ledger.questions(self.name, round=number)
            self.kind.write_pictures(self.pool, [q.item for q in asked], self.pictures)

    def follow(self) -> None:
        """Point the link at the newest round: also where a process died before it could."""
        latest = self.rounds.latest()
        if latest is not None and point_to(self.config.current, latest):
            log.info("%s → %s", self.config.current, latest.model)

    def ask_about(self, objects: Sequence[str]) -> list[Question]:
        """Ask about objects by name in the round to come: of each, its latest alert.

        Raises
        ------
        ValueError
            If the pool does not have one.
        """
        row_of = {name: row for row, name in enumerate(self.pool.objects)}
        absent = [name for name in objects if name not in row_of]
        if absent:
            raise ValueError(f"{self.config.pool} has no object {absent[0]!r} that can be learned")
        items = [(self.pool.items[row_of[name]], name) for name in dict.fromkeys(objects)]
        form = self.kind.form(self.config.settings)
        number = self.rounds.next_number()
        wanted = self.config.asking.wanted
        return self.ledger.ask(self.name, number, form, items, query=BY_HAND, wanted=wanted)

    def progress(self) -> Progress:
        """Tell how far the questions of the round to come are."""
        return self.ledger.progress(self.name, round=self.rounds.next_number())

    def describe(self, question: Question) -> str:
        """Describe what a question is about to somebody who cannot see it, or say where to look."""
        if self.pictures is not None:
            return f"  {self.pictures / f'{question.item}.png'}"
        if self.kind.describe is None or not self.config.pool.is_dir():
            return ""
        packet = find_packet(self.config.pool, int(question.item))
        decoded = decode([] if packet is None else [packet], ())
        return self.kind.describe(decoded.alerts[0].batch) if decoded.alerts else ""

    def _check_form(self) -> None:
        """Refuse to go on with questions that were asked before the answers changed."""
        form = self.kind.form(self.config.settings)
        asked = self.ledger.questions(self.name, round=self.rounds.next_number())
        if any(question.form != form for question in asked):
            raise ValueError(
                f"round {self.rounds.next_number()} of {self.name!r} was asked with other answers "
                "to choose from. Undo the change of the campaign's file, or give the campaign "
                "another name ([campaign] name)"
            )

    def _plan(self, initial: int, batch: int) -> Plan:
        asking, settings = self.config.asking, self.config.settings
        begin, later = (Sizes.of(answers, asking.held_out) for answers in (initial, batch))
        now = later if self.rounds.next_number() else begin
        return Plan(
            self.name,
            form=self.kind.form(settings),
            first=self.config.first(),
            query=self.config.query(),
            initial=begin.learned,
            batch=later.learned,
            held_out=asking.held_out,
            held_out_batch=now.judged,
            wanted=asking.wanted,
            rule=asking.rule,
            unused=self.kind.unused(settings),
            ask_again=asking.ask_again,
            seed=asking.seed,
        )


class _Tracker:
    """MLflow's store, opened when there is something to tell."""

    def __init__(self, campaign: str, where: str | Path) -> None:
        self._campaign = campaign
        self._where = where

    def update(self, rounds: Sequence[Round]) -> None:
        """See `RoundTracker`; without MLflow a round is as good."""
        os.environ.setdefault("MLFLOW_LOGGING_LEVEL", "WARNING")  # read when it is imported
        try:
            tracker = MlflowTracker(self._campaign, self._where)
        except ImportError as error:
            log.warning("the round is not told to MLflow: %s", error)
            return
        tracker.update(rounds)
