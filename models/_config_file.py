"""Config files for training, ready-made or somebody's own, as all models read them."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from skysift.models._settings import ConfigError, from_table

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

Tables = dict[str, Any]


def configs_in(folder: Path) -> tuple[str, ...]:
    """Return the names of the config files that come with a model, from their folder."""
    return tuple(sorted(path.stem for path in folder.glob("*.toml")))


def read_tables(
    source: str | os.PathLike[str] | Mapping[str, Any],
    folder: Path,
    anchor: Callable[[Tables, Path], Tables] | None = None,
) -> Tables:
    """Return what a config file holds.

    Parameters
    ----------
    source : path-like or mapping
        A TOML file, the name of a ready-made one, or what such a file holds.
    folder : Path
        Of the ready-made ones.
    anchor : callable, optional
        Given the tables of a file and the folder that it lies in, returns tables whose paths do
        not depend on where the reader stands.

    Raises
    ------
    ConfigError
        If there is no such file, or it is not TOML.
    """
    if isinstance(source, Mapping):
        return dict(source)
    names = configs_in(folder)
    path = folder / f"{source}.toml" if str(source) in names else Path(source)
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError:
        raise ConfigError(
            f"no config file {path}; ready-made ones are: {', '.join(names)}"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not TOML: {error}") from None
    return anchor(tables, path.parent) if anchor else tables


def read_sections(kinds: Mapping[str, Any], tables: Tables) -> dict[str, Any]:
    """Make a dataclass of each table, or of its defaults where there is no such table.

    Parameters
    ----------
    kinds : mapping
        From a table's name to its dataclass.
    tables : dict

    Raises
    ------
    ConfigError
        Which names the key, the rule, the value and the nearest known key.
    """
    return {name: from_table(kind, name, tables.get(name, {})) for name, kind in kinds.items()}
