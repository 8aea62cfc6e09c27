"""Payloads to batches of alerts; whatever cannot be decoded becomes a dead letter.

Nothing is lost on the way: each record of the payloads ends as one alert or as one dead letter.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import pyarrow as pa

from skysift.alerts.avro import AvroAlerts
from skysift.alerts.batch import AlertBatch
from skysift.alerts.columns import source_paths
from skysift.alerts.encode import avro_schema, encode_row
from skysift.alerts.packet import split
from skysift.alerts.payload import Payload
from skysift.alerts.records import RawRecords
from skysift.alerts.schema import AlertSchema
from skysift.alerts.source import Source
from skysift.alerts.tables import TableAlerts

REQUIRED = ("alert_id", "jd")
"""Columns without which an alert is none."""


@dataclass(frozen=True)
class DeadLetter:
    """A record that could not be decoded.

    Attributes
    ----------
    source, offset
        Where it was: see `Payload`; `offset` is the number of the record within the source.
    reason : str
    data : bytes
        The record as it came, or what there is of it.
    """

    source: str
    offset: int
    reason: str
    data: bytes


class Wire(Protocol):
    """Gives alerts as Avro."""

    def record_bytes(self, row: int) -> bytes:
        """Return one alert as schemaless Avro."""
        ...

    def schema_json(self, row: int) -> str:
        """Return its schema."""
        ...


@dataclass(frozen=True)
class DecodedAlerts:
    """N alerts of one survey and where each came from.

    Attributes
    ----------
    batch : AlertBatch
    source : ndarray (n,), object
        Source of each alert's payload.
    offset : ndarray (n,), int64
        Number of each alert within its source.
    """

    batch: AlertBatch
    source: np.ndarray
    offset: np.ndarray
    wire: Wire = field(repr=False)

    def record_bytes(self, row: int) -> bytes:
        """Return one alert as schemaless Avro: the bytes that came, if they came as Avro."""
        return self.wire.record_bytes(row)

    def schema_json(self, row: int) -> str:
        """Return the Avro schema of `record_bytes`."""
        return self.wire.schema_json(row)

    def as_dead_letters(self, reason: str) -> list[DeadLetter]:
        """Give up on all of them."""
        return [
            DeadLetter(s, int(o), reason, _bytes(self.wire, i))
            for i, (s, o) in enumerate(zip(self.source, self.offset, strict=True))
        ]


@dataclass
class Decoded:
    """What payloads held.

    Attributes
    ----------
    alerts : list of DecodedAlerts
        Avro alerts of one survey are together; rows of tables are together where the tables have
        the same columns.
    dead : list of DeadLetter
    """

    alerts: list[DecodedAlerts] = field(default_factory=list)
    dead: list[DeadLetter] = field(default_factory=list)

    def __len__(self) -> int:
        """Count the records that came in."""
        return sum(len(a.batch) for a in self.alerts) + len(self.dead)


@dataclass
class _Pile:
    """Records of one survey, one line each."""

    records: list[memoryview] = field(default_factory=list)
    schemas: list[AlertSchema] = field(default_factory=list)
    source: list[str] = field(default_factory=list)
    offset: list[int] = field(default_factory=list)


class TableWire:
    """Rows of a table as Avro."""

    def __init__(self, table: pa.Table) -> None:
        self.table = table

    def record_bytes(self, row: int) -> bytes:
        """See `Wire`."""
        return encode_row(self.table, row)

    def schema_json(self, row: int) -> str:
        """See `Wire`."""
        return avro_schema(self.table.schema)


def decode(payloads: Sequence[Payload], columns: Iterable[str]) -> Decoded:
    """Decode payloads.

    Parameters
    ----------
    payloads : sequence of Payload
        Of any kinds and surveys, mixed.
    columns : iterable of str
        Alert columns that will be asked for: those are read off Avro in one pass. Others can be
        asked for all the same.

    Returns
    -------
    Decoded
        Never raises for what the payloads hold.
    """
    columns = (*REQUIRED, *columns)
    decoded = Decoded()
    piles: dict[str, _Pile] = {}
    tables: dict[pa.Schema, list[tuple[Payload, pa.Table]]] = {}
    for payload in payloads:
        if payload.kind == "broken":
            decoded.dead.append(_letter(payload, 0, payload.reason))
        elif payload.kind == "table":
            _take_table(payload, tables, decoded)
        else:
            _take_packet(payload, piles, decoded)
    for survey, pile in piles.items():
        _decode_pile(pile, source_paths(columns, survey), decoded)
    for group in tables.values():
        _decode_tables(group, decoded)
    return decoded


def _letter(payload: Payload, number: int, reason: str) -> DeadLetter:
    return DeadLetter(payload.source, payload.offset + number, reason, payload.data)


def _take_packet(payload: Payload, piles: dict[str, _Pile], decoded: Decoded) -> None:
    packet = split(payload.data, payload.key)
    for damage in packet.damage:
        for i in range(damage.count):
            at = payload.offset + damage.number + i
            data = damage.data if i == 0 else b""
            decoded.dead.append(DeadLetter(payload.source, at, damage.reason, data))
    if packet.schema is None:
        return
    survey = packet.schema.survey
    for number, record in zip(packet.numbers, packet.records, strict=True):
        if survey is None:
            reason = "it is an alert neither of ZTF, nor of LSST: no candidate, no diaSource"
            at = payload.offset + number
            decoded.dead.append(DeadLetter(payload.source, at, reason, bytes(record)))
            continue
        pile = piles.setdefault(survey, _Pile())
        pile.records.append(record)
        pile.schemas.append(packet.schema)
        pile.source.append(payload.source)
        pile.offset.append(payload.offset + number)


def _decode_pile(pile: _Pile, paths: Sequence[str], decoded: Decoded) -> None:
    alerts = AvroAlerts(RawRecords.join(pile.records, pile.schemas), paths)
    faults = {**_faults(alerts), **alerts.damaged}
    source, offset = _origins(pile.source, pile.offset)
    _bury(faults, source, offset, alerts, decoded)
    if len(faults) == len(alerts):
        return
    if faults:
        good = _others(len(alerts), faults)
        alerts, source, offset = alerts.take(good), source[good], offset[good]
    decoded.alerts.append(DecodedAlerts(AlertBatch(alerts), source, offset, alerts))


def _take_table(
    payload: Payload, tables: dict[pa.Schema, list[tuple[Payload, pa.Table]]], decoded: Decoded
) -> None:
    try:
        with pa.ipc.open_stream(payload.data) as reader:
            table = reader.read_all()
        table.validate(full=True)
        group = tables.setdefault(table.schema, [])
    except (pa.ArrowException, OSError, ValueError) as error:
        decoded.dead.append(_letter(payload, 0, f"the table cannot be read: {error}"))
        return
    group.append((payload, table))


def _decode_tables(group: list[tuple[Payload, pa.Table]], decoded: Decoded) -> None:
    table = pa.concat_tables([table for _, table in group])
    source, offset = _origins(
        [p.source for p, t in group for _ in range(t.num_rows)],
        [p.offset + i for p, t in group for i in range(t.num_rows)],
    )
    try:
        faults = _faults(TableAlerts(table))
    except (ValueError, KeyError) as error:
        faults = dict.fromkeys(range(len(table)), str(error))
    _bury(faults, source, offset, TableWire(table), decoded)
    if len(faults) == len(table):
        return
    good = _others(len(table), faults)
    kept = table.filter(pa.array(good)) if faults else table
    decoded.alerts.append(
        DecodedAlerts(AlertBatch(TableAlerts(kept)), source[good], offset[good], TableWire(kept))
    )


def _faults(source: Source) -> dict[int, str]:
    """Find the rows that lack what makes an alert one."""
    faults: dict[int, str] = {}
    for path in source_paths(REQUIRED, source.survey):
        faults |= dict.fromkeys(
            np.flatnonzero(_is_null(source, path)).tolist(), f"it has no {path}"
        )
    return faults


def _is_null(source: Source, path: str) -> np.ndarray:
    try:
        return np.isnan(source.numbers(path))
    except KeyError:
        return np.ones(len(source), bool)


def _bury(
    faults: dict[int, str],
    source: np.ndarray,
    offset: np.ndarray,
    wire: Wire,
    decoded: Decoded,
) -> None:
    for row, reason in sorted(faults.items()):
        letter = DeadLetter(source[row], int(offset[row]), reason, _bytes(wire, row))
        decoded.dead.append(letter)


def _bytes(wire: Wire, row: int) -> bytes:
    """Return the bytes of a bad record; a table's row may have no counterpart in Avro."""
    try:
        return wire.record_bytes(row)
    except (TypeError, ValueError, OverflowError):
        return b""


def _origins(source: list[str], offset: list[int]) -> tuple[np.ndarray, np.ndarray]:
    return np.array(source, dtype=object), np.array(offset, dtype=np.int64)


def _others(n: int, faults: dict[int, str]) -> np.ndarray:
    good = np.ones(n, bool)
    good[list(faults)] = False
    return good
