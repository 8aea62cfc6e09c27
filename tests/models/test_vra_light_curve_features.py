"""The six features of Fink's column against Fink's own code, on real alerts; and by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from skysift.models.vra.light_curve_features import (
    FEATURES,
    grouped_median,
    light_curve_features,
)
from tests.models.vra_samples import FIELDS, history_of, point, read_points

TABLES = (
    "fink_v1_67", "fink_v3_hostless_72", "fink_v4_9", "fink_v4_slsn_55", "fink_v4_yso_26",
    "raw_51",
)  # fmt: skip


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # Fink takes logarithms of negative fluxes
@pytest.mark.parametrize("table", TABLES)
def test_features_are_those_of_fink_science(shared_data: Path, table: str) -> None:
    processor = pytest.importorskip(
        "fink_science.ztf.ad_features.processor", reason="fink-science is not installed"
    )
    alerts = read_points(shared_data / "ztf" / "tables" / f"{table}.parquet")
    history = history_of(alerts)
    ours = {band: light_curve_features(history, band) for band in (1, 2)}
    compared = 0
    for i, alert in enumerate(alerts):
        theirs = processor.extract_features_ad_raw(**_as_fink_wants(alert))
        for band, features in theirs.items():
            compared += 1
            mine = [ours[band][name][i] for name in FEATURES]
            np.testing.assert_allclose(
                mine, [features[name] for name in FEATURES], rtol=1e-3, atol=1e-3
            )
    assert compared >= len(alerts)


def _as_fink_wants(alert: list) -> dict:
    numbers = {name: np.array([p[name] for p in alert], dtype=np.float64) for name in FIELDS}
    fid = numbers.pop("fid")
    signs = np.array([str(p["isdiffpos"]) for p in alert])
    return {**numbers, "cfid": fid, "isdiffpos": signs, "oId": ""}


def test_a_line_through_three_points_by_hand() -> None:
    alert = [point(0.0, 1, 18.0), point(1.0, 1, 18.1), point(2.0, 1, 18.2), point(1.5, 2, 17.0)]
    values = light_curve_features(history_of([alert]), 1)
    expected = {
        "amplitude": 0.1,
        "linear_fit_reduced_chi2": 0.0,
        "linear_fit_slope": 0.1,
        "linear_fit_slope_sigma": 0.1 / np.sqrt(2.0),
        "median": 18.1,
        "median_absolute_deviation": 0.1,
    }
    for name, value in expected.items():
        np.testing.assert_allclose(values[name], [value], atol=1e-9)


def test_one_point_has_no_line_and_no_point_has_nothing() -> None:
    values = light_curve_features(history_of([[point(0.0, 1, 18.0)], [point(0.0, 1, None)]]), 1)
    np.testing.assert_array_equal(values["median"], [18.0, np.nan])
    np.testing.assert_array_equal(values["amplitude"], [0.0, np.nan])
    assert np.isnan(values["linear_fit_slope"]).all()


def test_points_at_one_time_have_no_line() -> None:
    alert = [point(2459000.123, 1, 18.0 + 0.1 * i, sigmapsf=0.1) for i in range(3)]
    values = light_curve_features(history_of([alert]), 1)
    assert np.isnan(values["linear_fit_slope"]).all()


def test_repeated_points_count_once() -> None:
    alert = [point(float(i), 1, 18.0 + i % 3) for i in range(6)]
    once, twice = (light_curve_features(history_of([a]), 1) for a in (alert, alert[:3] + alert))
    for name in FEATURES:
        np.testing.assert_array_equal(once[name], twice[name])


def test_a_source_behind_makes_all_magnitudes_total() -> None:
    alert = [
        point(0.0, 2, 19.0),
        point(1.0, 2, 19.0, distnr=1.0),
        point(2.0, 2, 19.0, isdiffpos="f"),
        point(3.0, 2, 17.0, isdiffpos="f"),  # takes off more light than there is
    ]
    values = light_curve_features(history_of([alert]), 2)
    bright, faint = (-2.5 * np.log10(10**-7.2 + sign * 10**-7.6) for sign in (1, -1))
    np.testing.assert_allclose(values["median"], [bright])
    np.testing.assert_allclose(values["amplitude"], [(faint - bright) / 2])


def test_medians_are_those_of_numpy(rng: np.random.Generator) -> None:
    owner = np.sort(rng.integers(0, 40, 100))
    values = rng.normal(size=100)
    got = grouped_median(values, owner, 41)
    for i in range(41):
        mine = values[owner == i]
        expected = np.median(mine) if len(mine) else np.nan
        np.testing.assert_allclose(got[i], expected)


def test_alerts_do_not_touch_their_neighbours(rng: np.random.Generator) -> None:
    alerts = [
        [point(float(t), int(rng.integers(1, 4)), 18 + rng.normal()) for t in range(k)]
        for k in (1, 7, 3, 12)
    ]
    together = light_curve_features(history_of(alerts), 1)
    for i, alert in enumerate(alerts):
        alone = light_curve_features(history_of([alert]), 1)
        for name in FEATURES:
            np.testing.assert_allclose(together[name][i], alone[name][0], rtol=1e-9)
