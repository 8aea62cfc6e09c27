"""Load weights and ask them about galaxies."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from skysift.galaxy_zoo import Tree, tree_of
from skysift.models import _backend
from skysift.models._weights import Weights, WeightsError, load_once, read_weights
from skysift.models.zoobot.inputs import as_stored
from skysift.models.zoobot.labels import Labels
from skysift.models.zoobot.uncertainty import information
from skysift.models.zoobot.uncertainty.passes import Passes, together
from skysift.models.zoobot.uncertainty.sampler import VIEWS, Sampler, turned

PASSES = 15
"""With dropout, by default; published for choosing what to label next."""


class Scorer:
    """A network ready to look at galaxies.

    Attributes
    ----------
    version : str
        E.g. ``zoobot-own+0123abcd``.
    trained_on : str
        What the network learned from, in words.
    labels : Labels
        The questions that it answers, and of which columns of votes it learned them.
    side, channels : int
        Of the images that it takes.
    """

    def __init__(self, weights: Weights) -> None:
        from skysift.models._serving import compiled
        from skysift.models.zoobot.networks.answers import FRACTIONS
        from skysift.models.zoobot.stored import rebuild

        facts = weights.facts
        self.version: str = facts["version"]
        self.trained_on: str = facts["trained_on"]
        tree = tree_of(facts["tree"]["name"], facts["tree"])
        self.labels = Labels(tree, tuple(tuple(columns) for columns in facts["labels"]))
        settings = facts["network"]["settings"]
        self.side, self.channels = settings["stored"], settings["channels"]
        self._pixels, self._concentrated = settings["pixels"], settings["kind"] != FRACTIONS
        self._recalibration = facts["recalibration"]
        self._sampler = Sampler(rebuild(weights), compiled)

    @property
    def tree(self) -> Tree:
        """The questions that the network answers."""
        return self.labels.tree

    def score(self, images: np.ndarray, passes: int = PASSES) -> dict[str, np.ndarray]:
        """Tell how people would vote on n galaxies; n may be 0. See `summary`.

        Parameters
        ----------
        images : ndarray (n, side, side, channels)
            uint8, 0 to 255, or float, 0 to 1. With NaN the answer is NaN.
        passes : int
            With dropout.

        Raises
        ------
        ValueError
            If the images are of another shape, type or range.
        """
        return summary(self.passes(images, passes))

    def passes(
        self,
        images: np.ndarray,
        passes: int = PASSES,
        *,
        views: int = 1,
        seed: int = 0,
        widened: bool = True,
    ) -> Passes:
        """Look at images again and again.

        Parameters
        ----------
        images : ndarray (n, side, side, channels)
            As for `score`.
        passes : int
            With dropout, of each view. The trunk runs once a view, however many there are.
        views : int
            Orientations in which each image is seen, 1 to 8: what should not matter, and is told
            apart from what the network does not know (`Passes.scatter`).
        seed : int
            Of the dropout.
        widened : bool
            As the validation part of the training demanded: see `widen`.

        Returns
        -------
        Passes

        Raises
        ------
        ValueError
            If the images are of another shape, type or range, or a number is out of range.
        """
        if passes < 1:
            raise ValueError(f"passes must be 1 or more. Got: {passes}")
        if not 1 <= views <= VIEWS:
            raise ValueError(f"views must be 1 to {VIEWS}, orientations of a square. Got: {views}")
        ready, whole = self._ready(images)
        values = [
            self._sampler.sampled(
                self._sampler.features(turned(ready, view)),
                self._sampler.masks(passes, seed + view),
            )
            for view in range(views)
        ]
        told = self._passes(np.concatenate(values, axis=1), whole, views)
        return self.widen(told) if widened else told

    def widen(self, passes: Passes) -> Passes:
        """Widen passes of this network, as the validation part of its training demanded."""
        return passes.widened(self._recalibration)

    def settled(self, images: np.ndarray) -> Passes:
        """Look at images once, without dropout."""
        ready, whole = self._ready(images)
        values = self._sampler.settled(self._sampler.features(ready))
        return self.widen(self._passes(values[:, None], whole, views=1))

    def represent(self, images: np.ndarray) -> np.ndarray:
        """Return what the network found in images, before it answers: (n, width), float32."""
        ready, whole = self._ready(images)
        return np.where(whole[:, None], self._sampler.features(ready), np.float32(np.nan))

    def answer(
        self, features: np.ndarray, passes: int = PASSES, *, seed: int = 0, widened: bool = True
    ) -> Passes:
        """Answer from what `represent` returned: as `passes`, and the trunk need not run."""
        whole = np.isfinite(features).all(axis=1)
        known = np.where(whole[:, None], features, np.float32(0.0))
        values = self._sampler.sampled(known, self._sampler.masks(passes, seed))
        told = self._passes(values, whole, views=1)
        return self.widen(told) if widened else told

    def _ready(self, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Bring images to what the network takes, and tell which are whole, (n,) of bool."""
        ready = as_stored(images, self.side, self.channels, self._pixels)
        whole = np.isfinite(ready).all(axis=(1, 2, 3))
        ready[~whole] = 0
        return ready, whole

    def _passes(self, values: np.ndarray, whole: np.ndarray, views: int) -> Passes:
        values[~whole] = np.nan
        return Passes(self.tree, values, self._concentrated, views)


class Ensemble:
    """Several networks of the same questions, whose passes are looked at as one's.

    Parameters
    ----------
    members : sequence of Scorer
        At least one.

    Raises
    ------
    ValueError
        If they answer different questions.
    """

    def __init__(self, members: Sequence[Scorer]) -> None:
        if not members:
            raise ValueError("an ensemble needs a network")
        if any(one.labels != members[0].labels for one in members):
            raise ValueError("networks of an ensemble must answer the same questions")
        self.members = tuple(members)
        self.labels, self.tree = members[0].labels, members[0].tree
        self.version = ", ".join(one.version for one in members)
        self.trained_on = "; ".join(dict.fromkeys(one.trained_on for one in members))

    def score(self, images: np.ndarray, passes: int = PASSES) -> dict[str, np.ndarray]:
        """Tell how people would vote: see `Scorer.score`. `passes` are of each network."""
        return summary(self.passes(images, passes))

    def passes(
        self,
        images: np.ndarray,
        passes: int = PASSES,
        *,
        views: int = 1,
        seed: int = 0,
        widened: bool = True,
    ) -> Passes:
        """Look at images with each network: see `Scorer.passes`."""
        return together(
            [
                one.passes(images, passes, views=views, seed=seed + VIEWS * place, widened=widened)
                for place, one in enumerate(self.members)
            ]
        )

    def widen(self, passes: Passes) -> Passes:
        """Widen passes of these networks, each its own: see `Scorer.widen`."""
        parts = np.split(passes.values, len(self.members), axis=1)
        views = passes.views // len(self.members)
        return together(
            [
                one.widen(replace(passes, values=part, views=views))
                for one, part in zip(self.members, parts, strict=True)
            ]
        )


def summary(passes: Passes) -> dict[str, np.ndarray]:
    """Say in a few numbers what all passes say.

    Returns
    -------
    dict of ndarray, float32
        ``fractions`` (n, answers), in the order of ``tree.columns``, of those who are asked;
        ``scatter`` (n, answers), their standard deviation between passes. By question,
        (n, questions): ``asked``, the share of people who get so far; ``entropy`` of one person's
        answer [nat], and ``information``, the part of it that labels could mend [nat].
    """
    fractions = passes.fractions
    mean = fractions.mean(axis=1)
    told = [information.of_answers(passes, question.name) for question in passes.tree.questions]
    asked = passes.tree.asked(mean)
    asked[np.isnan(mean).any(axis=1)] = np.nan
    answer = {
        "fractions": mean,
        "scatter": fractions.std(axis=1),
        "asked": asked,
        "entropy": np.stack([one.predictive for one in told], axis=1),
        "information": np.stack([one.mutual for one in told], axis=1),
    }
    return {name: column.astype(np.float32) for name, column in answer.items()}


def load(weights: str | os.PathLike[str] | None = None, *, threads: int | None = None) -> Scorer:
    """Load a network, once per process.

    Parameters
    ----------
    weights : path-like, optional
        A ``.keras`` file with its sidecar, or a folder with one. None ships with skysift yet.
    threads : int, optional
        Cores to use, decided by the first call in a process; by default ``SKYSIFT_THREADS``, else
        what Spark gives a task, else all.

    Raises
    ------
    WeightsError
        If there are no such weights, or they differ from what their sidecar says.
    """
    _backend.start(threads)
    return load_once(_file(weights), Scorer)


def load_ensemble(weights: Sequence[str | os.PathLike[str]]) -> Ensemble:
    """Load several networks as one; as `load`.

    Raises
    ------
    WeightsError
        As `load`.
    ValueError
        If there is none, or they answer different questions.
    """
    return Ensemble([load(path) for path in weights])


def check_weights(weights: str | os.PathLike[str] | None = None) -> Mapping[str, Any]:
    """Check that weights are there and whole, without loading them.

    Returns
    -------
    mapping
        What their sidecar says, ``version``, ``tree`` and ``labels`` among it.

    Raises
    ------
    WeightsError
        If there are no such weights, or they differ from what their sidecar says.
    """
    return read_weights(_file(weights)).facts


def _file(weights: str | os.PathLike[str] | None) -> str | os.PathLike[str]:
    if weights is None:
        raise WeightsError(
            "no weights of zoobot ship with skysift yet: train some with `skysift train zoobot`, "
            "and give their path"
        )
    return weights
