"""Where each galaxy of a set lies, and how much each was ever worth asking about: an SQLite file.

Ids are text: as numbers, SQLite would take a zero off their front. Readers and a writer work side
by side (WAL), and thousands of rows are one transaction.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
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

_asks = Table(
    "asks",
    _metadata,
    Column("ask", Integer, primary_key=True),
    Column("campaign", Text, nullable=False),
    Column("round", Integer, nullable=False),
    Column("query", Text, nullable=False),
)

_considered = Table(
    "considered",
    _metadata,
    Column("ask", ForeignKey(_asks.c.ask), primary_key=True),
    Column("id_str", ForeignKey(_galaxies.c.id_str), primary_key=True),
    Column("value", Float),  # null where a strategy had none
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

    def record(
        self, campaign: str, round: int, query: str, values: Mapping[str, float],
        chosen: Collection[str],
    ) -> None:  # fmt: skip
        """Keep how much galaxies were worth asking about, and which were; nothing is ever changed.

        Parameters
        ----------
        campaign : str
        round : int
            Of the campaign; one may ask several times.
        query : str
            What gave the values and chose.
        values : mapping of str to float
            By id, of all that might have been asked about.
        chosen : collection of str
            Ids that were asked about, among those with a value.

        Raises
        ------
        IndexFileError
            If a galaxy is not in the set, or is chosen without value.
        """
        strange = sorted(set(chosen) - set(values))
        if strange:
            raise IndexFileError(f"{strange[0]} is chosen, and has no value")
        wanted = set(chosen)
        with self._writing("galaxies that are not in the set") as connection:
            asked = insert(_asks).values(campaign=campaign, round=round, query=query)
            ask = connection.execute(asked).lastrowid
            rows = [
                {"ask": ask, "id_str": name, "chosen": name in wanted,
                 "value": None if math.isnan(value) else float(value)}
                for name, value in values.items()
            ]  # fmt: skip
            connection.execute(insert(_considered), rows)

    def history(self) -> pd.DataFrame:
        """Return all that was recorded, in its order, galaxies by their id.

        Returns
        -------
        DataFrame
            ``ask`` (rises), ``campaign``, ``round``, ``query``, ``id_str``, ``value``, ``chosen``.
        """
        rows = (
            select(_asks, _considered.c.id_str, _considered.c.value, _considered.c.chosen)
            .join_from(_asks, _considered)
            .order_by(_asks.c.ask, _considered.c.id_str)
        )
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
