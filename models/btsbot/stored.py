"""Rebuild a network from its file.

Keras writes into a ``.keras`` file how to make each layer, in words that older releases of Keras do
not know (Python 3.10 ends at Keras 3.12). The numbers in it are read by all of them, so the network
is built by our own code, as the sidecar's ``network`` says, and only they are taken from the file.
"""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

from skysift.models._weights import Weights, WeightsError
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
    network = weights.facts.get("network")
    if not isinstance(network, dict) or network.get("name") not in networks.NAMES:
        raise WeightsError(
            f"{weights.path} holds a network {network!r}; known are: {', '.join(networks.NAMES)}"
        )
    name = network["name"]
    try:
        model = networks.build(name, **network.get("settings", {}))
        if "gate" in weights.facts:
            model = attach(model, build_gate(**weights.facts["gate"]["settings"]))
        model.load_weights(weights.path)
    except (KeyError, TypeError, ValueError, zipfile.BadZipFile) as error:
        raise WeightsError(f"{weights.path} holds no weights of {name}: {error}") from error
    return model
