"""Rebuild a network from its file.

Keras writes into a ``.keras`` file how to make each layer, in words that older releases of Keras do
not know (Python 3.10 ends at Keras 3.12). The numbers in it are read by all of them, so the network
is built by our own code and only they are taken from the file.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from skysift.models._weights import Weights, WeightsError
from skysift.models.btsbot.network import build_compact, build_mm_cnn

if TYPE_CHECKING:
    import keras


def rebuild(weights: Weights) -> keras.Model:
    """Build the network that a file's sidecar names and give it the file's weights.

    Raises
    ------
    WeightsError
        If the network is none of ours, or the weights are not such a network's.
    """
    name = weights.facts.get("network")
    if name not in _BUILDERS:
        raise WeightsError(
            f"{weights.path} holds a network {name!r}; known are: {', '.join(_BUILDERS)}"
        )
    try:
        model = _BUILDERS[name](weights.path)
        model.load_weights(weights.path)
    except (KeyError, ValueError, zipfile.BadZipFile) as error:
        raise WeightsError(f"{weights.path} holds no weights of {name}: {error}") from error
    return model


def _compact(path: Path) -> keras.Model:
    """Build the compact network, whose statistics of features are settings, not weights."""
    with zipfile.ZipFile(path) as file:
        config = json.loads(file.read("config.json"))
    layers = {layer["name"]: layer["config"] for layer in config["config"]["layers"]}
    scale = layers["normalise"]
    return build_compact(scale["mean"], scale["variance"])


_BUILDERS: dict[str, Callable[[Path], keras.Model]] = {
    "compact": _compact,
    "mm_cnn": lambda path: build_mm_cnn(),
}
