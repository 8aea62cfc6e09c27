"""Rounds of labelling on simulated frames, whose truth answers.

``FOLDER`` of ``skysift learn tails --simulate --save FOLDER`` holds ::

    simulation.json          what is simulated
    frames/, set/            frames with known comets, and the set made of them
    night/, night_set/       other frames, which are searched
    campaign.toml, pool/     a campaign like any other: `status` and `round` take it
    rounds/, labels.db       what was learned, and the answers
    result.json              a row a round

Killed at any time, the same command goes on.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from skysift.active_learning.loop import NothingLeftError
from skysift.active_learning.oracles import TableOracle
from skysift.campaigns import get
from skysift.campaigns.campaign import Campaign
from skysift.campaigns.claiming import claim
from skysift.campaigns.config import read_config
from skysift.campaigns.kind import Tell
from skysift.campaigns.oracles import read_truth
from skysift.campaigns.tails.collecting import collect
from skysift.campaigns.tails.settings import FORM
from skysift.campaigns.tails.store import TRUTH
from skysift.models import tails

SHARES = {"train": 0.5, "validation": 0.15, "test": 0.35}
"""Of the frames: learned from, when to stop, and judged on."""

NIGHT = {"train": 1.0, "validation": 0.0, "test": 0.0}

CAMPAIGN, RESULT = "campaign.toml", "result.json"


@dataclass(frozen=True)
class Options:
    """What is simulated, and how it is asked.

    Attributes
    ----------
    frames, night : int
        With known comets; and searched.
    size : int
        Side of all of them [px].
    confusers : float
        So many times the usual asteroids, streaks and blends.
    seed : int
    start : str
        Weights that each round begins with; empty: what ships.
    threshold : float
        Least score of what is asked about.
    query : str
        strategy:selector
    initial, batch, labels : int
        Answers of the first round, of each other one, and in the end.
    epochs, steps : int
        Of each round's training.
    false_per_frame : float
        At which recall is told.

    Raises
    ------
    ValueError
        If a number is out of range.
    """

    frames: int = 60
    night: int = 60
    size: int = 1024
    confusers: float = 6.0
    seed: int = 7
    start: str = ""
    threshold: float = 0.1
    query: str = "margin:k_means"
    initial: int = 40
    batch: int = 20
    labels: int = 100
    epochs: int = 4
    steps: int = 100
    false_per_frame: float = 0.1

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        for name, low in {"frames": 8, "night": 1, "batch": 1, "labels": self.initial}.items():
            if getattr(self, name) < low:
                raise ValueError(f"{name} must be {low} or more. Got: {getattr(self, name)}")


def simulate(asked: Mapping[str, Any], save: Path, tell: Tell) -> dict[str, Any]:
    """Simulate frames, search some, and take rounds of labels on what was found.

    Parameters
    ----------
    asked : mapping
        Fields of `Options`.
    save : Path
        Folder; the head of this file says what lies in it.
    tell : callable

    Returns
    -------
    dict
        What ``result.json`` holds: ``rounds``, a list of ``round``, ``labels`` (learned from) and
        metrics; and ``collected``, counts.

    Raises
    ------
    ValueError
        If what is asked cannot be, or the folder is of something else.
    WeightsError
        If the weights to begin with are not whole.
    """
    options = Options(**asked)
    version = tails.check_weights(options.start or None)["version"]
    claim(save, {**asdict(options), "version": version})
    _frames(options, options.frames, save / "frames", save / "set", SHARES, options.seed, tell)
    _frames(options, options.night, save / "night", save / "night_set", NIGHT, options.seed + 1,
            tell)  # fmt: skip
    how = {"weights": options.start or None, "threshold": options.threshold}
    searched = collect(
        save / "night_set", save / "pool", how, lambda _, done, of: tell("searching", done, of)
    )
    campaign = _campaign(options, save)
    _take_rounds(campaign, options, tell)
    history = campaign.rounds.history().rename(columns={"train": "labels"})
    told = {
        "rounds": json.loads(history.drop(columns="created").to_json(orient="records")),
        "collected": {"frames": searched.frames, "detections": searched.known},
    }
    (save / RESULT).write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    return told


def _frames(
    options: Options, count: int, made: Path, output: Path, shares: Mapping[str, float], seed: int,
    tell: Tell,
) -> None:  # fmt: skip
    """Simulate frames, and make a set of them."""
    from skysift.datasets.frame_set import build_frame_set
    from skysift.simulate.frames import COMETS, FULL, Settings, write_frames

    comets = max(1, round(COMETS * options.size**2 / (FULL[0] * FULL[1])))
    settings = Settings(seed, (options.size, options.size), comets, confusers=options.confusers)
    stage = f"simulating {made.name}"
    write_frames(count, made, settings, progress=lambda done: tell(stage, done, count))
    build_frame_set(
        [made], output, shares=shares, seed=seed,
        progress=lambda seen, kept: tell(f"building {output.name}", seen, count),
    )  # fmt: skip


def _campaign(options: Options, save: Path) -> Campaign:
    """Write a campaign's file, and open it."""
    tables: dict[str, dict[str, Any]] = {
        "campaign": {"tracking": ""},
        "plan": {
            "query": options.query, "initial": options.initial, "batch": options.batch,
            "seed": options.seed,
        },
        "tails": {
            "start": str(Path(options.start).resolve()) if options.start else "",
            "epochs": options.epochs, "steps": options.steps,
            "false_per_frame": options.false_per_frame,
        },
    }  # fmt: skip
    lines = []
    for name, table in tables.items():
        lines += [f"[{name}]", *(f"{key} = {json.dumps(value)}" for key, value in table.items())]
    (save / CAMPAIGN).write_text("\n".join(lines) + "\n", encoding="utf-8")
    kind = get("tails")
    return Campaign(kind, read_config(save / CAMPAIGN, kind))


def _take_rounds(campaign: Campaign, options: Options, tell: Tell) -> None:
    """Take the rounds that are left; fewer than wanted, if the pool is spent."""
    oracle = TableOracle(read_truth(campaign.config.pool / TRUTH, FORM))
    rounds = 1 + -(-(options.labels - options.initial) // options.batch)
    while (number := campaign.rounds.next_number()) < rounds:
        tell("learning", number, rounds)
        try:
            campaign.take_round(oracle)
        except NothingLeftError:
            break
    tell("learning", rounds, rounds)
