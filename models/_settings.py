"""Settings from a table of a config file: checked, with errors that say where and what."""

from __future__ import annotations

import dataclasses
import difflib
import math
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar, get_type_hints

T = TypeVar("T")


class ConfigError(ValueError):
    """A config file says something that cannot be."""


def choice(default: Any, *others: Any) -> Any:
    """Declare a field that is one of a few values, for `from_table`."""
    return dataclasses.field(default=default, metadata={"choices": (default, *others)})


def number(default: float | int, **rule: float) -> Any:
    """Declare a field that is a number within bounds, for `from_table`."""
    return dataclasses.field(default=default, metadata=rule)


def from_table(kind: type[T], section: str, table: Mapping[str, Any]) -> T:
    """Make the dataclass `kind` from the table ``[section]``.

    Each field's ``metadata`` may hold ``low`` and ``high`` (inclusive), ``above`` (exclusive) or
    ``choices``. A whole number passes as a float; nothing else is converted.

    Raises
    ------
    ConfigError
        If a key is unknown (it names the nearest known one) or a value breaks its rule (it names
        the key, the rule and the value).
    """
    if not isinstance(table, Mapping):
        raise ConfigError(f"[{section}] must be a table. Got: {table!r}")
    fields = {field.name: field for field in dataclasses.fields(kind)}  # type: ignore[arg-type]
    check_keys(table, fields, f"[{section}]")
    types = get_type_hints(kind)
    values = {
        key: _checked(f"[{section}] {key}", value, types[key], fields[key].metadata)
        for key, value in table.items()
    }
    return kind(**values)


def check_keys(given: Iterable[str], known: Iterable[str], where: str) -> None:
    """Refuse a key that is not known, naming the nearest that is.

    Examples
    --------
    >>> check_keys(["epoch"], ["epochs", "batch"], "[training]")
    Traceback (most recent call last):
    skysift.models._settings.ConfigError: [training] has no key 'epoch'; did you mean 'epochs'? \
Known: epochs, batch
    """
    known = list(known)
    for key in given:
        if key not in known:
            raise ConfigError(f"{where} has no key {key!r}{nearest(key, known)}")


def nearest(word: str, known: Iterable[str]) -> str:
    """Return a hint: the nearest known word, if one is near, and all."""
    known = list(known)
    close = difflib.get_close_matches(word, known, n=1)
    guess = f"; did you mean {close[0]!r}?" if close else ";"
    return f"{guess} Known: {', '.join(known) or 'none'}"


def _checked(where: str, value: Any, kind: Any, rule: Mapping[str, Any]) -> Any:
    """Return a value of the right type, or say why it is none."""
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    accepted = {int: "an integer", float: "a number", bool: "true or false", str: "a text"}
    wrong = kind in accepted and (
        not isinstance(value, kind) or (kind is int and isinstance(value, bool))
    )
    wrong |= isinstance(value, float) and math.isnan(value)
    if wrong or not _within(value, rule):
        raise ConfigError(
            f"{where} must be {_rule(accepted.get(kind, kind), rule)}. Got: {value!r}"
        )
    return value


def _within(value: Any, rule: Mapping[str, Any]) -> bool:
    if "choices" in rule:
        return value in rule["choices"]
    return (
        ("low" not in rule or value >= rule["low"])
        and ("high" not in rule or value <= rule["high"])
        and ("above" not in rule or value > rule["above"])
    )


def _rule(kind: str, rule: Mapping[str, Any]) -> str:
    if "choices" in rule:
        return f"one of {', '.join(map(repr, rule['choices']))}"
    limits = [
        f"{word} {rule[key]}"
        for key, word in (("low", "≥"), ("above", ">"), ("high", "≤"))
        if key in rule
    ]
    return " ".join([kind, " and ".join(limits)]).strip()
