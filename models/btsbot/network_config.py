"""The table ``[network]`` of a config file: which network, and settings of the right kind."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from skysift.models import _network_config
from skysift.models._network_config import NetworkConfig
from skysift.models._settings import ConfigError
from skysift.models.btsbot import networks

NETWORK = NetworkConfig("compact")
"""Of a config file that names none."""


def read_network(table: Any) -> NetworkConfig:
    """Read the table: the name, the settings' names, and of what kind their values are.

    Whether the network can be built of them is known only when it is, see `beforehand`.

    Raises
    ------
    ConfigError
        Naming the key, the rule and the value.
    """
    network = _network_config.read_network(table, networks.FAMILY, NETWORK.name, start=True)
    for key, default in networks.FAMILY.configurable(network.name).items():
        value = network.settings.get(key, default)
        if default is inspect.Parameter.empty:
            _check_path(f"[network] {key}", value)
        elif key in network.settings:
            _check_kind(f"[network] {key}", value, default)
    return network


def _check_path(where: str, value: Any) -> None:
    if not isinstance(value, str):
        got = "nothing" if value is inspect.Parameter.empty else repr(value)
        raise ConfigError(f"{where} must be the path of trained weights. Got: {got}")


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
