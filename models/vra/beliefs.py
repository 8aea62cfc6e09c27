"""What is believed of features before there is any label, read from a TOML file.

A few dozen labels cannot teach that a high real-bogus score speaks for a real source, or dust for
the Galaxy; somebody who knows the survey can say so beforehand. A belief leans the learner, and
fades as labels come in. It is an opinion, written by hand: `beliefs_atlas.toml` is an example.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from skysift.models._settings import ConfigError, check_keys
from skysift.models.vra.labels import TARGETS
from skysift.models.vra.views import Views

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PARTS = ("value", "known")

Weights = Mapping[str, Mapping[str, float]]
"""By part and feature."""


@dataclass(frozen=True, eq=False)
class Belief:
    """How features speak for yes, in logits. Both arrays are float64 (d,), 0 for no opinion.

    Attributes
    ----------
    value : ndarray
        What the feature's largest value adds to its smallest, in between by its rank.
    known : ndarray
        What a feature that is known adds to one that is missing, whatever its value.
    """

    value: np.ndarray
    known: np.ndarray

    def lean(self, views: Views, ranks: np.ndarray) -> np.ndarray:
        """Put the belief as weights of the view ``ranks``.

        Parameters
        ----------
        views : Views
        ranks : ndarray (n, d' + d''), float64
            The background through them: over it, the belief is 0 in the mean.

        Returns
        -------
        ndarray (d' + d'' + 1,), float64
            Of ranks and flags, and last the constant.
        """
        weights = np.append(self.value[views.columns], -self.known[views.columns][views.missing])
        return np.append(weights, -(ranks @ weights).mean())


@dataclass(frozen=True)
class Beliefs:
    """What a file says: weights by target, part and feature."""

    targets: Mapping[str, Weights]

    def of(self, target: str, names: Sequence[str]) -> Belief | None:
        """Return the belief for a target, over features of these names; None if there is none.

        Raises
        ------
        ConfigError
            If it is about a feature that is not among the names.
        """
        if target not in self.targets:
            return None
        weights = self.targets[target]
        for part in PARTS:
            check_keys(weights[part], names, f"[{target}.{part}]")
        value, known = (np.array([weights[p].get(name, 0.0) for name in names]) for p in PARTS)
        return Belief(value, known)


def read_beliefs(path: str | os.PathLike[str]) -> Beliefs:
    """Read a file of beliefs.

    Raises
    ------
    ConfigError
        If it names what is no target or part, or a weight is no number.
    """
    try:
        tables = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is not TOML: {error}") from None
    check_keys(tables, TARGETS, str(path))
    return Beliefs({target: _read_parts(target, table) for target, table in tables.items()})


def _read_parts(target: str, table: Any) -> Weights:
    if not isinstance(table, dict):
        raise ConfigError(f"{target} must be tables, [{target}.value]. Got: {table!r}")
    check_keys(table, PARTS, f"[{target}]")
    return {part: _read_weights(f"[{target}.{part}]", table.get(part, {})) for part in PARTS}


def _read_weights(where: str, table: Any) -> dict[str, float]:
    if not isinstance(table, dict):
        raise ConfigError(f"{where} must be a table. Got: {table!r}")
    for name, weight in table.items():
        if (
            isinstance(weight, bool)
            or not isinstance(weight, int | float)
            or not np.isfinite(weight)
        ):
            raise ConfigError(f"{where} {name} must be a number. Got: {weight!r}")
    return {name: float(weight) for name, weight in table.items()}
