"""Begin a training with the numbers of earlier weights of the same network."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import keras

from skysift.models._weights import Weights, WeightsError, read_weights
from skysift.models.tails.stored import rebuild


def read_start(path: str | os.PathLike[str], network: Mapping[str, Any]) -> Weights:
    """Read weights that a network is to begin with.

    Parameters
    ----------
    path : path-like
        A ``.keras`` file or a folder with one.
    network : mapping
        ``name`` and ``settings`` of the network that is trained.

    Raises
    ------
    WeightsError
        If they are not there, damaged, or of another network or other settings.
    """
    weights = read_weights(path)
    earlier = weights.facts.get("network")
    if earlier != dict(network):
        raise WeightsError(
            f"{weights.path} holds {earlier}, and a training of {dict(network)} cannot begin with "
            "that: take the same [network], channels and preprocessing"
        )
    return weights


def give(weights: Weights, learner: keras.Model) -> None:
    """Give a network of the same kind the numbers of the weights."""
    learner.set_weights(rebuild(weights).get_weights())


def facts_of(weights: Weights) -> dict[str, str]:
    """Say which weights these are, for the sidecar of what comes of them."""
    return {"version": weights.facts["version"], "sha256": weights.sha256}
