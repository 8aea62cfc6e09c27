"""Begin a training with the numbers of earlier weights, branch by branch.

Earlier weights are of the same branches and of any other training: another set, another label, the
published network, or a network of images only whose image branch goes on in one of both.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import keras
from keras import layers

from skysift.models._weights import Weights, WeightsError, read_weights
from skysift.models.btsbot import networks
from skysift.models.btsbot.stored import rebuild

STATISTICS = ("mean", "variance")
"""Settings by which a metadata branch normalises: its numbers mean nothing without them."""

BRANCHES = {"triplet": "image", "metadata": "metadata", "host": "host"}
"""Branch of each input, in the order in which all networks join them."""

Branches = dict[str, list[layers.Layer]]


@dataclass(frozen=True)
class Start:
    """Earlier weights to begin with.

    Attributes
    ----------
    weights : Weights
    """

    weights: Weights

    def network(self, network: Mapping[str, Any]) -> dict[str, Any]:
        """Return a network's name and settings, normalising features as the earlier one did."""
        earlier = self.weights.facts["network"].get("settings", {})
        kept = {
            name: earlier[name]
            for name in STATISTICS
            if name in network["settings"] and name in earlier
        }
        return {**network, "settings": {**network["settings"], **kept}}

    def give(self, model: keras.Model, name: str) -> list[str]:
        """Give a network of the kind `name` the numbers of the branches that both have.

        The head goes along where it has the same shape; where it has not, for one branch joins or
        leaves, it is left to learn anew.

        Returns
        -------
        list of str
            What was given: of ``image``, ``metadata``, ``host`` and ``head``.

        Raises
        ------
        WeightsError
            If a branch that both have differs, or there is none.
        """
        theirs = branches_of(rebuild(self.weights), self.weights.facts["network"]["name"])
        ours = branches_of(model, name)
        shared = [part for part in ours if part in theirs]
        if shared == ["head"]:
            raise WeightsError(f"{self.weights.path} and {name} have no branch in common")
        if _misfit(ours["head"], theirs["head"]):
            shared.remove("head")
        for part in shared:
            if misfit := _misfit(ours[part], theirs[part]):
                raise WeightsError(
                    f"the {part} branch of {self.weights.path} does not fit this {name}: {misfit}"
                )
            for own, earlier in zip(ours[part], theirs[part], strict=True):
                own.set_weights(earlier.get_weights())
        return shared

    @property
    def facts(self) -> dict[str, str]:
        """Say which weights these are, for the sidecar of what comes of them."""
        return {"version": self.weights.facts["version"], "sha256": self.weights.sha256}


def read_start(path: str | os.PathLike[str], name: str) -> Start:
    """Read weights that a network of the kind `name` is to begin with.

    Raises
    ------
    WeightsError
        If they are not there, damaged, none of ours, or either network is a fusion, whose
        branches have weights of their own.
    """
    weights = read_weights(path)
    earlier = weights.facts.get("network")
    if not isinstance(earlier, dict) or earlier.get("name") not in networks.NAMES:
        raise WeightsError(f"{weights.path} holds none of our networks, but {earlier!r}")
    if "frozen_fusion" in (name, earlier["name"]):
        raise WeightsError(
            "[network] start cannot be with a frozen_fusion: its branches are trained before, "
            "each in weights of its own"
        )
    return Start(weights)


def branches_of(model: keras.Model, name: str) -> Branches:
    """Return the layers with weights of each branch of a network, in order, and of its head.

    Parameters
    ----------
    model : keras.Model
        With its head, whatever else is attached.
    name : str
        Of the network.

    Returns
    -------
    dict of str to list of layers
        ``image``, ``metadata``, ``host``, if there are such inputs, and ``head``.
    """
    joint = model.get_layer(networks.EMBEDDING[name]).input
    body = keras.Model(model.input, joint)
    last = next(layer for layer in body.layers if layer.output is joint)
    ends = last.input if isinstance(last, layers.Concatenate) else [joint]
    names = [branch for given, branch in BRANCHES.items() if given in model.input]
    found = {
        branch: _weighted(keras.Model(model.input, end))
        for branch, end in zip(names, ends, strict=True)
    }
    whole = _weighted(keras.Model(model.input, model.get_layer(networks.LOGIT).output))
    return {**found, "head": [layer for layer in whole if layer not in body.layers]}


def _weighted(model: keras.Model) -> list[layers.Layer]:
    return [layer for layer in model.layers if layer.weights]


def _misfit(ours: list[layers.Layer], theirs: list[layers.Layer]) -> str:
    """Say where two branches first differ in kinds and sizes of layers; empty if nowhere."""
    if len(ours) != len(theirs):
        return f"it has {len(theirs)} layers with weights there, {len(ours)} here"
    for number, (own, earlier) in enumerate(zip(ours, theirs, strict=True), start=1):
        if _kind(own) != _kind(earlier):
            return f"layer {number} is a {_kind(earlier)} there, a {_kind(own)} here"
    return ""


def _kind(layer: layers.Layer) -> str:
    return " ".join([type(layer).__name__, *(str(tuple(w.shape)) for w in layer.weights)])
