"""The table ``[network]`` of a config file: which network, and settings of the right kind."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from skysift.models._settings import ConfigError, check_keys, nearest
from skysift.models.btsbot import networks

SET_BY_TRAINING = ("side", "mean", "variance")
"""Settings of networks that follow from the training set or the crop: not for a config file."""


@dataclass(frozen=True)
class NetworkConfig:
    """[network]: which network, its settings (see `networks.settings_of`), and its beginning.

    Attributes
    ----------
    name : str
    settings : mapping
    start : str
        Path of earlier weights, with whose branches it begins (see `start`); empty: with nothing.
    """

    name: str = "compact"
    settings: Mapping[str, Any] = field(default_factory=dict)
    start: str = ""


def configurable(name: str) -> dict[str, Any]:
    """Return the settings of a network that a config file may name, with their defaults."""
    settings = networks.settings_of(name)
    return {key: value for key, value in settings.items() if key not in SET_BY_TRAINING}


def read_network(table: Mapping[str, Any]) -> NetworkConfig:
    """Read the table: the name, the settings' names, and of what kind their values are.

    Whether the network can be built of them is known only when it is, see `beforehand`.

    Raises
    ------
    ConfigError
        Naming the key, the rule and the value.
    """
    if not isinstance(table, Mapping):
        raise ConfigError(f"[network] must be a table. Got: {table!r}")
    settings = dict(table)
    name = settings.pop("name", NetworkConfig.name)
    if name not in networks.NAMES:
        hint = nearest(str(name), networks.NAMES)
        raise ConfigError(f"[network] name is not of a network: {name!r}{hint}")
    start = settings.pop("start", NetworkConfig.start)
    if not isinstance(start, str):
        raise ConfigError(f"[network] start must be the path of trained weights. Got: {start!r}")
    known = configurable(name)
    check_keys(settings, ["name", "start", *known], "[network]")
    for key, default in known.items():
        if default is inspect.Parameter.empty and not isinstance(settings.get(key), str):
            got = repr(settings[key]) if key in settings else "nothing"
            raise ConfigError(f"[network] {key} must be the path of trained weights. Got: {got}")
    for key, value in settings.items():
        _check_kind(f"[network] {key}", value, known[key])
    return NetworkConfig(name, settings, start)


def _check_kind(where: str, value: Any, default: Any) -> None:
    """Refuse a value that is of another kind than the default."""
    listed = isinstance(default, tuple)
    kind = type(default[0] if listed else default)
    if kind not in _KINDS:
        return
    one, many, fits = _KINDS[kind]
    right = (
        isinstance(value, list | tuple) and len(value) > 0 and all(map(fits, value))
        if listed
        else fits(value)
    )
    if not right:
        rule = f"a list of {many}" if listed else one
        raise ConfigError(f"{where} must be {rule}. Got: {value!r}")


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return _is_integer(value) or isinstance(value, float)


def _is_truth(value: Any) -> bool:
    return isinstance(value, bool)


_KINDS: dict[type, tuple[str, str, Callable[[Any], bool]]] = {
    bool: ("true or false", "truth values", _is_truth),
    int: ("an integer", "integers", _is_integer),
    float: ("a number", "numbers", _is_number),
}
"""Kinds of settings by their defaults: a value, several, and the test."""
