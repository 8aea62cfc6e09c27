"""A model's networks, by name: each is a function of its settings, in a file of the model's own."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class Family:
    """Networks that lie in one package; a network's file is read when it is asked for.

    Attributes
    ----------
    package : str
        Where the files lie.
    names : tuple of str
        The networks, each the name of the function that builds it.
    set_by_training : tuple of str
        Settings that follow from the training set or from other tables of a config file.
    files : mapping
        From a network to its file, where that is not called like the network.
    """

    package: str
    names: tuple[str, ...]
    set_by_training: tuple[str, ...]
    files: Mapping[str, str] = field(default_factory=dict)

    def build(self, name: str, **settings: Any) -> keras.Model:
        """Build a network that has learned nothing.

        Parameters
        ----------
        name : str
            One of `names`.
        **settings
            Those of `settings_of`.

        Raises
        ------
        ValueError
            If there is no such network, or it cannot be built so.
        """
        return self._builder(name)(**settings)

    def settings_of(self, name: str) -> dict[str, Any]:
        """Return the settings that a network takes, with their defaults.

        A setting that has none and must be given is ``inspect.Parameter.empty``.

        Raises
        ------
        ValueError
            If there is no such network.
        """
        parameters = inspect.signature(self._builder(name)).parameters.values()
        return {parameter.name: parameter.default for parameter in parameters}

    def configurable(self, name: str) -> dict[str, Any]:
        """Return the settings that a config file may name, with their defaults."""
        settings = self.settings_of(name)
        return {key: value for key, value in settings.items() if key not in self.set_by_training}

    def _builder(self, name: str) -> Callable[..., keras.Model]:
        if name not in self.names:
            raise ValueError(f"name must be one of {', '.join(self.names)}. Got: {name!r}")
        return getattr(import_module(f"{self.package}.{self.files.get(name, name)}"), name)
