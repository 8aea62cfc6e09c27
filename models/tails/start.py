"""Begin a training with the numbers of earlier weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras

from skysift.models._weights import Weights, WeightsError
from skysift.models.tails import networks
from skysift.models.tails.networks.two_looks import FINDER
from skysift.models.tails.stored import rebuild


def finder_of(start: Weights) -> dict[str, Any]:
    """Return the settings of the quick network in weights of `heat_map` or `two_looks`.

    Raises
    ------
    WeightsError
        If they are of another network.
    """
    network = start.facts.get("network") or {}
    if network.get("name") == "two_looks":
        return dict(network["settings"]["finder"])
    if network.get("name") == "heat_map":
        return dict(network["settings"])
    raise WeightsError(f"{start.path} holds {network}: a second look needs a heat_map that finds")


def check_start(start: Weights, network: Mapping[str, Any], inputs: Mapping[str, Any]) -> None:
    """Refuse weights of another network, of other settings, or of other inputs.

    Parameters
    ----------
    start : Weights
    network : mapping
        ``name`` and ``settings`` of the network that is trained.
    inputs : mapping
        Its ``preprocessing`` and ``channels``.

    Raises
    ------
    WeightsError
    """
    earlier, wanted = _with_defaults(start.facts.get("network") or {}), [dict(network)]
    if network["name"] == "two_looks":
        wanted.append({"name": FINDER, "settings": network["settings"]["finder"]})
    seen = {key: start.facts.get(key) for key in inputs}
    if earlier not in wanted or seen != dict(inputs):
        raise WeightsError(
            f"{start.path} holds {earlier} of {seen}, and a training of {dict(network)} of "
            f"{dict(inputs)} cannot begin with that: take the same [network] and [inputs]"
        )


def _with_defaults(network: Mapping[str, Any]) -> dict[str, Any]:
    """Fill in settings that came after the weights were written."""
    if network.get("name") not in networks.NAMES:
        return dict(network)
    known = networks.settings_of(network["name"])
    return {"name": network["name"], "settings": {**known, **network["settings"]}}


def give(start: Weights, model: keras.Model) -> None:
    """Give a network the numbers of the weights; those of a `heat_map` to that of `two_looks`."""
    if model.name == "two_looks" and start.facts["network"]["name"] == "heat_map":
        model = model.get_layer(FINDER)
    model.set_weights(rebuild(start).get_weights())


def facts_of(start: Weights) -> dict[str, str]:
    """Say which weights these are, for the sidecar of what comes of them."""
    return {"version": start.facts["version"], "sha256": start.sha256}
