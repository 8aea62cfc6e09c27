"""Rebuild a network, with its gate if it has one, from its file; see `models._keras_file`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from skysift.models import _keras_file
from skysift.models._weights import Weights
from skysift.models.btsbot import networks
from skysift.models.btsbot.gate import attach, build_gate

if TYPE_CHECKING:
    import keras


def rebuild(weights: Weights) -> keras.Model:
    """Build the network that a file's sidecar names and give it the file's weights.

    Raises
    ------
    WeightsError
        If the network is none of ours, or the weights are not such a network's.
    """

    def build(name: str, **settings: Any) -> keras.Model:
        model = networks.build(name, **settings)
        if "gate" in weights.facts:
            model = attach(model, build_gate(**weights.facts["gate"]["settings"]))
        return model

    return _keras_file.rebuild(weights, networks.NAMES, build)
