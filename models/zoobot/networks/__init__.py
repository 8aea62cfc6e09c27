"""The networks, by name: two published ones, and how their parts are called.

================ ============================================================== ===================
network          what it is                                                     parameters
================ ============================================================== ===================
`bayesian_cnn`   of Walmsley et al. 2020: six convolutions, dropout before the  1,335,394 at 128 px
                 last layer                                                     and two answers
`efficientnet`   of Walmsley et al. 2022: EfficientNet-B0, or a smaller or      4,048,988 and 1,281
                 larger one of the family                                       an answer
================ ============================================================== ===================

The input is named ``images``: (n, stored, stored, channels), pixels as they are stored. How they
are scaled, made grey, turned and cut is part of the network (see `view`), so that nobody can do it
otherwise. The output is (n, answers), question after question; see `answers` for what it means.

A network is three parts: the view, the trunk, and behind one layer of dropout the head. All that is
drawn when a network is sampled comes behind the trunk, which therefore runs once.

Settings are keyword arguments of the builders; they and the name are all that is needed to build a
network again. Made of Keras layers and operations only: they run on any backend.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras

NAMES = ("bayesian_cnn", "efficientnet")
"""What `build` can build."""

INPUT = "images"

DROPOUT, LOGITS = "dropout", "logits"
"""Layers: what goes into the first are the features, or representation; the last but one."""


def build(name: str, **settings: Any) -> keras.Model:
    """Build a network that has learned nothing.

    Parameters
    ----------
    name : str
        One of `NAMES`.
    **settings
        Those of `settings_of`.

    Raises
    ------
    ValueError
        If there is no such network, or it cannot be built so.

    Examples
    --------
    >>> build("bayesian_cnn", stored=64, side=32, answers=(3, 2)).output_shape
    (None, 5)
    """
    return builder(name)(**settings)


def builder(name: str) -> Callable[..., keras.Model]:
    """Return the function that builds the network `name`."""
    if name not in NAMES:
        raise ValueError(f"name must be one of {', '.join(NAMES)}. Got: {name!r}")
    return getattr(import_module(f"{__name__}.{name}"), name)


def settings_of(name: str) -> dict[str, Any]:
    """Return the settings that a network takes, with their defaults."""
    parameters = inspect.signature(builder(name)).parameters.values()
    return {parameter.name: parameter.default for parameter in parameters}
