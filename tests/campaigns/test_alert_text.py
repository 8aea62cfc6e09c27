"""An alert in a few lines: links, numbers, and a light curve that goes up where it brightened."""

from __future__ import annotations

import copy

import pandas as pd

from skysift.alerts.batch import AlertBatch
from skysift.campaigns.alert_text import HEIGHTS, describe
from tests.alert_samples import simulated_ztf


def packet(
    history: list[tuple[float, int, float | None, str | None]], now: float, **fields
) -> dict:
    """Make an alert of a history (days before, band, magnitude, sign), and its own magnitude."""
    made = copy.deepcopy(simulated_ztf()[0])
    jd = 2460582.8
    made["candidate"] |= {"jd": jd, "fid": 1, "magpsf": now, "isdiffpos": "t", **fields}
    point = dict.fromkeys((made["prv_candidates"] or [made["candidate"]])[0])
    made["prv_candidates"] = [
        {**point, "jd": jd - days, "fid": fid, "magpsf": magnitude, "isdiffpos": sign,
         "diffmaglim": 20.5, "sigmapsf": 0.1}
        for days, fid, magnitude, sign in history
    ]  # fmt: skip
    return made


def told(alert: dict) -> list[str]:
    batch = AlertBatch.from_pandas(pd.DataFrame([alert]))
    return [line.strip() for line in describe(batch).splitlines()]


def test_where_to_look_and_what_is_known():
    alert = packet([], 18.25, drb=0.98)
    lines = told(alert)
    assert lines[0] == f"https://lasair-ztf.lsst.ac.uk/objects/{alert['objectId']}/"
    assert lines[1] == f"https://ztf.fink-portal.org/{alert['objectId']}"
    assert "magpsf 18.25 mag" in lines[2] and "drb 0.98" in lines[2]


def test_a_band_that_rises_goes_up():
    alert = packet([(9, 1, None, None), (6, 1, 20.0, "t"), (3, 1, 19.0, "t")], 18.0)
    (line,) = [line for line in told(alert) if line.startswith("g ")]
    assert line.startswith(f"g ·{HEIGHTS[0]}")
    assert line.split()[1][-1] == HEIGHTS[-1]
    assert "20.00 → 18.00 mag in 6.0 d, last 0.0 d ago; 3 detections, 0 negative, 1 limit" in line


def test_bands_stand_apart_and_negative_differences_are_marked():
    alert = packet([(8, 2, 19.0, "f"), (5, 2, 18.5, "t"), (4, 2, None, None)], 18.0)
    lines = told(alert)
    (red,) = [line for line in lines if line.startswith("r ")]
    assert red.split()[1] == f"-{HEIGHTS[0]}·"
    assert "last 5.0 d ago; 1 detection, 1 negative, 1 limit" in red
    assert sum(line.startswith(("g ", "r ", "i ")) for line in lines) == 2


def test_a_band_without_a_detection_only_counts():
    alert = packet([(8, 2, None, None), (5, 2, 19.0, "f")], 18.0)
    (red,) = [line for line in told(alert) if line.startswith("r ")]
    assert red.endswith("-  0 detections, 1 negative, 1 limit")
