"""What can be told of a training before there is a training set: that its network can be built."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from skysift.models._settings import ConfigError
from skysift.models._weights import read_weights
from skysift.models.btsbot import networks
from skysift.models.btsbot.config import Config
from skysift.models.btsbot.start import read_start

if TYPE_CHECKING:
    import keras


def inputs_of(config: Config) -> tuple[str, ...]:
    """Build the network that a config asks for, once for the look of it; return its inputs.

    It gets the branches that it is to begin with, too, so that nobody reads alerts for an hour to
    be told then that they do not fit.

    Returns
    -------
    tuple of str
        Of ``triplet``, ``metadata`` and ``host``.

    Raises
    ------
    ConfigError
        If it cannot be built so.
    WeightsError
        If weights that it is made of, or begins with, are not there or do not fit.
    """
    asked = config.network
    settings = {**networks.settings_of(asked.name), **asked.settings}
    if "side" in settings:
        settings["side"] = config.training.crop
    if asked.name == "frozen_fusion":
        for branch in ("image", "metadata"):
            settings[branch] = read_weights(settings[branch]).facts["network"]
    network: dict[str, Any] = {"name": asked.name, "settings": settings}
    if not asked.start:
        return tuple(build(network).input)
    start = read_start(asked.start, asked.name)
    model = build(start.network(network))
    start.give(model, asked.name)
    return tuple(model.input)


def build(network: Mapping[str, Any]) -> keras.Model:
    """Build a network of a config's settings.

    Parameters
    ----------
    network : mapping
        ``name`` and ``settings``, see `networks.build`.

    Raises
    ------
    ConfigError
        Saying of which network the settings are, and what the builder says of them.
    """
    name = network["name"]
    try:
        return networks.build(name, **network["settings"])
    except (IndexError, KeyError, TypeError, ValueError, ZeroDivisionError) as error:
        told = str(error).strip().splitlines()
        why = told[0] if told else type(error).__name__
        raise ConfigError(f"[network] a {name} cannot be built so: {why}") from error
