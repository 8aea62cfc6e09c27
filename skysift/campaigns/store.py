"""The pool on disk: alerts that were listened to, with their features and their packets.

    POOL/night=2024-09-29/01763743921000000000.parquet
    POOL/_dead/…             what could not be read, with the reason
    POOL/_group.txt, _files.txt, .lock

A part of a night is one file, which appears whole or not at all, so an alert's features and its
packet are both there or neither is. Each alert is there once, by its ``candid``. What reads alerts
reads the packets of a pool too: ``skysift run --source POOL``.
"""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from skysift.alerts.packet_table import PACKET, PACKET_SCHEMA, ROWS
from skysift.alerts.payload import Payload
from skysift.whole import flush, whole

IDS = {"candid": pa.int64(), "objectId": pa.string(), "jd": pa.float64(), "status": pa.string()}
ORIGIN = {
    "source": pa.string(),
    "received": pa.timestamp("us", tz="UTC"),
    PACKET: pa.binary(),
    PACKET_SCHEMA: pa.string(),
}
"""Columns before and behind the features."""

NIGHT = "night"
JULIAN_1970 = 2440587.5


class PoolError(ValueError):
    """A folder is no pool, or is in use; the message says which."""


class Store:
    """A pool that one process fills and any number read.

    Parameters
    ----------
    folder : Path
        Made if it is not there.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self._known: set[int] | None = None

    def __contains__(self, candid: int) -> bool:
        """Tell whether an alert is in the pool."""
        if self._known is None:
            self._known = set(read_pool(self.folder, ["candid"])["candid"].tolist())
        return candid in self._known

    def add(self, alerts: pd.DataFrame) -> pd.DataFrame:
        """Keep alerts, those that are new; when the call returns they are on the disk.

        Parameters
        ----------
        alerts : DataFrame
            Columns of `IDS`, of `ORIGIN` without ``received``, and what a model adds: numbers, kept
            as float64, or text.

        Returns
        -------
        DataFrame
            Those that were new.
        """
        new = alerts[np.array([candid not in self for candid in alerts["candid"]], dtype=bool)]
        new = new.drop_duplicates("candid").assign(received=datetime.now(timezone.utc))
        for night, part in new.groupby(night_of(new["jd"].to_numpy()), sort=True):
            self._write(part, self.folder / f"{NIGHT}={night}")
            assert self._known is not None
            self._known.update(part["candid"].tolist())
        return new

    def _write(self, part: pd.DataFrame, folder: Path) -> None:
        """Write a file that is there whole, and stays, or is not there."""
        folder.mkdir(exist_ok=True)
        path = folder / f"{time.time_ns():020d}.parquet"
        table = pa.Table.from_pandas(part, _schema(part), preserve_index=False)
        with whole(path, lasting=True) as partial, partial.open("wb") as file:
            pq.write_table(table, file, row_group_size=ROWS)
        for changed in (folder, folder.parent):
            flush(changed)

    def alone(self) -> AbstractContextManager[None]:
        """Keep other writers out; see `alone`."""
        return alone(self.folder)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keep others from filling a pool; the lock goes with the process, however it ends.

    Raises
    ------
    PoolError
        If another process writes there.
    """
    with (folder / ".lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise PoolError(f"another process is filling {folder}") from None
        yield


def read_pool(folder: Path, columns: list[str] | None = None) -> pd.DataFrame:
    """Read a pool's table, in the order in which alerts came; without the packets.

    Parameters
    ----------
    folder : Path
    columns : list of str, optional
        By default all but the packets. A column that some parts lack is null there.

    Raises
    ------
    PoolError
        If the folder has parts that are none of a pool.
    """
    files = _parts(folder)
    if not files:
        return pd.DataFrame({name: pd.Series(dtype="object") for name in columns or IDS})
    try:
        schemas = {path: pq.read_schema(path) for path in files}
        schema = pa.unify_schemas(list(schemas.values()))
        names = columns or [n for n in schema.names if n not in (PACKET, PACKET_SCHEMA)]
        table = ds.dataset([str(path) for path in files], schema=schema).to_table(columns=names)
    except (pa.ArrowException, OSError, KeyError, ValueError) as error:
        raise PoolError(f"{folder} is no pool of `skysift learn … listen`: {error}") from None
    return table.to_pandas()


def find_packet(folder: Path, candid: int) -> Payload | None:
    """Find the packet of an alert; None if the pool does not have it."""
    wanted = pc.field("candid") == candid
    for path in _parts(folder):
        table = pq.read_table(path, columns=[PACKET, PACKET_SCHEMA], filters=wanted)
        if table.num_rows:
            (row,) = table.slice(0, 1).to_pylist()
            return Payload("record", row[PACKET], row[PACKET_SCHEMA].encode(), str(path), 0)
    return None


def night_of(jd: np.ndarray) -> np.ndarray:
    """Name the night of each time by its date, UTC, object (n,): ZTF's nights lie within one.

    Examples
    --------
    >>> night_of(np.array([2460582.8]))
    array(['2024-09-29'], dtype=object)
    """
    days = np.floor(np.asarray(jd, dtype=np.float64) - JULIAN_1970)
    dates = [(datetime(1970, 1, 1) + timedelta(days=day)).date().isoformat() for day in days]
    return np.array(dates, dtype=object)


def _parts(folder: Path) -> list[Path]:
    """List the files of a pool, the earliest written first."""
    found = Path(folder).glob(f"{NIGHT}=*/[!._]*.parquet")
    return sorted(found, key=lambda path: (path.name, path.parent.name))


def _schema(part: pd.DataFrame) -> pa.Schema:
    own = [name for name in part if name not in IDS and name not in ORIGIN]
    number = pd.api.types.is_numeric_dtype
    kinds = {name: pa.float64() if number(part[name]) else pa.string() for name in own}
    return pa.schema({**IDS, **kinds, **ORIGIN})
