"""Campaigns: models that learn from people, round after round; what `skysift learn` does.

A folder here is a model's registration: what it brings to be taught, as its `KIND`. The files are
what all of them share: the pool that alerts are listened into, the configuration, a round from its
questions to the link that a running job follows. Here alerts, models, active learning and streams
meet, so the room stands above all of theirs.
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from skysift.campaigns.kind import Kind

__all__ = ["get", "names"]


def names() -> list[str]:
    """Name every model that can be taught, sorted; none is imported for it."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__) if module.ispkg)


def get(name: str) -> Kind:
    """Return what a model brings; importing it loads neither Spark nor a deep-learning library.

    Raises
    ------
    KeyError
        If there is none of this name; the message lists those there are.
    """
    if name not in names():
        raise KeyError(f"no model {name!r} can be taught; there are: {', '.join(names())}")
    return importlib.import_module(f"{__name__}.{name}").KIND
