"""A network in a campaign: sampled with dropout, its trunk run once for each galaxy."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

from skysift.active_learning.learner import Doubt
from skysift.active_learning.signals import MissingSignalError
from skysift.campaigns.zoobot.doubts import doubt_of, next_answer
from skysift.campaigns.zoobot.pool import GalaxyPool
from skysift.models.zoobot import Scorer
from skysift.models.zoobot.uncertainty.passes import Passes

AT_ONCE = 256
"""Galaxies whose images are held in memory at a time."""


class Trunk:
    """What a trunk sees of galaxies, remembered by their names.

    Parameters
    ----------
    scorer : Scorer
        Whose trunk it is.
    galaxies : GalaxyPool
        Where images are found.
    """

    def __init__(self, scorer: Scorer, galaxies: GalaxyPool) -> None:
        self._scorer, self._galaxies = scorer, galaxies
        self._seen: dict[str, np.ndarray] = {}

    def features(self, ids: Sequence[str]) -> np.ndarray:
        """Return the features of galaxies, (n, width), float32."""
        new = [name for name in dict.fromkeys(ids) if name not in self._seen]
        for start in range(0, len(new), AT_ONCE):
            part = new[start : start + AT_ONCE]
            features = self._scorer.represent(self._galaxies.images(part))
            self._seen.update(zip(part, features, strict=True))
        if not len(ids):
            return self._scorer.represent(self._galaxies.images(()))
        return np.stack([self._seen[name] for name in ids])


class Files(Protocol):
    """Where a network's files lie: a folder that may go when nobody needs it any more."""

    @property
    def folder(self) -> Path:
        """The folder."""
        ...


class Taught:
    """What was learned from votes.

    Parameters
    ----------
    scorer : Scorer
    trunk : Trunk
        Of the same network, or of one with the same trunk.
    files : Files
        Its weights.
    targets : sequence of str
        Questions that rows are chosen for.
    passes, votes : int
        With dropout; and votes that doubt is told of.

    Attributes
    ----------
    version : str
    classes : tuple of str
        Answers, as ``<question>_<answer>``.
    """

    def __init__(
        self, scorer: Scorer, trunk: Trunk, files: Files, *, targets: Sequence[str], passes: int,
        votes: int,
    ) -> None:  # fmt: skip
        self.version, self.classes = scorer.version, scorer.tree.columns
        self.files = files
        self._scorer, self._trunk = scorer, trunk
        self._targets, self._passes, self._votes = tuple(targets), passes, votes

    def told(self, features: np.ndarray, *, widened: bool = True) -> Passes:
        """Return what all passes say of galaxies by name, as served or as drawn."""
        known = self._trunk.features(features.tolist())
        return self._scorer.answer(known, self._passes, widened=widened)

    def predict(self, features: np.ndarray) -> np.ndarray:
        """Return the fractions to expect, (n, answers): each question's add up to 1."""
        return self.told(features).mean

    def doubt(self, features: np.ndarray) -> Doubt:
        """Tell the doubt about each target."""
        return doubt_of(self.told(features, widened=False), self._targets, self._votes)

    def committee(self, features: np.ndarray) -> np.ndarray:
        """Return how one more person answers the target, by each pass, (passes, n, outcomes).

        Raises
        ------
        MissingSignalError
            If there are several targets: their answers are no one choice.
        """
        if len(self._targets) > 1:
            raise MissingSignalError("it needs one question: set [zoobot] target")
        return next_answer(self.told(features, widened=False), self._targets[0])
