"""What answers of labellers mean for each target that the VRA learns, read from a TOML file."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from skysift.models._settings import ConfigError, check_keys

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

TARGETS = ("gal", "real", "trans")
"""Galactic (or else extragalactic), real (or bogus), transient (or persistent)."""

FILE = Path(__file__).with_name("labels.toml")
"""The published map."""


@dataclass(frozen=True)
class LabelMap:
    """Answers, their keys at a terminal, and what they teach.

    Attributes
    ----------
    keys : mapping of str to str
        Answer by key.
    meanings : mapping of str to mapping of str to bool
        For each answer, the targets that learn from it and what they learn.
    """

    keys: Mapping[str, str]
    meanings: Mapping[str, Mapping[str, bool]]

    def target(self, name: str, answers: Sequence[str | None]) -> np.ndarray:
        """Turn answers into labels of one target.

        Parameters
        ----------
        name : str
            Of `TARGETS`.
        answers : sequence of n str or None
            None, or an empty string, is no answer.

        Returns
        -------
        ndarray (n,), float64
            1, 0, or NaN where the answer teaches this target nothing.

        Raises
        ------
        ValueError
            If an answer is not in the map.

        Examples
        --------
        >>> read_label_map().target("gal", ["varstar", "agn", "bogus", None])
        array([ 1.,  0., nan, nan])
        """
        unknown = sorted({answer for answer in answers if answer} - set(self.meanings))
        if unknown:
            known = ", ".join(self.meanings)
            raise ValueError(f"answers must be of the label map ({known}). Got: {unknown}")
        return np.array(
            [float(self.meanings[a].get(name, np.nan)) if a else np.nan for a in answers]
        )

    def classes(self, name: str) -> tuple[str, str]:
        """Return an answer that means no and one that means yes to a target.

        Raises
        ------
        ValueError
            If no answer does.

        Examples
        --------
        >>> read_label_map().classes("gal")
        ('extragal', 'gal')
        """
        answers = {meaning.get(name): a for a, meaning in list(self.meanings.items())[::-1]}
        if not {True, False} <= answers.keys():
            raise ValueError(f"the label map needs an answer for each side of {name!r}")
        return answers[False], answers[True]


def read_label_map(path: str | os.PathLike[str] = FILE) -> LabelMap:
    """Read a label map; see ``labels.toml`` beside this file for what it looks like.

    Raises
    ------
    ConfigError
        If an answer has no key, shares one, or names something that is not a target.
    """
    try:
        tables = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is not TOML: {error}") from None
    keys: dict[str, str] = {}
    meanings: dict[str, dict[str, bool]] = {}
    for answer, table in tables.items():
        key, meaning = _read_answer(answer, table)
        if key in keys:
            raise ConfigError(f"[{answer}] key {key!r} is the key of [{keys[key]}] already")
        keys[key], meanings[answer] = answer, meaning
    return LabelMap(keys, meanings)


def _read_answer(answer: str, table: Any) -> tuple[str, dict[str, bool]]:
    if not isinstance(table, dict):
        raise ConfigError(f"{answer} must be a table, [{answer}]. Got: {table!r}")
    check_keys(table, ("key", *TARGETS), f"[{answer}]")
    key = table.get("key")
    if not isinstance(key, str) or len(key) != 1:
        raise ConfigError(f"[{answer}] key must be one character. Got: {key!r}")
    meaning = {name: value for name, value in table.items() if name != "key"}
    for name, value in meaning.items():
        if not isinstance(value, bool):
            raise ConfigError(f"[{answer}] {name} must be true or false. Got: {value!r}")
    return key, meaning
