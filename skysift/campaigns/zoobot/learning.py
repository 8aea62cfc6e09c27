"""Zoobot as active learning wants it: from votes to a network, whole or a head on a fixed trunk."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from skysift.active_learning.learner import Learner
from skysift.active_learning.pool import Pool
from skysift.campaigns.kind import NotEnoughLabelsError
from skysift.campaigns.votes_table import columns_of, matrix_of
from skysift.campaigns.zoobot.judging import judge
from skysift.campaigns.zoobot.pool import GalaxyPool
from skysift.campaigns.zoobot.settings import Settings, form
from skysift.campaigns.zoobot.taught import Taught, Trunk
from skysift.models import _backend
from skysift.models._weights import read_weights
from skysift.models.zoobot import Scorer
from skysift.models.zoobot.config import LabelsConfig

NAME = "zoobot"
"""Stem of the weights."""

VALIDATION = 0.2
"""Share of the labelled galaxies by which a whole network is stopped early."""

LEAST = 5
"""Galaxies with votes that a network is learned from."""


@dataclass(frozen=True)
class Kept:
    """The folder of a finished round."""

    folder: Path


class Passing:
    """A folder that goes with whoever holds it."""

    def __init__(self) -> None:
        self._held = tempfile.TemporaryDirectory(prefix="skysift-zoobot-")

    @property
    def folder(self) -> Path:
        """The folder."""
        return Path(self._held.name)


def learner(pool: Pool, background: np.ndarray, settings: Settings) -> Learner:
    """Make the functions that active learning calls.

    Parameters
    ----------
    pool : GalaxyPool
    background : ndarray (n,), bool
        Of no use here: galaxies without votes teach nothing.
    settings : Settings

    Returns
    -------
    Learner
        Its ``fit`` raises `NotEnoughLabelsError` if fewer than `LEAST` galaxies have votes.
    """
    assert isinstance(pool, GalaxyPool)
    _backend.start()
    school = _School(pool, settings)
    return Learner(school.fit, school.evaluate, save, school.load)


def save(model: Taught, folder: Path) -> None:
    """Write the network's weights: what ``--weights zoobot=`` takes."""
    for file in model.files.folder.iterdir():
        if file.is_file():
            shutil.copyfile(file, folder / file.name)


class _School:
    """The functions, with what they share: settings, images, and what a fixed trunk sees."""

    def __init__(self, pool: GalaxyPool, settings: Settings) -> None:
        self._pool, self._settings = pool, settings
        self._labels, self._form = settings.learned(), form(settings)
        self._trunk: Trunk | None = None
        if settings.trunk:
            self._trunk = Trunk(Scorer(read_weights(settings.trunk)), pool)

    def fit(
        self,
        features: np.ndarray,
        answers: np.ndarray,
        rng: np.random.Generator,
        *,
        groups: np.ndarray,
    ) -> Taught:
        votes = self.votes(answers)
        voted = votes.sum(axis=1) > 0
        if voted.sum() < LEAST:
            raise NotEnoughLabelsError(
                f"{int(voted.sum())} galaxies have votes, and {LEAST} are the least to learn from."
            )
        files = Passing()
        learn = self._head if self._settings.trunk else self._whole
        learn(features[voted], votes[voted], files.folder, rng)
        return self._taught(files)

    def evaluate(
        self, model: Taught, features: np.ndarray, answers: np.ndarray
    ) -> Mapping[str, float]:
        if not len(features):
            return {}
        least = self._settings.judged_votes
        return judge(model.told(features), self.votes(answers), least=least)

    def load(self, folder: Path) -> Taught:
        return self._taught(Kept(folder))

    def votes(self, answers: Iterable[Any]) -> np.ndarray:
        """Count the votes in the order in which they are learned, (n, answers)."""
        table = pd.DataFrame(matrix_of(answers, self._form), columns=columns_of(self._form))
        return self._labels.votes(table)

    def _taught(self, files: Kept | Passing) -> Taught:
        scorer, asked = Scorer(read_weights(files.folder)), self._settings
        return Taught(
            scorer, self._trunk or Trunk(scorer, self._pool), files,
            targets=asked.targets(), passes=asked.passes, votes=asked.votes,
        )  # fmt: skip

    def _head(
        self, ids: np.ndarray, votes: np.ndarray, folder: Path, rng: np.random.Generator
    ) -> None:
        from skysift.models.zoobot.heads import HeadConfig, learn_head

        assert self._trunk is not None
        learn_head(
            self._trunk.features(ids.tolist()), votes, self._labels,
            HeadConfig(loss=self._settings.loss), folder, trunk=self._settings.trunk, name=NAME,
            trained_on=_trained_on(len(ids)), seed=_seed(rng),
        )  # fmt: skip

    def _whole(
        self, ids: np.ndarray, votes: np.ndarray, folder: Path, rng: np.random.Generator
    ) -> None:
        from skysift.models.zoobot.training import train

        assert self._pool.galaxies is not None
        split = np.full(len(ids), "train", dtype=object)
        split[rng.permutation(len(ids))[: max(1, round(VALIDATION * len(ids)))]] = "validation"
        table = pd.DataFrame({"id_str": ids, "split": split})
        table[list(self._labels.tree.columns)] = votes
        labelled = replace(self._pool.galaxies, galaxies=table, tree=self._labels.tree)
        config = self._settings.network()
        training = replace(config.training, seed=_seed(rng), tracking="csv")
        config = replace(config, labels=LabelsConfig(), training=training)
        train(labelled, config, folder, name=NAME, trained_on=_trained_on(len(ids)))


def _trained_on(galaxies: int) -> str:
    return f"{galaxies} galaxies with votes, in a campaign of `skysift learn zoobot`"


def _seed(rng: np.random.Generator) -> int:
    return int(rng.integers(2**31))
