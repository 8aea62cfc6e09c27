"""Load weights and score images with them."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from skysift.models import _backend, _serving
from skysift.models._weights import Weights, WeightsError, load_once, read_weights
from skysift.models.ganomaly.config import InputsConfig
from skysift.models.ganomaly.inputs import ImageError, prepare
from skysift.models.ganomaly.reference import Reference
from skysift.models.ganomaly.scores import RAW, scores_of

OK = "ok"


class Scorer:
    """A network ready to say how strange images are.

    Attributes
    ----------
    version : str
        E.g. ``ganomaly-own+0123abcd``.
    trained_on : str
        What the network learned from, in words.
    inputs : InputsConfig
        Side [px] and channels of its images, and how their numbers are scaled.
    reference : Reference
        Scores of images held back in training.
    """

    def __init__(self, weights: Weights) -> None:
        from skysift.models.ganomaly.networks import INPUT, measures
        from skysift.models.ganomaly.stored import rebuild

        facts = weights.facts
        self.version: str = facts["version"]
        self.trained_on: str = facts["trained_on"]
        self.inputs = InputsConfig(facts["side"], facts["channels"], facts["scale"])
        self.reference = Reference.from_dict(facts["reference"])
        network = rebuild(weights)
        self._input, self._codes = INPUT, measures.CODES
        self._measures = _serving.compiled(measures.measures(network))
        self._made = _serving.compiled(measures.one(network, "reconstruction"))
        self._code = _serving.compiled(measures.one(network, "code"))
        self._decoder = _serving.compiled(measures.decoder(network))

    def score(self, images: np.ndarray | Sequence[np.ndarray]) -> dict[str, np.ndarray]:
        """Score n images as they are stored; n may be 0.

        Parameters
        ----------
        images : ndarray (n, h, w, c), or sequence of n ndarray (h, w) or (h, w, c)
            Of any size; see `inputs.prepare`.

        Returns
        -------
        dict of ndarray (n,)
            See `scores.scores_of`; and ``status``, of str: ``ok``, or why there is no score, a word
            of `inputs.ImageError`. The scores are float32, NaN where the status is not ``ok``. An
            image's scores do not depend on the other images.
        """
        ready, status = self.prepare(images)
        return {**self.score_prepared(ready, status == OK), "status": status}

    def prepare(self, images: np.ndarray | Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        """Prepare images; return them, and the status of each.

        Returns
        -------
        ready : ndarray (n, side, side, channels), float32
            In [-1, 1]; -1 where the status is not ``ok``.
        status : ndarray (n,) of str
        """
        side, channels = self.inputs.side, self.inputs.channels
        ready = np.full((len(images), side, side, channels), -1, np.float32)
        status = np.full(len(images), OK, object)
        for i, image in enumerate(images):
            try:
                ready[i] = prepare(image, side=side, channels=channels, scale=self.inputs.scale)
            except ImageError as error:
                status[i] = error.reason
        return ready, status

    def score_prepared(
        self, images: np.ndarray, good: np.ndarray | None = None
    ) -> dict[str, np.ndarray]:
        """Score images from `prepare`.

        Parameters
        ----------
        images : ndarray (n, side, side, channels), float32
        good : ndarray (n,) of bool, optional
            Which to score; by default all.
        """
        good = np.ones(len(images), bool) if good is None else good
        measured = np.full((len(images), len(RAW)), np.nan, np.float32)
        if good.any():
            measured[good] = self._measures({self._input: images[good]})
        return scores_of(measured, self.reference)

    def reconstruct(self, images: np.ndarray) -> np.ndarray:
        """Return what the network makes of images from `prepare`: the same shape, in [-1, 1]."""
        return self._made({self._input: images})

    def encode(self, images: np.ndarray) -> np.ndarray:
        """Return the codes of images from `prepare`, (n, codes), float32."""
        return self._code({self._input: images})

    def decode(self, codes: np.ndarray) -> np.ndarray:
        """Return images of codes, (n, side, side, channels), float32, in [-1, 1]."""
        return self._decoder({self._codes: codes})


def load(weights: str | os.PathLike[str] | None = None, *, threads: int | None = None) -> Scorer:
    """Load a network, once per process.

    Parameters
    ----------
    weights : path-like
        A ``.keras`` file with its sidecar, or a folder with one.
    threads : int, optional
        Cores to use, decided by the first call in a process; by default ``SKYSIFT_THREADS``, else
        what Spark gives a task, else all.

    Raises
    ------
    WeightsError
        If no weights are named, there are none, or they differ from what their sidecar says. A
        network that has learned nothing scores at random.
    """
    path = _named(weights)
    _backend.start(threads)
    return load_once(path, Scorer)


def check_weights(weights: str | os.PathLike[str] | None = None) -> Mapping[str, Any]:
    """Check that weights are there and whole, without loading them.

    Returns
    -------
    mapping
        What their sidecar says.

    Raises
    ------
    WeightsError
        If no weights are named, there are none, or they differ from what their sidecar says.
    """
    return read_weights(_named(weights)).facts


def _named(weights: str | os.PathLike[str] | None) -> str | os.PathLike[str]:
    if weights is None:
        raise WeightsError(
            "GANomaly has no weights of its own yet, and without any it would score at random: "
            "train some with `skysift train ganomaly`, and name them"
        )
    return weights
