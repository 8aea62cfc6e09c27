"""A campaign's file: what is learned, from which pool, and how it is asked."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from skysift.active_learning.query import Query
from skysift.active_learning.reconcile import RULES
from skysift.campaigns.kind import Kind
from skysift.models._settings import ConfigError, check_keys, from_table

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

CAMPAIGN, PLAN, QUERY = "campaign", "plan", "query"


@dataclass(frozen=True)
class Places:
    """The table [campaign]; folders and files are relative to the campaign's file."""

    name: str = field(default="", metadata={"doc": "of the campaign, in ledger and MLflow"})
    pool: str = field(
        default="pool", metadata={"doc": "folder that `listen` or `collect` fills, or a table"}
    )
    ledger: str = field(
        default="labels.db", metadata={"doc": "file, or postgresql://… for several people"}
    )
    rounds: str = field(default="rounds", metadata={"doc": "folder of the finished rounds"})
    current: str = field(default="current", metadata={"doc": "link to the newest round's weights"})
    tracking: str = field(
        default="mlflow", metadata={"doc": 'folder, or http://… of an MLflow server; "" for none'}
    )


@dataclass(frozen=True)
class Asking:
    """The table [plan]."""

    query: str = field(default="margin:k_means", metadata={"doc": "strategy:selector"})
    first: str = field(default="random", metadata={"doc": "the same, for the first round"})
    initial: int = field(
        default=30, metadata={"low": 1, "doc": "answers that the first round asks for"}
    )
    batch: int = field(default=10, metadata={"low": 1, "doc": "and each other one"})
    held_out: float = field(
        default=0.2,
        metadata={
            "low": 0.0, "high": 0.9,
            "doc": "share of the objects, and of the answers, that only judge the model",
        },
    )  # fmt: skip
    wanted: int = field(default=1, metadata={"low": 1, "doc": "people to ask about each object"})
    rule: str = field(
        default="latest",
        metadata={"choices": tuple(RULES), "doc": "how answers about one object become a label"},
    )
    ask_again: bool = field(
        default=False, metadata={"doc": "ask about other alerts of an object in later rounds"}
    )
    seed: int = field(default=0, metadata={"low": 0, "doc": "of all that is random"})


@dataclass(frozen=True)
class Config:
    """A campaign's file, read.

    Attributes
    ----------
    folder : Path
        Where it lies.
    places : Places
    asking : Asking
    query_settings : mapping
        Of the query's strategy and selector.
    settings : object
        The model's own table.
    """

    folder: Path
    places: Places
    asking: Asking
    query_settings: Mapping[str, Any]
    settings: Any

    @property
    def pool(self) -> Path:
        """Folder that `listen` fills, or a table of features."""
        return self.folder / self.places.pool

    @property
    def ledger(self) -> str | Path:
        """File or address of the ledger."""
        return _place(self.folder, self.places.ledger)

    @property
    def rounds(self) -> Path:
        """Folder of the rounds."""
        return self.folder / self.places.rounds

    @property
    def current(self) -> Path:
        """Link to the newest round's weights."""
        return self.folder / self.places.current

    @property
    def tracking(self) -> str | Path | None:
        """Folder or address of MLflow's store."""
        return _place(self.folder, self.places.tracking) if self.places.tracking else None

    def query(self) -> Query:
        """Make the query of the rounds after the first."""
        return _query("query", self.asking.query, self.query_settings)

    def first(self) -> Query:
        """Make the query of the first round."""
        return _query("first", self.asking.first, {})


def read_config(path: Path, kind: Kind) -> Config:
    """Read a campaign's file, and check all that can be checked.

    Parameters
    ----------
    path : Path
    kind : Kind
        Whose table it may hold, beside [campaign], [plan] and [query].

    Raises
    ------
    FileNotFoundError
        If it is not there.
    ConfigError
        If it is not TOML, a key is unknown or a value is not allowed: it names the key.
    """
    if not path.is_file():
        raise FileNotFoundError(
            f"there is no campaign {path}: write one with `skysift learn {kind.name} init {path}`"
        )
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not TOML: {error}") from None
    check_keys(tables, (CAMPAIGN, PLAN, QUERY, kind.name), str(path))
    places = from_table(Places, CAMPAIGN, tables.get(CAMPAIGN, {}))
    config = Config(
        folder=path.parent,
        places=replace(places, name=places.name or kind.name),
        asking=from_table(Asking, PLAN, tables.get(PLAN, {})),
        query_settings=tables.get(QUERY, {}),
        settings=_own(path.parent, kind, tables.get(kind.name, {})),
    )
    config.query(), config.first()
    return config


def template(kind: Kind) -> str:
    """Write a campaign's file with all defaults, and a word on each.

    Returns
    -------
    str
        TOML.
    """
    lines = [f"# {kind.doc}", "# What stands here is the default of each; leave out what you like."]
    tables = {CAMPAIGN: Places(name=kind.name), PLAN: Asking(), kind.name: kind.settings()}
    for name, table in tables.items():
        lines += ["", f"[{name}]", *map(_line, *_values(table))]
        if name == PLAN:
            lines += ["", f"[{QUERY}]  # settings of strategy and selector", "# candidates = 50"]
    return "\n".join(lines) + "\n"


def _values(table: Any) -> tuple[list[Any], list[Any]]:
    known = fields(table)
    return list(known), [getattr(table, field.name) for field in known]


def _line(field: Any, value: Any) -> str:
    rule = field.metadata
    allowed = f"; one of {', '.join(rule['choices'])}" if "choices" in rule else ""
    return f"{f'{field.name} = {json.dumps(value)}':28} # {rule['doc']}{allowed}"


def _own(folder: Path, kind: Kind, table: Any) -> Any:
    """Read the model's table; what is a path there is relative to the file.

    Such a field's metadata has ``path``: the words that are no path, none of them being empty.
    """
    settings: Any = from_table(kind.settings, kind.name, table)
    given = {f.name: getattr(settings, f.name) for f in fields(settings) if "path" in f.metadata}
    words = {f.name: ("", *f.metadata.get("path", ())) for f in fields(settings)}
    paths = {n: str(folder / value) for n, value in given.items() if value not in words[n]}
    return replace(settings, **paths)


def _place(folder: Path, where: str) -> str | Path:
    return where if "://" in where else folder / where


def _query(key: str, name: str, settings: Mapping[str, Any]) -> Query:
    try:
        return Query.named(name, **settings)
    except ValueError as error:
        raise ConfigError(f"[{PLAN}] {key}: {error}") from None
