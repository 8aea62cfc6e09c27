"""`bts_candidates` against a naive twin of the published filter, on random and on real alerts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from skysift.alerts.batch import AlertBatch
from skysift.filters import blocks, get
from tests.filters.bts_alerts import BEFORE, NOW, QUIET, call, curve_of
from tests.filters.published_bts import keeps

FILTER = get("bts_candidates")

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

HISTORY = {
    "back": (0.0, 0.01, 0.02, 0.03, 1.0, -1.0),
    "fid": (1.0, 2.0),
    "magpsf": (NAN, 18.0, *around(18.5, 18.7, 19)),
    "isdiffpos": (NAN, 0.0, 1.0, 1.0, 1.0),
}

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
        names = {"fid", *FILTER.columns} - {"light_curve", "btsbot"}
        table = pd.DataFrame({name: batch.column(name) for name in names})
        latitude = blocks.galactic_latitude(table["ra"], table["dec"])
        table = table.assign(latitude=latitude, score=score)
        curve = batch.column("light_curve")
        wanted = [
            keeps(alert, pd.DataFrame(curve.one(row)).to_dict("records")[:-1])
            for row, alert in enumerate(table.to_dict("records"))
        ]
        assert FILTER.select(batch).tolist() == wanted
        met += sum(wanted)
    assert (met > 10) == (score == 0.5)


def test_a_series_gives_the_same_on_its_own_index():
    alerts, histories = random_alerts(500)
    curve = curve_of(histories, alerts)
    alerts.index = [f"row {n}" for n in range(len(alerts))][::-1]
    kept = call(alerts, curve, wrap=pd.Series)
    pd.testing.assert_series_equal(
        kept, pd.Series(call(alerts, curve), index=alerts.index), check_names=False
    )
    assert 0 < kept.sum() < len(kept)
