"""The table ``[set]`` of a config file: what a training set is made of, and how."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from skysift.datasets.cuts import CUTS
from skysift.datasets.source_sets import EXCLUSIONS, LABELS
from skysift.models._settings import ConfigError, check_keys, from_table, nearest
from skysift.models.btsbot.inputs import PREPROCESSINGS
from skysift.models.btsbot.training_set import PARTS

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PUBLISHED_CUTS = ("positive", "g_or_r", "ps1_match")
PUBLISHED_SHARES = {"train": 0.81, "validation": 0.09, "test": 0.10}
PUBLISHED_N_MAX = {"trues": 100, "dims": 100, "rejects": 100, "vars": 100}
PUBLISHED_SEED = 2

NEEDED_PARTS = ("train", "validation")
SUM_TOLERANCE = 1e-6


@dataclass(frozen=True)
class ValidationCuts:
    """``[set] validation``: which alerts the validation part is judged on.

    Attributes
    ----------
    sne_only : bool
        Leave out what is neither a supernova nor could be one.
    near_threshold : bool
        Keep objects whose peak lies near the limit that labels are about.
    rise_only : bool
        Leave out alerts after the object's peak.
    """

    sne_only: bool = False
    near_threshold: bool = True
    rise_only: bool = False


@dataclass(frozen=True)
class SetConfig:
    """What a training set is made of. The defaults are the published choices.

    Attributes
    ----------
    alerts : tuple of Path
        Files or folders.
    labels : Path
        See `labels.read_labels`.
    preprocessing : str
        Of the stamps, see `inputs.triplets`.
    cuts : tuple of str
        Alerts must pass all of them, see `CUTS`.
    exclude : tuple of str
        Kinds of objects left out, see `EXCLUSIONS`.
    shares : mapping of str to float
        Of the objects of each source set, by part; they add up to 1.
    seed : int
        Of the split and the ranks.
    n_max : mapping of str to int
        By source set: alerts of an object that are kept at most. See `thinning.keep`.
    validation : ValidationCuts
    sources : mapping of str to tuple of str
        Source set and its classes, for tables of labels that have classes only.
    hosts : Path, optional
        Folder of colour images of the hosts, see `pictures.find_pictures`.
    """

    alerts: tuple[Path, ...]
    labels: Path
    preprocessing: str = "centred"
    cuts: tuple[str, ...] = PUBLISHED_CUTS
    exclude: tuple[str, ...] = EXCLUSIONS
    shares: Mapping[str, float] = field(default_factory=lambda: dict(PUBLISHED_SHARES))
    seed: int = PUBLISHED_SEED
    n_max: Mapping[str, int] = field(default_factory=lambda: dict(PUBLISHED_N_MAX))
    validation: ValidationCuts = ValidationCuts()
    sources: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    hosts: Path | None = None

    @property
    def as_dict(self) -> dict[str, Any]:
        """The config as JSON holds it."""
        plain = asdict(self)
        plain["alerts"] = [str(path) for path in self.alerts]
        plain["labels"] = str(self.labels)
        plain["hosts"] = None if self.hosts is None else str(self.hosts)
        plain["sources"] = {name: list(classes) for name, classes in self.sources.items()}
        return {**plain, "cuts": list(self.cuts), "exclude": list(self.exclude)}


def read_set_config(
    source: str | os.PathLike[str] | None,
    *,
    alerts: Sequence[Path] = (),
    labels: Path | None = None,
    hosts: Path | None = None,
) -> SetConfig:
    """Read the table ``[set]`` of a TOML file.

    Parameters
    ----------
    source : path-like or None
        Paths in it are relative to its folder. None: the defaults, for `alerts` and `labels`.
    alerts, labels, hosts
        What to take instead of the paths in the file.

    Raises
    ------
    ConfigError
        Naming the key, the rule and the value; for an unknown key, the nearest known one.
    """
    folder = Path() if source is None else Path(source).parent
    table = {} if source is None else _read_table(Path(source))
    check_keys(table, _READERS, "[set]")
    values = {key: _READERS[key](f"[set] {key}", value) for key, value in table.items()}
    files = list(alerts) or [folder / name for name in values.pop("alerts", ())]
    truth = labels or (folder / values["labels"] if "labels" in values else None)
    images = hosts or (folder / values["hosts"] if "hosts" in values else None)
    if not files or truth is None:
        lacking = "labels" if files else "alerts"
        raise ConfigError(f"[set] names no {lacking}: give them there, or with --{lacking}")
    # Whole paths, so that a set that is there is known again from whatever folder one asks.
    found = {
        "alerts": tuple(path.resolve() for path in files),
        "labels": truth.resolve(),
        "hosts": None if images is None else images.resolve(),
    }
    return SetConfig(**{**values, **found})


def _read_table(file: Path) -> Mapping[str, Any]:
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8")).get("set", {})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file} is not TOML: {error}") from None
    if not isinstance(table, Mapping):
        raise ConfigError(f"[set] must be a table. Got: {table!r}")
    return table


def _text(where: str, value: Any) -> str:
    if not isinstance(value, str):
        raise ConfigError(f"{where} must be a text. Got: {value!r}")
    return value


def _texts(where: str, value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
        raise ConfigError(f"{where} must be a list of texts. Got: {value!r}")
    return tuple(value)


def _names(known: Iterable[str]) -> Callable[[str, Any], tuple[str, ...]]:
    """Make the reader of a list of known names."""

    def read(where: str, value: Any) -> tuple[str, ...]:
        for name in (names := _texts(where, value)):
            if name not in known:
                raise ConfigError(f"{where} does not know {name!r}{nearest(name, known)}")
        return names

    return read


def _preprocessing(where: str, value: Any) -> str:
    if value not in PREPROCESSINGS:
        raise ConfigError(f"{where} must be one of {', '.join(PREPROCESSINGS)}. Got: {value!r}")
    return value


def _seed(where: str, value: Any) -> int:
    if type(value) is not int or value < 0:
        raise ConfigError(f"{where} must be an integer ≥ 0. Got: {value!r}")
    return value


def _table(where: str, value: Any, known: Iterable[str]) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise ConfigError(f"{where} must be a table. Got: {value!r}")
    check_keys(value, known, where)
    return dict(value)


def _shares(where: str, value: Any) -> dict[str, float]:
    given = _table(where, value, PARTS)
    shares = {part: given.get(part, 0.0) for part in PARTS}
    for part, share in shares.items():
        least = "more than 0" if part in NEEDED_PARTS else "0 or more"
        if (
            type(share) not in (int, float)
            or not share >= 0
            or (share == 0 and part in NEEDED_PARTS)
        ):
            raise ConfigError(f"{where}.{part} must be {least}. Got: {share!r}")
    if not abs(sum(shares.values()) - 1) <= SUM_TOLERANCE:
        raise ConfigError(f"{where} must add up to 1. Got: {sum(shares.values()):g}")
    return {part: float(share) for part, share in shares.items()}


def _n_max(where: str, value: Any) -> dict[str, int]:
    given = _table(where, value, LABELS)
    for name, limit in given.items():
        if type(limit) is not int or limit < 1:
            raise ConfigError(f"{where}.{name} must be an integer ≥ 1. Got: {limit!r}")
    return {**PUBLISHED_N_MAX, **given}


def _sources(where: str, value: Any) -> dict[str, tuple[str, ...]]:
    given = _table(where, value, LABELS)
    sources = {name: _texts(f"{where}.{name}", classes) for name, classes in given.items()}
    every = [kind for classes in sources.values() for kind in classes]
    twice = sorted({kind for kind in every if every.count(kind) > 1})
    if twice:
        raise ConfigError(f"{where} puts {twice[0]!r} into more than one set")
    return sources


def _validation(where: str, value: Any) -> ValidationCuts:
    return from_table(ValidationCuts, where.replace("[set] ", "set."), value)


_READERS: dict[str, Callable[[str, Any], Any]] = {
    "alerts": _texts,
    "labels": _text,
    "hosts": _text,
    "preprocessing": _preprocessing,
    "cuts": _names(CUTS),
    "exclude": _names(EXCLUSIONS),
    "shares": _shares,
    "seed": _seed,
    "n_max": _n_max,
    "validation": _validation,
    "sources": _sources,
}
