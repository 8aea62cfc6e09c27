"""Alerts to ask `bts_candidates` about: a quiet one, and what is changed in it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from skysift.alerts.light_curve import LightCurve
from skysift.alerts.signature import required_columns
from skysift.filters.bts_candidates import bts_candidates

NEIGHBOURS = (
    "magnr", "distnr", "neargaia", "maggaia", "neargaiabright", "maggaiabright",
    "sgscore1", "distpsnr1", "sgmag1", "srmag1", "simag1", "szmag1",
    "sgscore2", "distpsnr2", "srmag2", "sgscore3", "distpsnr3", "srmag3", "ssdistnr", "ssmagnr",
)  # fmt: skip
"""Columns that say what catalogues have near the alert."""

QUIET = dict.fromkeys(NEIGHBOURS, -999.0) | {
    "magpsf": 18.7, "isdiffpos": 1.0, "days": 5.0, "rb": 0.9, "drb": 0.99, "score": 0.9,
    "ra": 180.0, "dec": 30.0,
}  # fmt: skip
"""An alert far from the plane with nothing against it, seen a day before."""

BEFORE = {"back": 1.0, "fid": 1.0, "magpsf": 18.9, "isdiffpos": 1.0}

NOW = 2459000.5


def call(alerts: pd.DataFrame, curve: LightCurve, wrap=np.asarray, **settings):
    """Run the filter on a table of alerts; `wrap` turns a column into what is passed."""
    own = alerts.assign(jd=NOW, jdstarthist=NOW - alerts["days"])
    taken = [n for n in required_columns(bts_candidates) if n not in ("light_curve", "btsbot")]
    columns = {name: wrap(own[name]) for name in taken}
    module = {"score": wrap(alerts["score"])}
    return bts_candidates(**columns, light_curve=curve, btsbot=module, **settings)


def curve_of(histories: list[list[dict]], alerts: pd.DataFrame) -> LightCurve:
    points = [
        [*history, {"back": 0.0, "fid": 1.0, "magpsf": m, "isdiffpos": s}]
        for history, m, s in zip(histories, alerts["magpsf"], alerts["isdiffpos"], strict=True)
    ]
    flat = pd.DataFrame([p for each in points for p in each])
    unused = np.full(len(flat), np.nan)
    return LightCurve(
        offsets=np.cumsum([0, *map(len, points)]), jd=(NOW - flat["back"]).to_numpy(),
        fid=flat["fid"].to_numpy(), magpsf=flat["magpsf"].to_numpy(), sigmapsf=unused,
        diffmaglim=unused, isdiffpos=flat["isdiffpos"].to_numpy(),
        is_null=np.zeros(len(points), dtype=bool),
    )  # fmt: skip


def decide(*changes: dict, history: tuple[dict, ...] = (BEFORE,), **settings) -> list[bool]:
    """Ask about the quiet alert with each of these changes."""
    alerts = pd.DataFrame([QUIET | change for change in changes])
    kept = call(alerts, curve_of([list(history)] * len(alerts), alerts), **settings)
    assert kept.dtype == bool
    return kept.tolist()
