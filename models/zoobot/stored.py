"""Rebuild a network from its file; see `skysift.models._keras_file`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skysift.models import _keras_file
from skysift.models._weights import Weights
from skysift.models.zoobot import networks

if TYPE_CHECKING:
    import keras


def rebuild(weights: Weights) -> keras.Model:
    """Build the network that a file's sidecar names and give it the file's weights.

    Raises
    ------
    WeightsError
        If the network is none of ours, or the weights are not such a network's.
    """
    return _keras_file.rebuild(weights, networks.NAMES, networks.build)
