"""Tails as active learning wants it: from labelled detections to a network that knows them."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from skysift.active_learning.learner import Learner
from skysift.active_learning.pool import Pool
from skysift.campaigns.tails.judging import judge_frames, judge_labels
from skysift.campaigns.tails.pool import DetectionPool
from skysift.campaigns.tails.settings import COMET, Settings
from skysift.campaigns.tails.taught import Taught
from skysift.models import _backend, tails
from skysift.models._fitting.fingerprint import digest
from skysift.models._presets import default_weights
from skysift.models._weights import Weights, read_weights
from skysift.models.tails.config import Config, TrainingConfig, WindowsConfig, read_config
from skysift.models.tails.labelled_set import LABELLED_COLUMNS, with_labelled
from skysift.models.tails.networks import FAMILY
from skysift.models.tails.training_set import FrameSet, read_frame_set
from skysift.models.tails.windows import is_counted

NAME = "tails"
"""Stem of the weights."""

WORK = "labels-"
"""Names of the folders of trainings begin so."""

ENOUGH = 20
"""Comets of the validation part by which scores are calibrated: by fewer they end near 0 or 1."""

BEFORE = "_before"
"""Behind the names of metrics: of the weights that the round began with."""


def learner(pool: Pool, background: np.ndarray, settings: Settings) -> Learner:
    """Make the functions that active learning calls.

    Parameters
    ----------
    pool : DetectionPool
    background : ndarray (n,), bool
        Of no use here: detections without a label teach nothing.
    settings : Settings

    Raises
    ------
    FileNotFoundError
        If there is no set.
    ValueError
        If nothing can be judged on its test part.
    WeightsError
        If the weights to begin with are not whole.
    """
    assert isinstance(pool, DetectionPool)
    school = _School(pool, settings)
    return Learner(school.fit, school.evaluate, save, school.load)


def save(model: Taught, folder: Path) -> None:
    """Write the weights: what ``--weights tails=`` and ``skysift frames --weights`` take."""
    assert model.folder is not None
    for file in model.folder.iterdir():
        if file.is_file():
            shutil.copyfile(file, folder / file.name)


class _School:
    """The functions, with what they share: the set, and the weights that rounds begin with."""

    def __init__(self, pool: DetectionPool, settings: Settings) -> None:
        self._pool, self._settings = pool, settings
        self._frames = read_frame_set(settings.set)
        self._judged = self._frames.part("test")
        if not len(self._judged.comets):
            raise ValueError(
                f"the test part of {settings.set} has no comet, in {len(self._judged)} frames: "
                "there is nothing to judge a round on"
            )
        start = settings.start or default_weights(Path(tails.__file__).parent)
        self._start = read_weights(start)

    @cached_property
    def _beginner(self) -> Taught:
        """The network that a round begins with."""
        return Taught(self._start.path, self._pool)

    @cached_property
    def _before(self) -> dict[str, float]:
        """How well that finds comets."""
        return self._judge(self._beginner)

    @property
    def _can_calibrate(self) -> bool:
        comets = self._frames.part("validation").comets
        return int(is_counted(comets, WindowsConfig()).sum()) >= ENOUGH

    def fit(
        self,
        features: np.ndarray,
        answers: np.ndarray,
        rng: np.random.Generator,
        *,
        groups: np.ndarray,
    ) -> Taught:
        labelled = self._labelled(features, answers)
        seed = int(rng.integers(2**31))
        config = config_of(self._start, self._settings, seed, calibrated=self._can_calibrate)
        facts = {"labels": digest([features.tolist(), answers.tolist()])}
        frames = with_labelled(
            self._frames, labelled, self._pool.cutouts, repeat=self._settings.repeat, facts=facts
        )
        decides = [dict(frames.facts), config.as_dict, self._start.sha256, self._settings.repeat]
        folder = _claim(Path(self._settings.work), digest(decides)[:12])
        if not (folder / f"{NAME}.json").is_file():
            _train(frames, config, folder, trained_on=self._trained_on(labelled))
        return Taught(folder, self._pool)

    def evaluate(
        self, model: Taught, features: np.ndarray, answers: np.ndarray
    ) -> Mapping[str, float]:
        found = self._judge(model)
        found |= {f"{name}{BEFORE}": value for name, value in self._before.items()}
        if not len(features):
            return found
        for which, suffix in ((model, ""), (self._beginner, BEFORE)):
            told = judge_labels(which, features, list(answers))
            found |= {f"{name}{suffix}": value for name, value in told.items()}
        return found

    def load(self, folder: Path) -> Taught:
        return Taught(folder, self._pool)

    def _judge(self, model: Taught) -> dict[str, float]:
        return judge_frames(self._judged, model.scorer, self._settings.false_per_frame)

    def _labelled(self, items: np.ndarray, answers: np.ndarray) -> pd.DataFrame:
        rows = self._pool.table.loc[items.tolist()].reset_index()
        comet = [answer == COMET for answer in answers]
        return rows.assign(comet=comet)[list(LABELLED_COLUMNS)]

    def _trained_on(self, labelled: pd.DataFrame) -> str:
        return (
            f"{len(labelled)} labelled detections, {int(labelled['comet'].sum())} of them comets, "
            f"shown {self._settings.repeat} times among the frames of a set; begun with "
            f"{self._start.facts['version']} ({self._start.facts['trained_on']})"
        )


def config_of(start: Weights, settings: Settings, seed: int, *, calibrated: bool) -> Config:
    """Go on as the earlier weights were trained, for fewer steps.

    Parameters
    ----------
    start : Weights
    settings : Settings
    seed : int
        Of the training.
    calibrated : bool
        Whether scores are to be calibrated, as those of the earlier weights are.
    """
    facts, network = start.facts, start.facts["network"]
    kept = _among(network["settings"], FAMILY.configurable(network["name"]))
    training = _among(facts["training"], TrainingConfig.__dataclass_fields__)
    calibration = (facts["calibration"] if calibrated else None) or {"method": "none"}
    return read_config(
        {
            "network": {"name": network["name"], "start": str(start.path), **kept},
            "inputs": {key: facts[key] for key in ("preprocessing", "channels")},
            "windows": facts["windows"],
            "training": {
                **training, "epochs": settings.epochs, "patience": settings.epochs,
                "steps": settings.steps, "learning_rate": settings.learning_rate, "seed": seed,
                "tracking": "csv", "tracking_uri": "",
            },
            "calibration": {"method": calibration["method"]},
        }
    )  # fmt: skip


def _among(facts: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if name in names}


def _train(frames: FrameSet, config: Config, folder: Path, *, trained_on: str) -> None:
    _backend.start()
    from skysift.models.tails.training import train

    train(frames, config, folder, name=NAME, trained_on=trained_on)


def _claim(work: Path, name: str) -> Path:
    """Go on in a training's folder if it is there; those of other labels have had their time."""
    folder = work / f"{WORK}{name}"
    folder.mkdir(parents=True, exist_ok=True)
    for other in work.glob(f"{WORK}*"):
        if other != folder:
            shutil.rmtree(other)
    return folder
