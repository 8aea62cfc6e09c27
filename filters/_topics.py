"""``topics.toml``: what differs from the defaults in a filter's topic, rate cap and settings."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from skysift.filters._filter import Filter

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


def apply_topics(filters: Mapping[str, Filter], path: Path) -> dict[str, Filter]:
    """Apply the stanzas of a TOML file to the filters that they name.

    Parameters
    ----------
    filters : mapping of str to Filter
        The filters there are, with their defaults.
    path : Path
        The file. A stanza ``[NAME]`` may hold ``topic`` (text), ``max_per_night`` (a whole number
        above 0), ``order_by`` (an output of a module that the filter takes) and a table
        ``settings``.

    Returns
    -------
    dict of str to Filter
        All of `filters`, in their order.

    Raises
    ------
    ValueError
        Naming the file, and the filter, key or setting at fault.
    """
    try:
        stanzas = tomllib.loads(path.read_text(encoding="utf-8"))
        for name in stanzas:
            if name not in filters:
                raise ValueError(f"no filter {name!r}; there are: {', '.join(filters)}")
        return {name: _apply(one, stanzas.get(name, {})) for name, one in filters.items()}
    except ValueError as error:  # TOML's own errors are ValueErrors too
        raise ValueError(f"{path}: {error}") from error


def _apply(one: Filter, stanza: Any) -> Filter:
    if not isinstance(stanza, Mapping):
        raise ValueError(f"{one.name} must be a table, [{one.name}]; got {stanza!r}")
    for key in stanza:
        if key not in ("topic", "max_per_night", "order_by", "settings"):
            raise ValueError(
                f"filter {one.name}: unknown key {key!r}; a stanza may hold topic, max_per_night, "
                f"order_by and a table [{one.name}.settings]"
            )
    cap, order = _cap(one, stanza), stanza.get("order_by", one.order_by)
    _check_order(one, cap, order)
    changed = replace(one, topic=_topic(one, stanza), max_per_night=cap, order_by=order)
    changed.topic_for("ztf")  # a wrong template is found here, not in the night
    return changed.with_settings(_settings(one, stanza))


def _topic(one: Filter, stanza: Mapping[str, Any]) -> str:
    topic = stanza.get("topic", one.topic)
    if not isinstance(topic, str):
        raise ValueError(f"filter {one.name}: topic must be text; got {topic!r}")
    return topic


def _cap(one: Filter, stanza: Mapping[str, Any]) -> int | None:
    cap = stanza.get("max_per_night", one.max_per_night)
    if cap is not None and (type(cap) is not int or cap < 1):
        raise ValueError(
            f"filter {one.name}: max_per_night must be a whole number above 0; got {cap!r}"
        )
    return cap


def _check_order(one: Filter, cap: int | None, order: Any) -> None:
    """Refuse an order without a cap, and one by what the filter does not take."""
    if order is None:
        return
    module, dot, output = order.partition(".") if isinstance(order, str) else ("", "", "")
    if not (dot and output) or module not in one.columns:
        raise ValueError(
            f"filter {one.name}: order_by must be an output of a science module that the filter "
            f"takes, as module.output; got {order!r}"
        )
    if cap is None:
        raise ValueError(f"filter {one.name}: order_by needs max_per_night")


def _settings(one: Filter, stanza: Mapping[str, Any]) -> Mapping[str, Any]:
    given = stanza.get("settings", {})
    if not isinstance(given, Mapping):
        raise ValueError(f"filter {one.name}: settings must be a table; got {given!r}")
    return given
