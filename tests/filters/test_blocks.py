"""The shared predicates, at and around their limits; latitudes against astropy."""

from __future__ import annotations

from dataclasses import replace

import astropy.units as u
import numpy as np
import pandas as pd
import pytest
from astropy.coordinates import SkyCoord

from skysift.alerts.light_curve import LightCurve
from skysift.filters import _history, blocks

NAN = np.nan


def answers(result) -> list[bool]:
    assert result.dtype == bool
    return list(result)


def light_curve(*alerts: list[dict]) -> LightCurve:
    """Make light curves from points; the last of each alert is the alert itself."""
    usual = {"jd": 10.0, "fid": 1, "magpsf": 18.0, "sigmapsf": 0.1, "diffmaglim": 20.5}
    usual |= {"isdiffpos": 1}
    points = pd.DataFrame([usual | point for alert in alerts for point in alert], dtype=float)
    return LightCurve(
        offsets=np.cumsum([0, *map(len, alerts)]),
        is_null=np.zeros(len(alerts), dtype=bool),
        **{name: column.to_numpy() for name, column in points.items()},
    )


def test_latitude_is_astropys():
    rng = np.random.default_rng(1)
    ra, dec = rng.uniform(0, 360, 5000), np.degrees(np.arcsin(rng.uniform(-1, 1, 5000)))
    ra[:3], dec[:3] = (192.85948, 12.85948, 0.0), (27.12825, -27.12825, 90.0)
    truth = SkyCoord(ra * u.deg, dec * u.deg).galactic.b.deg
    # 0.02 arcsec is the difference between ICRS and J2000; at the poles arcsin adds as much again
    np.testing.assert_allclose(blocks.galactic_latitude(ra, dec), truth, atol=2e-5)


def test_latitude_limit_holds_on_both_sides_of_the_plane_and_is_inclusive():
    ra, dec = np.array([180.0, 0.0]), np.array([30.0, -30.0])
    limit = abs(blocks.galactic_latitude(ra, dec))
    assert (blocks.galactic_latitude(ra, dec) > 0).tolist() == [True, False]
    assert answers(blocks.away_from_plane(ra, dec, limit)) == [True, True]
    assert answers(blocks.away_from_plane(ra, dec, np.nextafter(limit, 91))) == [False, False]


SINGLE = {
    "brighter": (lambda v: blocks.brighter(v, 19.0), {18.999: 1, 19.0: 0, 0.0: 0, -999: 0, NAN: 0}),
    "positive": (blocks.positive, {1: 1, 0: 0, NAN: 0}),
    "scored": (lambda v: blocks.scored({"score": v}, 0.5), {0.5: 1, 0.4999: 0, NAN: 0}),
    "near": (lambda v: blocks.near(v, 2.0), {0: 1, 1.999: 1, 2.0: 0, -999: 0, NAN: 0}),
    "on_star by score": (lambda v: blocks.on_star(v, v * 0), {0.761: 1, 0.76: 0, -999: 0, NAN: 0}),
    "on_star by distance": (lambda v: blocks.on_star(v * 0 + 1, v), {1.999: 1, 2.0: 0, NAN: 0}),
    "asteroid by distance": (lambda v: blocks.asteroid(v, v * 0), {0: 1, 11.99: 1, 12: 0, -999: 0}),
    "asteroid by magnitude": (lambda v: blocks.asteroid(v * 0, v), {19.99: 1, 20: 0, NAN: 0}),
    "Gaia glare by distance": (
        lambda v: blocks.near_bright_gaia_star(v, v * 0 + 11),
        {0: 1, 19.99: 1, 20: 0, -999: 0, NAN: 0},
    ),
    "Gaia glare by magnitude": (
        lambda v: blocks.near_bright_gaia_star(v * 0, v),
        {11.99: 1, 12: 0, -999: 0, NAN: 0},
    ),
    "PS1 glare by score": (
        lambda v: blocks.near_bright_star(v, v * 0, v * 0 + 13, 20),
        {0.91: 1, 0.9: 0, -999: 0, NAN: 0},
    ),
    "PS1 glare by distance": (
        lambda v: blocks.near_bright_star(v * 0 + 1, v, v * 0 + 13, 20),
        {19.99: 1, 20: 0, -999: 0, NAN: 0},
    ),
    "PS1 glare by magnitude": (
        lambda v: blocks.near_bright_star(v * 0 + 1, v * 0, v, 20),
        {13.99: 1, 14: 0, -999: 0, NAN: 0},
    ),
    "red star by score": (
        lambda v: blocks.on_red_star(v, v * 0, v * 0 + 20, v * 0 + 16, v * 0 + 19),
        {0.21: 1, 0.2: 0, -999: 0, NAN: 0},
    ),
    "red star by distance": (
        lambda v: blocks.on_red_star(v * 0 + 1, v, v * 0 + 20, v * 0 + 16, v * 0 + 19),
        {0.99: 1, 1: 0, -999: 0, NAN: 0},
    ),
    "red star by r - i": (
        lambda v: blocks.on_red_star(v * 0 + 1, v * 0, v * 0 + 20, v, v * 0 - 999),
        {16.99: 1, 17: 0, -999: 0, NAN: 0},
    ),
    "red star by r - z": (
        lambda v: blocks.on_red_star(v * 0 + 1, v * 0, v * 0 + 20, v * 0 - 999, v),
        {16.99: 1, 17: 0, -999: 0, NAN: 0},
    ),
    "red star without r": (
        lambda v: blocks.on_red_star(v * 0 + 1, v * 0, v, v * 0 + 12, v * 0 + 12),
        {15.01: 1, 15: 0, -999: 0, NAN: 0},
    ),
}


@pytest.mark.parametrize("name", SINGLE)
def test_limits(name):
    predicate, wanted = SINGLE[name]
    values = np.array(list(wanted), dtype=float)
    assert answers(predicate(values)) == [bool(w) for w in wanted.values()]


@pytest.mark.parametrize("name", SINGLE)
def test_a_series_gives_the_same_on_its_own_index(name):
    predicate, wanted = SINGLE[name]
    values = np.array(list(wanted), dtype=float)
    index = pd.Index([f"row {n}" for n in range(len(values))][::-1])
    result = predicate(pd.Series(values, index=index))
    pd.testing.assert_series_equal(result, pd.Series(predicate(values), index=index))


def test_first_known_keeps_the_order_and_skips_what_is_no_magnitude():
    r = np.array([17, 30, -999, 0, 30.01, NAN, NAN])
    i = np.array([16, 18, 18, 18, 18, 18, -999.0])
    np.testing.assert_array_equal(blocks.first_known(r, i), [17, 30, 18, 18, 18, 18, NAN])


def test_brightest_is_not_hidden_by_a_missing_band():
    r, i = np.array([17, -999, NAN, NAN]), np.array([16, 18, 18, -999.0])
    np.testing.assert_array_equal(blocks.brightest(r, i), [16, 18, 18, NAN])


NOW = {"jd": 10.0}
EARLIER_DETECTION = {
    "long ago": ([{"jd": 9.0}, NOW], True),
    "just far enough": ([{"jd": 10.0 - 0.0625 - 1e-6}, NOW], True),
    "at the very separation": ([{"jd": 10.0 - 0.0625}, NOW], False),
    "only an upper limit": ([{"jd": 9.0, "magpsf": NAN, "isdiffpos": NAN}, NOW], False),
    "only a negative one": ([{"jd": 9.0, "isdiffpos": 0}, NOW], False),
    "only in the future": ([{"jd": 11.0}, NOW], False),
    "none": ([NOW], False),
}


def test_earlier_detections_count_once_they_are_old_enough():
    curve = light_curve(*(points for points, _ in EARLIER_DETECTION.values()))
    wanted = [answer for _, answer in EARLIER_DETECTION.values()]
    assert answers(blocks.detected_before(curve, 0.0625)) == wanted


def test_times_brighter_counts_the_alerts_band_strictly():
    curve = light_curve(
        [{"jd": 7, "magpsf": 18.9}, {"jd": 8, "magpsf": 19.0}, {"jd": 9, "fid": 2}, NOW],
        [{"jd": 8}, {"jd": 9}, {"jd": 9, "isdiffpos": 0}, NOW],
        [NOW],
    )
    assert blocks.times_brighter(curve, 19.0).tolist() == [1, 2, 0]


def test_at_peak_means_no_earlier_point_of_the_band_was_brighter():
    curve = light_curve(
        [{"jd": 9, "magpsf": 18.0}, NOW],
        [{"jd": 9, "magpsf": 17.9}, NOW],
        [{"jd": 9, "magpsf": 17.9, "fid": 2}, NOW],
        [{"jd": 9, "magpsf": 17.9, "isdiffpos": 0}, NOW],
        [NOW],
        [NOW],
    )
    magpsf = np.array([18.0, 18.0, 18.0, 18.0, 18.0, NAN])
    assert answers(blocks.at_peak(magpsf, curve)) == [True, False, True, True, True, False]


def test_ragged_reductions_are_those_of_a_loop():
    rng = np.random.default_rng(2)
    lengths = rng.integers(1, 5, 200)
    lengths[:4] = 1
    curve = light_curve(*([{"magpsf": m} for m in rng.normal(18, 1, n)] for n in lengths))
    chosen = rng.random(lengths.sum()) < 0.4
    rows = np.split(np.arange(lengths.sum()), curve.offsets[1:-1])
    magpsf = curve.magpsf
    lowest = [min(magpsf[row][chosen[row]], default=np.inf) for row in rows]
    assert _history.count(curve, chosen).tolist() == [chosen[row].sum() for row in rows]
    assert _history.lowest(curve, magpsf, chosen).tolist() == lowest
    assert _history.last(curve, magpsf).tolist() == [magpsf[row[-1]] for row in rows]
    assert _history.spread(curve, lengths).tolist() == [len(row) for row in rows for _ in row]


def test_an_empty_stretch_has_no_lowest_value():
    curve = light_curve([{"magpsf": 18.0}, {"magpsf": 17.0}, {"magpsf": 19.0}])
    curve = replace(curve, offsets=np.array([0, 2, 2, 3, 3]), is_null=np.zeros(4, dtype=bool))
    chosen = np.ones(3, dtype=bool)
    assert _history.count(curve, chosen).tolist() == [2, 0, 1, 0]
    assert _history.lowest(curve, curve.magpsf, chosen).tolist() == [17.0, np.inf, 19.0, np.inf]


def test_ragged_reductions_of_no_alert_are_empty():
    curve = LightCurve(np.zeros(1, dtype=np.int64), *[np.zeros(0)] * 6, np.zeros(0, dtype=bool))
    nothing = np.zeros(0, dtype=bool)
    assert _history.count(curve, nothing).shape == (0,)
    assert _history.lowest(curve, curve.magpsf, nothing).shape == (0,)
    assert _history.last(curve, curve.magpsf).shape == (0,)
