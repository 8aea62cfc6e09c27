"""The table ``[network]`` of a config file: which network, its settings, and how it begins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from skysift.models._family import Family
from skysift.models._settings import ConfigError, check_keys, nearest


@dataclass(frozen=True)
class NetworkConfig:
    """[network]: which network, its settings, and how it begins.

    Attributes
    ----------
    name : str
    settings : mapping
        See `settings_of` of the model's networks.
    start : str
        Path of earlier weights to go on from, in models that know how; empty begins anew.
    """

    name: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    start: str = ""

    @property
    def as_dict(self) -> dict[str, Any]:
        """The table as JSON and TOML can hold it."""
        start = {"start": self.start} if self.start else {}
        return {"name": self.name, **start, **self.settings}


def read_network(table: Any, family: Family, default: str, *, start: bool = False) -> NetworkConfig:
    """Check the names in the table; what settings are worth is known when the network is built.

    Parameters
    ----------
    table : Any
        What the config file has there.
    family : Family
        The networks that it may name.
    default : str
        The network where it names none.
    start : bool
        Whether the model can go on from earlier weights.

    Raises
    ------
    ConfigError
        Naming the key, the rule, the value and the nearest known key.
    """
    if not isinstance(table, Mapping):
        raise ConfigError(f"[network] must be a table. Got: {table!r}")
    settings = dict(table)
    name = settings.pop("name", default)
    if name not in family.names:
        hint = nearest(str(name), family.names)
        raise ConfigError(f"[network] name is not of a network: {name!r}{hint}")
    known = ["name", *(["start"] if start else []), *family.configurable(name)]
    check_keys(settings, known, "[network]")
    beginning = settings.pop("start", "")
    if not isinstance(beginning, str):
        raise ConfigError(
            f"[network] start must be the path of trained weights. Got: {beginning!r}"
        )
    return NetworkConfig(name, settings, beginning)
