"""Filters: what decides which alerts a topic gets.

A file here is its registration: ``filters/NAME.py`` holds one function ``NAME`` whose positional
parameters are alert columns, by their names in `skysift.alerts.columns`, and whose keyword-only
parameters are settings with defaults. It answers True for the alerts to keep, and False where a
measurement it needs is null. `discover` finds them all; ``blocks.py`` holds the predicates they
share, and ``topics.toml`` what differs from the defaults in topic, rate cap and settings.
"""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path

from skysift.filters._filter import Filter, FilterError
from skysift.filters._topics import apply_topics

__all__ = ["TOPICS", "Filter", "FilterError", "discover", "get"]

TOPICS = Path(__file__).with_name("topics.toml")
"""Topics, rate caps and settings of the filters that ship with skysift."""

NOT_A_FILTER = "blocks"


def discover(topics: Path = TOPICS) -> dict[str, Filter]:
    """Find every filter in this folder.

    Parameters
    ----------
    topics : Path
        A TOML file with a stanza for each filter that differs from the defaults.

    Returns
    -------
    dict of str to Filter
        By name, sorted. Importing them loads neither Spark nor a deep-learning library.

    Raises
    ------
    ValueError
        If `topics` names a filter or a setting that does not exist, or a value of the wrong type.
    """
    found = sorted(m.name for m in pkgutil.iter_modules(__path__))
    names = [name for name in found if name != NOT_A_FILTER and not name.startswith("_")]
    return apply_topics({name: _load(name) for name in names}, topics)


def get(name: str, topics: Path = TOPICS) -> Filter:
    """Return one filter by name.

    Raises
    ------
    KeyError
        If there is no such filter; the message lists those there are.
    """
    known = discover(topics)
    if name not in known:
        raise KeyError(f"no filter {name!r}; there are: {', '.join(known)}")
    return known[name]


def _load(name: str) -> Filter:
    return Filter.from_python(importlib.import_module(f"{__name__}.{name}"))
