"""Histories for the tests of the VRA: real ones from tables of alerts, and made-up ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from skysift.models.vra.history import History

FIELDS = ("jd", "fid", "magpsf", "sigmapsf", "distnr", "magnr", "sigmagnr")

Point = Mapping[str, Any]


def read_points(table: Path) -> list[list[Point]]:
    """Read the points of each alert of a table, the alert itself last."""
    rows = pq.read_table(table, columns=["candidate", "prv_candidates"]).to_pylist()
    return [[*(row["prv_candidates"] or []), row["candidate"]] for row in rows]


def history_of(alerts: Sequence[Sequence[Point]]) -> History:
    """Lay the points of alerts out flat."""
    points = [point for alert in alerts for point in alert]
    numbers = {
        name: np.array([point.get(name) for point in points], dtype=np.float64) for name in FIELDS
    }
    signs = {"t": 1.0, "1": 1.0, "f": 0.0, "0": 0.0}
    positive = np.array([signs.get(point["isdiffpos"], np.nan) for point in points])
    offsets = np.cumsum([0, *map(len, alerts)])
    return History(offsets=offsets, isdiffpos=positive, **numbers)


def point(jd: float, fid: int, magpsf: float | None, **fields: Any) -> Point:
    """Make a point: a positive detection far from any reference source, or a limit."""
    seen = magpsf is not None
    usual = {"sigmapsf": 0.1 if seen else None, "isdiffpos": "t" if seen else None, "distnr": 20.0}
    return (
        {"jd": jd, "fid": fid, "magpsf": magpsf, "magnr": 18.0, "sigmagnr": 0.02} | usual | fields
    )
