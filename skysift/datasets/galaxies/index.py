"""Where each galaxy of a set lies, and what was ever thought worth asking: an SQLite file.

Ids are text: as numbers, SQLite would take a zero off their front. Readers and a writer work side
by side (WAL), and thousands of rows are one transaction.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Float,
    ForeignKey,
    Integer,
    MetaData,
    Table,
    Text,
    create_engine,
    event,
    func,
    insert,
    select,
)
from sqlalchemy.exc import IntegrityError

INDEX = "index.sqlite"
PATIENCE = 60.0
"""Seconds that a writer waits for another."""

_metadata = MetaData()

_galaxies = Table(
    "galaxies",
    _metadata,
    Column("id_str", Text, primary_key=True),
    Column("split", Text, nullable=False),
    Column("shard", Text, nullable=False, index=True),
    Column("place", Integer, nullable=False),
)

_acquisitions = Table(
    "acquisitions",
    _metadata,
    Column("iteration", Integer, primary_key=True),
    Column("id_str", ForeignKey(_galaxies.c.id_str), primary_key=True),
    Column("value", Float, nullable=False),
    Column("chosen", Boolean, nullable=False),
)


class IndexFileError(ValueError):
    """The index says otherwise than what it is asked to note."""


class SetIndex:
    """The index of a set.

    Parameters
    ----------
    path : Path
        Of the file; made if need be.
    """

    def __init__(self, path: Path) -> None:
        self._engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": PATIENCE})
        event.listen(self._engine, "connect", _prepare)
        _metadata.create_all(self._engine)

    def add(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Note where galaxies lie, all of them or none.

        Parameters
        ----------
        rows : sequence of mapping
            ``id_str``, ``split``, ``shard`` (name of its file), ``place`` (in it, from 0).

        Raises
        ------
        IndexFileError
            If an id is no text, or a galaxy is noted already.
        """
        for row in rows:
            if not isinstance(row["id_str"], str):
                raise IndexFileError(f"ids must be text. Got: {row['id_str']!r}")
        with self._writing("galaxies that are noted already") as connection:
            connection.execute(insert(_galaxies), list(rows))

    def shards(self) -> dict[str, list[str]]:
        """By shard, the galaxies in it, in their order."""
        rows = select(_galaxies.c.shard, _galaxies.c.id_str).order_by(
            _galaxies.c.shard, _galaxies.c.place
        )
        found: dict[str, list[str]] = {}
        with self._engine.connect() as connection:
            for shard, name in connection.execute(rows):
                found.setdefault(shard, []).append(name)
        return found

    def record(self, iteration: int, values: Mapping[str, float], chosen: Sequence[str]) -> None:
        """Keep what a strategy thought of galaxies, and which it chose; nothing is ever changed.

        Parameters
        ----------
        iteration : int
            From 0; each is recorded once.
        values : mapping of str to float
            By id, how much each was worth asking about.
        chosen : sequence of str
            Ids that were asked about, among those with a value.

        Raises
        ------
        IndexFileError
            If the iteration is recorded already, a galaxy is not in the set, was chosen before, or
            is chosen without value.
        """
        with self._engine.connect() as connection:
            there = connection.scalar(
                select(func.count()).where(_acquisitions.c.iteration == iteration)
            )
        if there:
            raise IndexFileError(f"iteration {iteration} is recorded already")
        strange = sorted(set(chosen) - set(values))
        if strange:
            raise IndexFileError(f"{strange[0]} is chosen, and has no value")
        again = sorted(set(chosen) & set(self.acquired()))
        if again:
            raise IndexFileError(f"{again[0]} was chosen before: it has its answers")
        wanted = set(chosen)
        rows = [
            {"iteration": iteration, "id_str": name, "value": float(value),
             "chosen": name in wanted}
            for name, value in values.items()
        ]  # fmt: skip
        with self._writing("galaxies that are not in the set") as connection:
            connection.execute(insert(_acquisitions), rows)

    def acquired(self) -> list[str]:
        """Galaxies that were asked about, in the order of iterations."""
        rows = (
            select(_acquisitions.c.id_str)
            .where(_acquisitions.c.chosen)
            .order_by(_acquisitions.c.iteration, _acquisitions.c.id_str)
        )
        with self._engine.connect() as connection:
            return list(connection.scalars(rows))

    def history(self) -> pd.DataFrame:
        """All that was recorded: ``iteration``, ``id_str``, ``value``, ``chosen``."""
        rows = select(_acquisitions).order_by(_acquisitions.c.iteration, _acquisitions.c.id_str)
        with self._engine.connect() as connection:
            found = connection.execute(rows)
            return pd.DataFrame(found.all(), columns=list(found.keys()))

    @contextmanager
    def _writing(self, trouble: str) -> Iterator[Connection]:
        try:
            with self._engine.begin() as connection:
                yield connection
        except IntegrityError as error:
            raise IndexFileError(f"nothing was noted: there are {trouble} ({error.orig})") from None

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()


def _prepare(connection: Any, record: Any) -> None:
    for pragma in ("journal_mode = WAL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")
