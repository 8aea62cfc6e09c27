"""Rebuild a network with its memory from its file; see `skysift.models._keras_file`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from skysift.models import _keras_file
from skysift.models._weights import Weights
from skysift.models.ganomaly import networks

if TYPE_CHECKING:
    import keras


def rebuild(weights: Weights) -> keras.Model:
    """Build the network that a file's sidecar names and give it the file's weights.

    Raises
    ------
    WeightsError
        If the network is none of ours, or the weights are not such a network's.
    """
    from skysift.models.ganomaly.networks.measures import remembering

    def build(name: str, **settings: Any) -> keras.Model:
        return remembering(networks.build(name, **settings), weights.facts["memory"])

    return _keras_file.rebuild(weights, networks.NAMES, build)
