"""Alerts for the conformance battery, and what may be wrong with an alert.

An alert is a row of a broker's table: nested dicts, as surveys send them. What is wrong with it is
derived from the fields that a unit reads, so that it fits any unit and any survey.
"""

from __future__ import annotations

import copy
import gzip
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.compute as pc
import pyarrow.parquet as pq
from astropy.io import fits

from skysift import science_modules
from skysift.alerts.batch import AlertBatch
from skysift.alerts.columns import COLUMNS, source_paths
from skysift.simulate import simulate_night

Alert = dict[str, Any]
Fault = Callable[[Alert], None]

REAL = {"ztf": "ztf/tables/fink_v4_slsn_55.parquet", "lsst": "lsst/v10_27.parquet"}
NEWCOMER = ("ztf/tables/fink_v4_9.parquet", 3086478361615015011)
"""Where nothing had been seen before; all others of ZTF's have a history."""
HOW_MANY = 13
"""More than a network takes at a time (8), and odd."""

ODD_VALUES: dict[type, tuple[Any, ...]] = {
    float: (None, np.nan, np.inf, -np.inf, -999.0, 1e300),
    int: (None, -999, 2**31 - 1),
    str: (None, "", "null", "ñ\x00"),
    bool: (None,),
    dict: (None,),
}
"""What may stand in a field of the packet in place of such a value."""

STRUCT_VALUES = {
    "float": 0.9,
    "double": 0.9,
    "int": 1,
    "bigint": 1,
    "string": "a",
    "boolean": True,
    "array<float>": [0.9, 0.1],
}
"""What a science module is taken to have said, by SQL type."""

NAMED_VALUES = {"rank": 9.0}
"""And by name, for what does not lie between 0 and 1."""


@cache
def simulated_ztf() -> list[Alert]:
    """Simulate supernovae, which filters should keep some of, and what is none; last, a comet."""
    mix = {"supernova": 2, "variable": 1, "bogus": 1}
    others = simulate_night(HOW_MANY - 1, seed=3, mix=mix, alerts_per_object=1)
    comets = simulate_night(1, seed=4, mix={"comet": 1}, alerts_per_object=1)
    return [packet for packet, _ in (*others, *comets)]


def real_alerts(shared_data: Path, survey: str) -> list[Alert]:
    """Read real alerts of a survey, of as many objects as may be.

    Of ZTF's the last is the faintest that SIMBAD does not know, and the one before it `NEWCOMER`.
    """
    table = pq.read_table(shared_data / REAL[survey])
    rows = np.linspace(0, len(table) - 1, HOW_MANY, dtype=int)
    if survey == "ztf":
        magnitude = pc.struct_field(table["candidate"], "magpsf").to_numpy()
        known = pc.not_equal(table["cdsxmatch"], "Unknown").to_numpy()
        rows[-1] = np.argmax(np.where(known, -np.inf, magnitude))
    alerts = table.take(rows).to_pylist()
    if survey == "ztf":
        path, candid = NEWCOMER
        (alerts[-2],) = pq.read_table(
            shared_data / path, filters=pc.field("candid") == candid
        ).to_pylist()
    return alerts


def batch_of(columns: Sequence[str], alerts: Sequence[Alert], survey: str) -> AlertBatch:
    """Make a batch of alerts, with the structs among `columns` attached."""
    batch = AlertBatch.from_pandas(frame_of((), alerts), survey)
    for name in columns:
        if name not in COLUMNS:
            rows = [_struct(name)] * len(alerts)
            batch.attach(name, {key: np.array([row[key] for row in rows]) for key in _struct(name)})
    return batch


def frame_of(columns: Sequence[str], alerts: Sequence[Alert]) -> pd.DataFrame:
    """Make a frame of alerts, the structs among `columns` in it, on a shuffled index."""
    names = simulated_ztf()[0] if not alerts else alerts[0]
    frame = pd.DataFrame(list(alerts), columns=list(names))
    for name in columns:
        if name not in COLUMNS:
            frame[name] = [_struct(name)] * len(frame)
    return frame.set_axis(np.random.default_rng(5).permutation(len(frame)) + 100)


def _struct(name: str) -> dict[str, Any]:
    outputs = science_modules.get(name).outputs
    usual = {output: STRUCT_VALUES[kind] for output, kind in outputs.items()}
    values = {output: NAMED_VALUES.get(output, value) for output, value in usual.items()}
    return {**values, "status": "ok", "version": "sample"}


def with_fault(alert: Alert, fault: Fault) -> Alert:
    """Return a copy of an alert with something wrong with it."""
    damaged = copy.deepcopy(alert)
    fault(damaged)
    return damaged


def faults(alert: Alert, columns: Iterable[str], survey: str) -> Iterator[tuple[str, Fault]]:
    """Tell what may be wrong with the fields that these columns are read from, by name."""
    lists = set()
    for path in source_paths(columns, survey):
        group, _, field = path.rpartition(".")
        if (group or field) not in alert:  # what only some brokers add
            continue
        here = alert[group] if group else alert
        if isinstance(here, list):
            lists.add(group)
            yield from _odd_values(path, next(p[field] for p in here if p[field] is not None))
        elif isinstance(here[field], bytes):
            yield from ((f"{path} {name}", stamp_fault(path, name)) for name in STAMP_FAULTS)
        else:
            yield from _odd_values(path, here[field])
    for name in lists:
        yield from ((f"{name} {what}", _list_fault(name, what)) for what in LIST_FAULTS)
    yield "everything null", nothing


def nothing(alert: Alert) -> None:
    """Make every field null."""
    alert.update(dict.fromkeys(alert))


def null_column(name: str, survey: str) -> Fault:
    """Make what one column is read from null."""

    def fault(alert: Alert) -> None:
        for path in source_paths([name], survey):
            _put(alert, path, None)

    return fault


def stamp_fault(path: str, name: str) -> Fault:
    """Do one of `STAMP_FAULTS` to the stamp at a path."""
    return lambda alert: _put(alert, path, STAMP_FAULTS[name](_get(alert, path)))


def _odd_values(path: str, value: Any) -> Iterator[tuple[str, Fault]]:
    for odd in ODD_VALUES[type(value)] if value is not None else (None,):
        yield f"{path} = {odd!r}", lambda alert, odd=odd: _put(alert, path, odd)


def _get(alert: Alert, path: str) -> Any:
    group, _, field = path.rpartition(".")
    return (alert[group] if group else alert)[field]


def _put(alert: Alert, path: str, value: Any) -> None:
    """Set a field; of a history, in its every second point."""
    group, _, field = path.rpartition(".")
    here = alert.get(group) if group else alert
    for struct in here[::2] if isinstance(here, list) else [here]:
        if struct is not None:
            struct[field] = value


def _list_fault(name: str, what: str) -> Fault:
    return lambda alert: alert.update({name: LIST_FAULTS[what](alert[name])})


LIST_FAULTS: dict[str, Callable[[list], list | None]] = {
    "null": lambda points: None,
    "empty": lambda points: [],
    "of nulls": lambda points: [dict.fromkeys(point) for point in points],
    "repeated": lambda points: points * 2,
    "reversed": lambda points: points[::-1],
    "very long": lambda points: points * 100,
}
"""What may have happened to a history."""


def fits_of(image: np.ndarray) -> bytes:
    """Write an image as surveys write stamps."""
    file = BytesIO()
    fits.PrimaryHDU(image).writeto(file)
    return gzip.compress(file.getvalue(), 1)


def _bomb(stamp: bytes) -> bytes:
    return gzip.compress(bytes(64 * 2**20), 9)


STAMP_FAULTS: dict[str, Callable[[bytes], bytes | None]] = {
    "null": lambda stamp: None,
    "empty": lambda stamp: b"",
    "cut short": lambda stamp: stamp[: len(stamp) // 2],
    "gzip of garbage": lambda stamp: stamp[:10] + bytes(reversed(stamp[10:])),
    "no FITS": lambda stamp: gzip.compress(b"no image at all " * 500),
    "a bomb": _bomb,
    "all NaN": lambda stamp: fits_of(np.full((63, 63), np.nan, np.float32)),
    "all zero": lambda stamp: fits_of(np.zeros((63, 63), np.float32)),
    "infinite": lambda stamp: fits_of(np.full((63, 63), np.inf, np.float32)),
    "a cube": lambda stamp: fits_of(np.ones((3, 63, 63), np.float32)),
    "one pixel": lambda stamp: fits_of(np.ones((1, 1), np.float32)),
    "narrow": lambda stamp: fits_of(np.ones((63, 40), np.float32)),
    "large": lambda stamp: fits_of(np.ones((130, 120), np.float32)),
    "of integers": lambda stamp: fits_of(np.arange(63 * 63, dtype=np.int16).reshape(63, 63)),
    "some NaN": lambda stamp: fits_of(np.where(np.eye(63), np.nan, 1).astype(np.float32)),
}
"""What may have happened to a stamp."""

UNREADABLE = ("null", "empty", "cut short", "gzip of garbage", "no FITS", "a bomb", "a cube")
BLANK = ("all NaN", "all zero")
"""Those of `STAMP_FAULTS` after which there is nothing to score."""
