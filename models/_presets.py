"""What weights are known for a model: read from its folder's ``presets.toml``."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from skysift.models._weights import read_weights

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

FILE = "presets.toml"


@dataclass(frozen=True)
class Preset:
    """Weights with a name.

    Attributes
    ----------
    name : str
        E.g. ``btsbot-v1.0.1``.
    description, trained_on, licence : str
        For people; `trained_on` says plainly where the training data came from.
    file : Path or None
        The weights, where skysift ships them.
    default : bool
        Whether `load` uses them when asked for nothing else.
    source : dict
        For weights that are published elsewhere: what to import, its checksums and sizes.
    """

    name: str
    description: str
    trained_on: str
    licence: str
    file: Path | None = None
    default: bool = False
    source: dict[str, Any] = field(default_factory=dict)

    @property
    def facts(self) -> Mapping[str, Any]:
        """Sidecar of the weights that ship: version, metrics, …; empty for others."""
        return read_weights(self.file, self.file.suffix).facts if self.file else {}


def read_presets(folder: Path) -> dict[str, Preset]:
    """Read the presets of the model in `folder`, by name."""
    tables = tomllib.loads((folder / FILE).read_text(encoding="utf-8"))
    return {name: _preset(folder, name, table) for name, table in tables.items()}


def default_weights(folder: Path) -> Path:
    """Return the weights that a model ships as its default."""
    return next(p.file for p in read_presets(folder).values() if p.default and p.file)


def _preset(folder: Path, name: str, table: dict[str, Any]) -> Preset:
    file = folder / table.pop("file") if "file" in table else None
    return Preset(name=name, file=file, **table)
