"""One query with one seed, through ledger and rounds: killed, it goes on where it was."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from skysift.active_learning.learner import Learner
from skysift.active_learning.ledger import Ledger
from skysift.active_learning.loop import Loop, NothingLeftError
from skysift.active_learning.oracles import TableOracle
from skysift.active_learning.plan import Plan
from skysift.active_learning.query import Query
from skysift.active_learning.questions import Votes
from skysift.active_learning.rounds import Rounds
from skysift.campaigns.votes_table import VotesAnswer
from skysift.campaigns.zoobot.pool import GalaxyPool
from skysift.campaigns.zoobot.simulation.options import Options
from skysift.campaigns.zoobot.taught import Taught

CAMPAIGN = "zoobot"


class Arm:
    """A run.

    Parameters
    ----------
    folder : Path
        Gets ``labels.db`` and ``rounds/``.
    query : Query
    seed : int
    """

    def __init__(self, folder: Path, query: Query, seed: int) -> None:
        self.query, self.seed = query, seed
        self.folder = folder
        self.rounds = Rounds(folder / "rounds")

    def run(
        self,
        pool: GalaxyPool,
        answers: dict[str, VotesAnswer],
        form: Votes,
        learner: Learner,
        judge: Callable[[Taught], dict[str, float]],
        options: Options,
        told: Callable[[int], None],
    ) -> None:
        """Take the rounds that are left; `told` hears how many there are after each."""
        plan = Plan(
            CAMPAIGN, form=form, query=self.query, initial=options.initial, batch=options.batch,
            seed=self.seed,
        )  # fmt: skip
        learner = replace(learner, evaluate=lambda model, features, answers: judge(model))
        ledger = Ledger(self.folder / "labels.db")
        try:
            loop = Loop(pool, ledger, self.rounds, plan, learner)
            oracle = TableOracle(answers, labeller="simulated people")
            while (number := self.rounds.next_number()) < options.rounds:
                told(number)
                loop.step(oracle)
        except NothingLeftError:
            pass  # the pool is spent: the curve ends here
        finally:
            ledger.close()
        told(options.rounds)

    def curve(self) -> pd.DataFrame:
        """Return a row a round: ``query``, ``seed``, ``round``, ``labels`` and metrics."""
        rows: list[dict[str, Any]] = []
        for number in self.rounds.numbers():
            done = self.rounds.get(number)
            about = {"query": self.query.name, "seed": self.seed, "round": number}
            rows.append({**about, "labels": done.parameters["train"], **done.metrics})
        return pd.DataFrame(rows)

    def asked(self) -> pd.DataFrame:
        """Return ``query``, ``seed``, ``round`` and ``id_str`` of all that was asked about."""
        last = self.rounds.latest()
        ids = pd.DataFrame(columns=["round", "item"]) if last is None else last.ids
        about = {"query": self.query.name, "seed": self.seed}
        return pd.DataFrame({**about, "round": ids["round"].astype(int), "id_str": ids["item"]})
