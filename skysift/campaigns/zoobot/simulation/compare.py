"""Compare queries: galaxies, trunk, runs, and what came of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from skysift import __version__
from skysift.active_learning.learner import Learner
from skysift.campaigns.claiming import claim
from skysift.campaigns.votes_table import votes_of
from skysift.campaigns.zoobot.judging import judge
from skysift.campaigns.zoobot.learning import learner
from skysift.campaigns.zoobot.pool import GalaxyPool, pool_of
from skysift.campaigns.zoobot.settings import Settings, form
from skysift.campaigns.zoobot.simulation.arms import Arm
from skysift.campaigns.zoobot.simulation.options import BASELINE, Options
from skysift.campaigns.zoobot.simulation.ratio import label_ratio
from skysift.campaigns.zoobot.simulation.stages import Tell, check, galaxies_of, trunk_of
from skysift.campaigns.zoobot.taught import Taught
from skysift.models.zoobot.training_set import TRUTH, GalaxySet

ROUNDS, ASKED, RESULT = "rounds.csv", "asked.csv", "result.json"


def simulate(asked: Mapping[str, Any], save: Path, tell: Tell) -> dict[str, Any]:
    """Compare queries with random sampling, or go on with it.

    Parameters
    ----------
    asked : mapping
        Fields of `Options`.
    save : Path
        Folder; the package says what lies in it.
    tell : callable
        ``tell(stage, done, of)``.

    Returns
    -------
    dict
        What ``result.json`` holds: ``queries``, each with ``rmse`` and, where the truth is known,
        ``rmse_truth`` as `label_ratio` tells them, and ``final``, the mean metrics of its last
        round; ``final`` of random sampling as well.

    Raises
    ------
    ValueError
        If what is asked cannot be, or the folder is of something else.
    """
    options = Options(**asked)
    check(options)
    claim(save, asdict(options), free=("seeds",))
    galaxies = galaxies_of(options, save, tell)
    contest = Contest.of(galaxies, options, save, tell)
    runs = contest.run(options, save, tell)
    rounds = pd.concat([arm.curve() for arm in runs], ignore_index=True)
    asked_about = pd.concat([arm.asked() for arm in runs], ignore_index=True)
    columns = ["id_str", *contest.form_columns, "kind"]
    known = galaxies.galaxies[[name for name in columns if name in galaxies.galaxies]]
    asked_about = asked_about.merge(known, on="id_str", how="left")
    rounds.to_csv(save / ROUNDS, index=False)
    asked_about.to_csv(save / ASKED, index=False)
    told = result(rounds, options)
    (save / RESULT).write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")

    from skysift.campaigns.zoobot.simulation.drawing import draw  # matplotlib, where it is drawn

    tell("drawing", 0, 1)
    draw(save, rounds, asked_about, runs, contest, options, told)
    tell("drawing", 1, 1)
    return told


@dataclass(frozen=True, eq=False)
class Contest:
    """What all runs share.

    Attributes
    ----------
    pool : GalaxyPool
        What can be asked about.
    judges : GalaxySet
        What is judged on.
    settings : Settings
    learner : Learner
    votes, truth : ndarray (n, answers)
        Of the judges; `truth` is None where it is not known.
    """

    pool: GalaxyPool
    judges: GalaxySet
    settings: Settings
    learner: Learner
    votes: np.ndarray
    truth: np.ndarray | None

    @classmethod
    def of(cls, galaxies: GalaxySet, options: Options, save: Path, tell: Tell) -> Contest:
        """Make it ready, with a trunk if heads are learned.

        Raises
        ------
        ValueError
            If the pool has fewer galaxies than are asked for, or there is nothing to judge on.
        """
        pool, judges = pool_of(galaxies.part("train")), galaxies.part("test")
        total = judges.galaxies[list(galaxies.tree[options.question].columns)].sum(axis=1)
        if len(pool) < options.labels or not (total >= options.judged_votes).any():
            raise ValueError(
                f"the set has {len(pool)} galaxies to ask about, and wanted are {options.labels}; "
                f"{int((total >= options.judged_votes).sum())} of its test part have "
                f"{options.judged_votes} votes on {options.question}, and one is needed"
            )
        how = {"config": options.network} if options.network else {
            "trunk": str(trunk_of(galaxies, options, save, tell))
        }  # fmt: skip
        settings = Settings(
            tree=galaxies.tree.name, questions=options.question, target=options.question,
            passes=options.passes, votes=options.votes, judged_votes=options.judged_votes, **how,
        )  # fmt: skip
        labels = settings.learned()
        return cls(
            pool, judges, settings, learner(pool, np.ones(len(pool), bool), settings),
            labels.votes(judges.galaxies), labels.truth(judges.galaxies, TRUTH),
        )  # fmt: skip

    @property
    def form_columns(self) -> tuple[str, ...]:
        """Columns of the votes that are asked for."""
        return self.settings.learned().tree.columns

    def judge(self, model: Taught) -> dict[str, float]:
        """Judge a model on the test part."""
        told = model.told(self.judges.ids)
        least = self.settings.judged_votes
        return judge(told, self.votes, least=least, truth=self.truth)

    def run(self, options: Options, save: Path, tell: Tell) -> list[Arm]:
        """Take all runs to their ends, seed by seed."""
        assert self.pool.galaxies is not None
        answers = votes_of(self.pool.galaxies.galaxies, form(self.settings))
        arms = [
            Arm(save / "runs" / f"seed_{seed:03d}" / _folder(name), query, seed)
            for seed in range(options.seeds) for name, query in options.named.items()
        ]  # fmt: skip
        for place, arm in enumerate(arms):
            told = _counted(tell, place * options.rounds, len(arms) * options.rounds)
            arm.run(
                self.pool, answers, form(self.settings), self.learner, self.judge, options, told
            )
        return arms


def result(rounds: pd.DataFrame, options: Options) -> dict[str, Any]:
    """Put what came of it into what JSON can hold; see `simulate`."""
    named = options.named
    metrics = [f"{options.question}_{what}" for what in ("rmse", "rmse_truth")]
    last = rounds[rounds["labels"] == rounds["labels"].max()]
    final = last.groupby("query")[[m for m in last if m.startswith(f"{options.question}_")]].mean()
    told: dict[str, Any] = {
        "question": options.question, "labels": int(rounds["labels"].max()),
        "skysift": __version__, "queries": {},
    }  # fmt: skip
    for name in named:
        facts: dict[str, Any] = {"final": final.loc[name].to_dict()}
        if name != BASELINE:
            for metric in metrics:
                if metric in rounds:
                    what = metric.removeprefix(f"{options.question}_")
                    facts[what] = label_ratio(rounds, name, BASELINE, metric)
        told["queries"][name] = facts
    return told


def _folder(name: str) -> str:
    return "".join(letter if letter.isalnum() or letter in "_-." else "-" for letter in name)


def _counted(tell: Tell, before: int, whole: int) -> Callable[[int], None]:
    return lambda done: tell("learning", before + done, whole)
