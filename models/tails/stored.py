"""Rebuild a network from its file: built by our own code, only the numbers are the file's.

So weights written with one release of Keras are read with another; see `skysift.models.btsbot`.
"""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

from skysift.models._weights import Weights, WeightsError
from skysift.models.tails import networks

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
        model.load_weights(weights.path)
    except (KeyError, TypeError, ValueError, zipfile.BadZipFile) as error:
        raise WeightsError(f"{weights.path} holds no weights of {name}: {error}") from error
    return model
