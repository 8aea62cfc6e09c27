"""One alert, read from its place when somebody looks at it."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import fastavro
import numpy as np
import pyarrow as pa

from skysift.alerts.batch import AlertBatch
from skysift.alerts.decode import DecodedAlerts, decode
from skysift.alerts.packet import split
from skysift.alerts.payload import Payload
from skysift.alerts.payloads import iter_file
from skysift.marshal.entries import PIECE_BYTES, Entry, Place
from skysift.marshal.structs import SIGNS

KEPT_OPEN = 32
"""Alerts that are kept in memory: a page asks for one several times, for its stamps."""

STAMPS = ("science", "template", "difference")


class GoneError(LookupError):
    """An alert is not where it was; the message says so."""


@dataclass(frozen=True, eq=False)
class OpenAlert:
    """An alert with all that came with it.

    Attributes
    ----------
    entry : Entry
    batch : AlertBatch
        Of one row.
    modules : dict
        What each science module says: outputs, ``status`` and ``version``.
    """

    entry: Entry
    batch: AlertBatch
    modules: Mapping[str, Mapping[str, Any]]

    @property
    def survey(self) -> str:
        """``ztf`` or ``lsst``."""
        return self.batch.survey

    def value(self, name: str) -> Any:
        """Return a column's value, None where the alert has none."""
        if not self.batch.has(name):
            return None
        (value,) = np.asarray(self.batch.column(name)).tolist()
        return None if value != value else value

    def stamp(self, name: str) -> np.ndarray | None:
        """Return a stamp, float32 (rows, columns); None if it is missing or broken."""
        if not self.batch.has("stamps"):
            return None
        return self.batch.column("stamps").images[0][STAMPS.index(name)]

    def light_curve(self) -> Mapping[str, np.ndarray] | None:
        """Return the points of the light curve, the alert last; None if there is no history."""
        return self.batch.column("light_curve").one(0) if self.batch.has("light_curve") else None


def read_alert(entry: Entry) -> OpenAlert:
    """Read an alert from its place.

    Raises
    ------
    GoneError
        If it does not lie there any more.
    """
    batch, modules = _read(entry.alert_id, entry.place)
    return OpenAlert(entry, batch, modules)


@lru_cache(maxsize=KEPT_OPEN)
def _read(alert_id: int, place: Place) -> tuple[AlertBatch, Mapping[str, Mapping[str, Any]]]:
    payload = next(iter_file(place.file, max_bytes=PIECE_BYTES, skip=place.piece), None)
    single = None if payload is None else _single(payload, place.number)
    decoded = decode([] if single is None else [single], ())
    alerts = decoded.alerts[0] if decoded.alerts else None
    if alerts is None or int(alerts.batch.column("alert_id")[0]) != alert_id:
        raise GoneError(f"alert {alert_id} is not in {place.file} any more")
    return alerts.batch, _modules(alerts)


def _single(payload: Payload, number: int) -> Payload | None:
    """Take one alert out of a piece."""
    if payload.kind == "table":
        with pa.ipc.open_stream(payload.data) as reader:
            table = reader.read_all().slice(number, 1)
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
        return Payload("table", sink.getvalue().to_pybytes(), None, payload.source, number)
    packet = split(payload.data, payload.key)
    if packet.schema is None or number not in packet.numbers:
        return None
    record = bytes(packet.records[packet.numbers.index(number)])
    return Payload("record", record, packet.schema.text.encode(), payload.source, number)


def _modules(alerts: DecodedAlerts) -> dict[str, Mapping[str, Any]]:
    """Decode the structs that science modules have left."""
    schema = fastavro.parse_schema(json.loads(alerts.schema_json(0)))
    alert: Any = fastavro.schemaless_reader(io.BytesIO(alerts.record_bytes(0)), schema, None)
    return {
        name: value
        for name, value in alert.items()
        if isinstance(value, dict) and value.keys() >= SIGNS
    }
