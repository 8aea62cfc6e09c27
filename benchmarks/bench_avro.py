"""Avro decoding: the columns that the job needs, against whole packets by fastavro."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import fastavro
import numpy as np

from benchmarks import _alerts
from benchmarks._timing import Side, UnequalError, compare
from skysift.alerts.batch import AlertBatch
from skysift.alerts.packet import Packet, split
from skysift.alerts.payloads import Payload
from skysift.stream.plan import make_plan

AT_ONCE = 128
"""Packets that the job decodes together."""

PLAIN, SCHEMALESS = "fastavro.reader on each packet", "fastavro.schemaless_reader, schema cached"
TARGETS = {PLAIN: 1.5}
CHECKED = ("candid", "jd", "magpsf", "drb", "distpsnr1", "jdstarthist")


def run(night: Path, *, count: int = 600, turns: int = 5) -> list[dict[str, object]]:
    """Time each way on the same packets.

    Parameters
    ----------
    night : Path
        Folder of simulated packets.
    count : int
        Alerts to take from it.
    turns : int
    """
    samples = {"ZTF packets, simulated": _alerts.read_packets(night, count)}
    if _alerts.REAL_PACKETS.is_dir():
        real = _alerts.read_packets(_alerts.REAL_PACKETS)
        # few are at hand: read again until there are enough for whole batches
        samples["ZTF packets, real"] = (real * (AT_ONCE // len(real) + 1))[: min(AT_ONCE, count)]
    return [row for what, payloads in samples.items() for row in _race(what, payloads, turns)]


def _race(what: str, payloads: Sequence[Payload], turns: int) -> list[dict[str, object]]:
    _check(payloads)
    packets = [split(payload.data) for payload in payloads]
    n = len(payloads)
    today = {
        PLAIN: Side(lambda: [_plain(payload) for payload in payloads], n),
        SCHEMALESS: Side(lambda: [_schemaless(packet) for packet in packets], n),
    }
    ours = Side(lambda: list(_projected(payloads)), n)
    return compare(f"{n} {what}", ours, today, turns=turns, targets=TARGETS)


def _projected(payloads: Sequence[Payload]) -> list[dict[str, Any]]:
    """Read off every column that the job reads, histories and the stamps' bytes among them."""
    plan = make_plan("ztf")
    read = []
    for start in range(0, len(payloads), AT_ONCE):
        alerts = _alerts.decode_packets(payloads[start : start + AT_ONCE], plan.columns)
        batch = AlertBatch(alerts)
        columns = {name: batch.column(name) for name in (*plan.kept, "light_curve")}
        read.append({**columns, **{name: alerts.blobs(name) for name in _alerts.STAMPS}})
    return read


def _plain(payload: Payload) -> Any:
    return next(fastavro.reader(io.BytesIO(payload.data)))


def _schemaless(packet: Packet) -> Any:
    assert packet.schema is not None
    return fastavro.schemaless_reader(io.BytesIO(packet.records[0]), packet.schema.root, None)


def _check(payloads: Sequence[Payload]) -> None:
    """Hold columns, light curves and stamps against the packets as fastavro reads them."""
    theirs = [_plain(payload) for payload in payloads]
    for start, ours in zip(range(0, len(payloads), AT_ONCE), _projected(payloads), strict=True):
        part = theirs[start : start + AT_ONCE]
        for name in CHECKED:
            values = np.array([_number(alert, name) for alert in part], ours[name].dtype)
            if not np.array_equal(values, ours[name], equal_nan=name != "candid"):
                raise UnequalError(f"column {name} differs from what fastavro reads")
        points = [[*(alert["prv_candidates"] or ()), alert["candidate"]] for alert in part]
        jd = np.array([point["jd"] for history in points for point in history])
        if not np.array_equal(jd, ours["light_curve"].jd):
            raise UnequalError("light curves differ from what fastavro reads")
        for path in _alerts.STAMPS:
            name, field = path.split(".")
            if ours[path] != [(alert[name] or {}).get(field) for alert in part]:
                raise UnequalError(f"{path} differs from what fastavro reads")


def _number(alert: dict[str, Any], name: str) -> float:
    value = alert[name] if name == "candid" else alert["candidate"].get(name)
    return np.nan if value is None else value
