"""Two trained networks, frozen, under a new head: the published v2 recipe.

References
----------
Rehemtulla et al. 2025, arXiv 2512.11957.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras
from keras import layers

from skysift.models.btsbot.networks import EMBEDDING, build
from skysift.models.btsbot.networks._parts import (
    host_input,
    metadata_input,
    single_score,
    triplet_input,
)


def frozen_fusion(
    *,
    image: Mapping[str, Any],
    metadata: Mapping[str, Any],
    widths: Sequence[int] = (128, 32),
    dropout: float = 0.6,
) -> keras.Model:
    """Build a head over an image network and a metadata network, both without theirs and frozen.

    Parameters
    ----------
    image, metadata : mapping
        ``name`` and ``settings`` of the two networks, as in their sidecars. In a config file, the
        paths of their weights; training puts what those hold in place.
    widths : sequence of int (2,)
        Of the dense layers over both.
    dropout : float
    """
    branches = {"image": _body(image, "image"), "metadata": _body(metadata, "metadata")}
    # Inputs
    inputs = {"metadata": metadata_input()}
    if "triplet" in branches["image"].input:
        inputs["triplet"] = triplet_input(branches["image"].input["triplet"].shape[1])
    if "host" in branches["image"].input:
        inputs["host"] = host_input()

    # Head
    parts = [body({name: inputs[name] for name in body.input}) for body in branches.values()]
    z = layers.Concatenate()(parts)
    z = layers.Dense(widths[0], activation="relu", name="comb_fc")(z)
    z = layers.Dense(widths[1], activation="relu", name="head_fc")(z)
    z = layers.Dropout(dropout)(z)
    return keras.Model(inputs, single_score(z), name="frozen_fusion")


def _body(network: Mapping[str, Any], name: str) -> keras.Model:
    """Build a network up to its head, and freeze it."""
    whole = build(network["name"], **network["settings"])
    body = body_of(whole, network["name"])
    frozen = keras.Model(body.input, body.output, name=f"{name}_body")
    frozen.trainable = False
    return frozen


def body_of(model: keras.Model, name: str) -> keras.Model:
    """Return a network of the kind `name` without its head, sharing its layers."""
    return keras.Model(model.input, model.get_layer(EMBEDDING[name]).input)
