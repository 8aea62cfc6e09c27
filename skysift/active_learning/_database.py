"""Opening the ledger's database, and writing to it one at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    create_engine,
    event,
    insert,
    inspect,
    make_url,
    select,
    text,
)

from skysift.active_learning import _schema
from skysift.active_learning.errors import LedgerVersionError

PATIENCE = 60.0
"""Seconds that a writer waits for another before it gives up."""

WRITERS_LOCK = 0x736B7973
"""Number of the lock that PostgreSQL's writers take in turn."""


def open_database(where: str | Path) -> Engine:
    """Open a ledger's database; make the file and the tables if they are not there.

    Parameters
    ----------
    where : str or Path
        A file, or SQLAlchemy's URL of a database.

    Raises
    ------
    ImportError
        If the driver of the database is not installed.
    LedgerVersionError
        If the tables are not of this version.
    """
    url = _address(where)
    if url.get_backend_name() == "sqlite":
        if url.database:
            Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(url, connect_args={"timeout": PATIENCE})
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        engine = _connect(url)
    _make_tables(engine)
    return engine


@contextmanager
def writing(engine: Engine, *, durable: bool = True) -> Iterator[Connection]:
    """Open a transaction that no other writer is in: all of it happens, or nothing.

    Parameters
    ----------
    engine : Engine
    durable : bool
        Wait until a SQLite file is on the disk. Without, a power cut may undo the transaction.
    """
    with engine.connect() as connection:
        connection = connection.execution_options(ledger_writes="FULL" if durable else "NORMAL")
        with connection.begin():
            if engine.dialect.name == "postgresql":
                lock = text("SELECT pg_advisory_xact_lock(:number)")
                connection.execute(lock, {"number": WRITERS_LOCK})
            yield connection


def _address(where: str | Path) -> URL:
    if "://" not in str(where):
        return URL.create("sqlite", database=str(where))
    url = make_url(str(where))
    if url.drivername == "postgresql":  # the driver that the extra installs
        return url.set(drivername="postgresql+psycopg")
    return url


def _connect(url: URL) -> Engine:
    try:
        return create_engine(url, pool_pre_ping=True)
    except ImportError as error:
        raise ImportError(
            f"a ledger at {url.drivername}:// needs a driver ({error}); that of PostgreSQL comes "
            "with: pip install 'skysift[postgresql]'"
        ) from error


def _prepare_sqlite(connection: Any, record: Any) -> None:
    """Let readers and a writer work side by side."""
    connection.isolation_level = None  # SQLAlchemy's events say when a transaction begins
    for pragma in ("journal_mode = WAL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    """Take the write lock at once: a reader that turned writer could find it taken."""
    synchronous = connection.get_execution_options().get("ledger_writes")
    if synchronous:
        connection.exec_driver_sql(f"PRAGMA synchronous = {synchronous}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if synchronous else "BEGIN")


def _make_tables(engine: Engine) -> None:
    with writing(engine) as connection:
        if inspect(connection).has_table(_schema.schema.name):
            _check_version(connection)
            return
        taken = set(inspect(connection).get_table_names()) & set(_schema.metadata.tables)
        if taken:
            raise LedgerVersionError(
                f"{_shown(connection)} has a table {min(taken)!r} but no {_schema.schema.name!r}: "
                "it is no ledger of skysift. Give another database"
            )
        _schema.metadata.create_all(connection)
        connection.execute(insert(_schema.schema).values(version=_schema.VERSION))


def _check_version(connection: Connection) -> None:
    versions = list(connection.scalars(select(_schema.schema.c.version)))
    if versions != [_schema.VERSION]:
        found = ", ".join(map(str, versions)) or "none"
        raise LedgerVersionError(
            f"{_shown(connection)} holds a ledger of version {found}; this skysift reads version "
            f"{_schema.VERSION}. Use the skysift that wrote it, or begin another ledger"
        )


def _shown(connection: Connection) -> str:
    return connection.engine.url.render_as_string(hide_password=True)
