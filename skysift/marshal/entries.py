"""What is known of each alert of a file without looking at its stamps: enough for a queue."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from skysift.alerts.avro import AvroAlerts
from skysift.alerts.batch import AlertBatch
from skysift.alerts.columns import SURVEYS, source_paths
from skysift.alerts.packet import split
from skysift.alerts.payload import Payload
from skysift.alerts.payloads import iter_file
from skysift.alerts.records import RawRecords
from skysift.alerts.schema import AlertSchema
from skysift.alerts.source import Source
from skysift.alerts.tables import TableAlerts
from skysift.marshal import structs

PIECE_BYTES = 2**20
"""Of a piece of a file: a dozen packets are unpacked to show one of them."""

PILE = 256
"""Records that are walked through at once."""

COLUMNS = ("alert_id", "objectId", "jd", "band", "magpsf", "ra", "dec")


@dataclass(frozen=True, slots=True)
class Place:
    """Where an alert lies: a file, which of its pieces of `PIECE_BYTES`, which record of that."""

    file: str
    piece: int
    number: int


@dataclass(frozen=True, slots=True)
class Entry:
    """An alert in a queue.

    Attributes
    ----------
    alert_id : int
        ``candid`` or ``diaSourceId``.
    object : str
        ``objectId``; an alert without one is an object of its own.
    jd : float
        Julian date, UTC [days].
    band : str or None
    magpsf : float
        NaN where the alert has none [mag].
    ra, dec : float
        [deg]
    scores : dict of str to float
        What modules say, as ``module.output``; nulls are left out.
    statuses : dict of str to str
        Status of each module.
    place : Place
    """

    alert_id: int
    object: str
    jd: float
    band: str | None
    magpsf: float
    ra: float
    dec: float
    scores: dict[str, float]
    statuses: dict[str, str]
    place: Place


@dataclass
class _Pile:
    records: list[memoryview] = field(default_factory=list)
    schemas: list[AlertSchema] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)


def read_entries(files: Iterable[Path]) -> Iterator[Entry | str]:
    """Yield the alerts of files, and a line for whatever cannot be read.

    Parameters
    ----------
    files : iterable of Path
        Avro containers, tarballs of them, Parquet.

    Yields
    ------
    Entry or str
        In no particular order.
    """
    piles = {survey: _Pile() for survey in SURVEYS}
    for file in files:
        try:
            for number, payload in enumerate(_payloads(file)):
                yield from _take(payload, str(file), number, piles)
        except (OSError, ValueError, KeyError, pa.ArrowException) as error:
            yield f"{file}: {error}"
        for pile in piles.values():
            if len(pile.records) >= PILE:
                yield from _flush(pile)
    for pile in piles.values():
        yield from _flush(pile)


def _payloads(file: Path) -> Iterator[Payload]:
    columns = _table_paths(file) if file.suffix == ".parquet" else None
    return iter_file(file, max_bytes=PIECE_BYTES, columns=columns)


def _table_paths(file: Path) -> list[str]:
    """Name what is to be read of a table: not the stamps."""
    known = [path for survey in SURVEYS for path in source_paths(COLUMNS, survey)]
    modules = structs.of_table(pq.read_schema(file))
    return known + [path for module in modules for path in module.paths]


def _take(
    payload: Payload, file: str, piece: int, piles: dict[str, _Pile]
) -> Iterator[Entry | str]:
    if payload.kind == "broken":
        yield f"{payload.source}: {payload.reason}"
    elif payload.kind == "table":
        with pa.ipc.open_stream(payload.data) as reader:
            table = reader.read_all()
        places = [Place(file, piece, number) for number in range(table.num_rows)]
        yield from _entries(TableAlerts(table), structs.of_table(table.schema), places)
    else:
        packet = split(payload.data, payload.key)
        yield from (f"{payload.source}: {damage.reason}" for damage in packet.damage)
        survey = packet.schema.survey if packet.schema is not None else None
        if survey is not None:
            pile = piles[survey]
            pile.records += packet.records
            pile.schemas += [packet.schema] * len(packet.records)  # type: ignore[list-item]
            pile.places += [Place(file, piece, number) for number in packet.numbers]
        elif packet.records:
            yield f"{payload.source}: alerts neither of ZTF, nor of LSST"


def _flush(pile: _Pile) -> Iterator[Entry | str]:
    """Walk through a pile of records, and empty it."""
    if not pile.records:
        return
    records = RawRecords.join(pile.records, pile.schemas)
    survey = str(records.schemas[0].survey)
    modules = structs.merged(structs.of_schema(schema) for schema in records.schemas)
    paths = [*source_paths(COLUMNS, survey), *(path for m in modules for path in m.paths)]
    alerts = AvroAlerts(records, paths)
    for row, reason in alerts.damaged.items():
        yield f"{pile.places[row].file}: {reason}"
    for row, entry in enumerate(_entries(alerts, modules, pile.places)):
        if row not in alerts.damaged:
            yield entry
    pile.records, pile.schemas, pile.places = [], [], []


def _entries(
    source: Source, modules: Iterable[structs.Struct], places: list[Place]
) -> Iterator[Entry | str]:
    """Yield one entry, or what is wrong, for each row of a source."""
    batch = AlertBatch(source)
    known = {name: _listed(batch, name) for name in COLUMNS}
    scores = {path: source.numbers(path) for m in modules for path in m.numbers if source.has(path)}
    statuses = {m.name: source.texts(m.status) for m in modules if source.has(m.status)}
    for row, place in enumerate(places):
        alert_id, object_, jd, band, mag, ra, dec = (known[name][row] for name in COLUMNS)
        if not alert_id:
            yield f"{place.file}: an alert without an id"
            continue
        yield Entry(
            alert_id, object_ or f"alert {alert_id}", jd, band, mag, ra, dec,
            {path: float(all_[row]) for path, all_ in scores.items() if math.isfinite(all_[row])},
            {name: all_[row] for name, all_ in statuses.items() if all_[row] is not None},
            place,
        )  # fmt: skip


def _listed(batch: AlertBatch, name: str) -> list:
    if not batch.has(name):
        return [None if name in ("objectId", "band") else math.nan] * len(batch)
    values = np.asarray(batch.column(name))
    return values.tolist()
