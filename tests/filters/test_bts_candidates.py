"""`bts_candidates` against a naive twin of the published filter, on random and on real alerts."""

from __future__ import annotations

import runpy
from pathlib import Path

import astropy.units as u
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from astropy.coordinates import SkyCoord

from skysift.alerts.batch import AlertBatch
from skysift.alerts.light_curve import LightCurve
from skysift.alerts.signature import required_columns
from skysift.filters import blocks, get
from skysift.filters.bts_candidates import bts_candidates

keeps = runpy.run_path(str(Path(__file__).with_name("published_bts.py")))["keeps"]

NAN = np.nan
NONE = (-999.0, NAN)
STEP = 0.01
"""How far on either side of a limit the random alerts lie."""


def around(*limits: float) -> tuple[float, ...]:
    return tuple(v for limit in limits for v in (limit - STEP, limit, limit + STEP))


PS1_MAGS = (*NONE, 31.0, 20.5, *around(14, 15, 15.5, 16, 16.5, 17, 17.5, 18))
VALUES = {
    "magpsf": (NAN, 17.0, *around(18.5, 19)),
    "isdiffpos": (NAN, 0.0, 1.0),
    "days": (NAN, *around(30, 90, 300, 360)),
    "rb": (NAN, *around(0.2, 0.35, 0.45)),
    "drb": (NAN, *around(0.1, 0.5, 0.8)),
    "score": (NAN, *around(0.5)),
    "magnr": (*NONE, 17.0, *around(15.5, 17.5, 19.5)),
    "distnr": (*NONE, *around(0.4, 0.5, 0.8, 1.2)),
    "sgscore1": (*NONE, *around(0.2, 0.25, 0.49, 0.5, 0.76, 0.9)),
    "distpsnr1": (*NONE, *around(0.5, 0.8, 1, 1.1, 1.5, 2, 3, 10, 20)),
    **dict.fromkeys(("sgmag1", "srmag1", "simag1", "szmag1"), PS1_MAGS),
    **dict.fromkeys(("sgscore2", "sgscore3"), (*NONE, *around(0.9))),
    **dict.fromkeys(("distpsnr2", "distpsnr3"), (*NONE, *around(20))),
    **dict.fromkeys(("srmag2", "srmag3"), (*NONE, *around(14))),
    "neargaia": (*NONE, *around(0.2, 0.35, 1, 1.5)),
    "maggaia": (*NONE, *around(15.5, 17, 18, 19)),
    "neargaiabright": (*NONE, *around(20)),
    "maggaiabright": (*NONE, *around(12)),
    "ssdistnr": (*NONE, 0.0, *around(12)),
    "ssmagnr": (*NONE, *around(20)),
}
"""For every column, what is on and around each limit that it is held against."""

QUIET = dict.fromkeys(VALUES, -999.0) | {
    "magpsf": 18.7, "isdiffpos": 1.0, "days": 5.0, "rb": 0.9, "drb": 0.99, "score": 0.9,
    "ra": 180.0, "dec": 30.0,
}  # fmt: skip
"""An alert far from the plane with nothing against it, seen a day before."""

BEFORE = {"back": 1.0, "fid": 1.0, "magpsf": 18.9, "isdiffpos": 1.0}
HISTORY = {
    "back": (0.0, 0.01, 0.02, 0.03, 1.0, -1.0),
    "fid": (1.0, 2.0),
    "magpsf": (NAN, 18.0, *around(18.5, 18.7, 19)),
    "isdiffpos": (NAN, 0.0, 1.0, 1.0, 1.0),
}
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
    unused = np.full(len(flat), NAN)
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


PS1 = ("sgscore1", "distpsnr1", "sgmag1", "srmag1", "simag1", "szmag1")
TOGETHER = (
    ("magpsf", "isdiffpos", "rb", "drb", "score"),
    ("rb", "neargaia", "maggaia"),
    ("rb", *PS1),
    ("drb", "days", *PS1),
    PS1,
    ("sgscore2", "distpsnr2", "srmag2"),
    ("sgscore3", "distpsnr3", "srmag3"),
    ("neargaiabright", "maggaiabright"),
    ("ssdistnr", "ssmagnr"),
    ("days", "magpsf", "magnr", "distnr"),
    ("days", "magpsf", "neargaia", "maggaia"),
    ("days", *PS1),
)
"""Columns that one rule looks at."""


def random_alerts(count: int) -> tuple[pd.DataFrame, list[list[dict]]]:
    """Make quiet alerts, and change in each most of what one rule looks at, and little else."""
    rng = np.random.default_rng(3)
    alerts = pd.DataFrame(QUIET, index=range(count))
    rule = rng.integers(0, len(TOGETHER), count)
    for name, values in VALUES.items():
        concerned = np.isin(rule, [n for n, names in enumerate(TOGETHER) if name in names])
        changed = rng.random(count) < np.where(concerned, 0.8, 0.02)
        alerts.loc[changed, name] = rng.choice(values, changed.sum())
    histories = [
        [{k: rng.choice(v) for k, v in HISTORY.items()} for _ in range(rng.integers(0, 4))]
        + [BEFORE] * (rng.random() < 0.8)
        for _ in range(count)
    ]
    return alerts, histories


def test_it_is_the_published_filter_on_random_alerts():
    alerts, histories = random_alerts(20_000)
    kept = call(alerts, curve_of(histories, alerts))
    wanted = [
        keeps(
            alert | {"fid": 1.0, "latitude": 70.0, "jd": NOW, "jdstarthist": NOW - alert["days"]},
            [point | {"jd": NOW - point["back"]} for point in history],
        )
        for alert, history in zip(alerts.to_dict("records"), histories, strict=True)
    ]
    assert 2000 < sum(wanted) < 18_000
    np.testing.assert_array_equal(kept, wanted)


@pytest.mark.parametrize("score", [0.5, 0.4999, NAN])
def test_it_is_the_published_filter_on_real_alerts(shared_data, score):
    met = 0
    for path in sorted((shared_data / "ztf" / "tables").glob("fink_v[34]*.parquet")):
        batch = AlertBatch.from_table(pq.read_table(path))
        batch.attach("btsbot", {"score": np.full(len(batch), score)})
        names = [n for n in required_columns(bts_candidates) if n not in ("light_curve", "btsbot")]
        table = pd.DataFrame({name: batch.column(name) for name in (*names, "fid")})
        latitude = blocks.galactic_latitude(table["ra"], table["dec"])
        table = table.assign(latitude=latitude, score=score)
        curve = batch.column("light_curve")
        wanted = [
            keeps(alert, pd.DataFrame(curve.one(row)).to_dict("records")[:-1])
            for row, alert in enumerate(table.to_dict("records"))
        ]
        assert get("bts_candidates").select(batch).tolist() == wanted
        met += sum(wanted)
    assert (met > 10) == (score == 0.5)


def test_it_keeps_drops_and_meets_nulls():
    assert decide({}, {"magpsf": 19.4}, {"magpsf": NAN}) == [True, False, False]


NEEDED = ("magpsf", "isdiffpos", "rb", "drb", "score", "ra", "dec")
NEIGHBOURS = sorted(set(VALUES) - set(NEEDED) - {"days"})


def test_the_limit_on_latitude_is_seven_degrees():
    places = SkyCoord(
        [120, 120, 120, 120] * u.deg, [6.99, 7.01, -6.99, -7.01] * u.deg, frame="galactic"
    )
    alerts = [{"ra": p.ra.deg, "dec": p.dec.deg} for p in places.icrs]
    assert decide(*alerts) == [False, True, False, True]


@pytest.mark.parametrize("name", NEEDED)
def test_a_null_measurement_drops_the_alert(name):
    assert decide({name: NAN}) == [False]


@pytest.mark.parametrize("name", NEIGHBOURS)
def test_a_null_neighbour_is_none(name):
    assert decide({name: NAN}) == [True]


def test_a_null_history_drops_the_alert():
    assert decide({}, history=()) == [False]


def test_a_series_gives_the_same_on_its_own_index():
    alerts, histories = random_alerts(500)
    curve = curve_of(histories, alerts)
    alerts.index = [f"row {n}" for n in range(len(alerts))][::-1]
    kept = call(alerts, curve, wrap=pd.Series)
    pd.testing.assert_series_equal(
        kept, pd.Series(call(alerts, curve), index=alerts.index), check_names=False
    )
    assert 0 < kept.sum() < len(kept)


SETTINGS = {
    "max_mag": ({"magpsf": 18.7}, 18.7, 18.71),
    "min_score": ({"score": 0.7}, 0.71, 0.7),
    "min_latitude": ({}, 89.0, 60.0),
    "min_rb": ({"rb": 0.6}, 0.6, 0.59),
    "min_drb": ({"drb": 0.6}, 0.61, 0.6),
    "min_separation": ({}, 1.0, 0.99),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_a_setting_changes_the_outcome_at_its_limit(name):
    alert, drops, keeps = SETTINGS[name]
    assert decide(alert, **{name: drops}) == [False]
    assert decide(alert, **{name: keeps}) == [True]


def test_every_setting_is_tested():
    assert set(SETTINGS) == set(get("bts_candidates").settings)
