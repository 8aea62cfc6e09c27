"""Features of the VRA: by hand, by naive twins on real alerts, and against astropy."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord

from skysift.models.vra import context, inputs
from skysift.models.vra.history import History
from skysift.models.vra.sky import ecliptic_latitude, galactic
from tests.models.vra_samples import history_of, point, read_points

PLACE = {"ra": np.array([10.0]), "dec": np.array([-5.0])}


def feature(history: History, name: str, **columns: float) -> float:
    given = {key: np.array([value]) for key, value in columns.items()}
    table = inputs.features(history, {**PLACE, **given})
    return float(table[0, inputs.FEATURES.index(name)])


def test_published_features_stand_in_the_published_order() -> None:
    assert inputs.PUBLISHED == (
        "ra", "dec", "drb", "ndets", "nnondets", "dets_median", "dets_std", "sep_arcsec",
        "amplitude", "linear_fit_reduced_chi2", "linear_fit_slope", "linear_fit_slope_sigma",
        "median", "median_absolute_deviation", "amplituder_", "linear_fit_reduced_chi2r_",
        "linear_fit_sloper_", "linear_fit_slope_sigmar_", "medianr_",
        "median_absolute_deviationr_", "ebv",
    )  # fmt: skip
    assert inputs.FEATURES[:21] == inputs.PUBLISHED


def test_the_r_band_is_the_r_band() -> None:
    alert = [point(0.0, 1, 18.0), point(0.1, 2, 19.0), point(0.2, 3, 20.0)]
    history = history_of([alert])
    assert feature(history, "median") == 18.0
    assert feature(history, "medianr_") == 19.0


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # NumPy's statistics of no magnitude
def test_detections_of_real_alerts_are_those_of_a_loop(shared_data: Path) -> None:
    alerts = read_points(shared_data / "ztf" / "tables" / "fink_v4_slsn_55.parquet")
    place = {"ra": np.zeros(len(alerts)), "dec": np.zeros(len(alerts))}
    table = inputs.features(history_of(alerts), place)
    for i, alert in enumerate(alerts):
        magnitudes = [p["magpsf"] for p in alert if p["isdiffpos"] in ("t", "1")]
        limits = sum(p["magpsf"] is None for p in alert)
        expected = [len(magnitudes), limits, np.median(magnitudes), np.std(magnitudes)]
        np.testing.assert_allclose(table[i, 3:7], expected, rtol=1e-6, atol=1e-6)


def test_an_alert_of_negative_differences_only_has_no_magnitude() -> None:
    history = history_of([[point(0.0, 1, None), point(1.0, 1, 18.0, isdiffpos="f")]])
    assert feature(history, "ndets") == 0
    assert feature(history, "nnondets") == 1
    assert np.isnan(feature(history, "dets_median"))
    assert np.isnan(feature(history, "dets_std"))


def test_what_is_not_given_is_null_and_what_is_given_is_kept() -> None:
    history = history_of([[point(0.0, 1, 18.0)]])
    for name in ("drb", "sep_arcsec", "ebv", "sgscore1"):
        assert np.isnan(feature(history, name))
    table = inputs.features(
        history, {**PLACE, "drb": np.array([0.9])}, ebv=np.array([0.1]), sep_arcsec=np.array([2.0])
    )
    found = [table[0, inputs.FEATURES.index(name)] for name in ("drb", "ebv", "sep_arcsec")]
    assert found == [0.9, 0.1, 2.0]


def test_no_alert_at_all_makes_an_empty_table() -> None:
    nothing = {"ra": np.empty(0), "dec": np.empty(0)}
    assert inputs.features(history_of([]), nothing).shape == (0, len(inputs.FEATURES))


def test_sentinels_are_nulls() -> None:
    history = history_of([[point(0.0, 1, 18.0)]])
    assert np.isnan(feature(history, "sgscore1", sgscore1=-999.0))
    assert feature(history, "sgscore1", sgscore1=0.0) == 0.0


def test_the_rise_is_measured_in_one_band_and_sign() -> None:
    alert = [
        point(0.0, 1, 20.0),
        point(1.0, 2, 15.0),
        point(2.0, 1, 16.0, isdiffpos="f"),
        point(3.0, 1, None),
        point(4.0, 1, 18.0),
    ]
    assert feature(history_of([alert]), "rise_rate") == 0.5
    assert feature(history_of([alert[::-1][1:] + alert[-1:]]), "rise_rate") == 0.5
    assert np.isnan(feature(history_of([alert[1:]]), "rise_rate"))


def test_the_colour_is_of_the_last_detections_of_added_light() -> None:
    alert = [
        point(0.0, 1, 20.0),
        point(1.0, 1, 19.0),
        point(2.0, 1, 15.0, isdiffpos="f"),
        point(3.0, 2, 18.5),
    ]
    assert feature(history_of([alert]), "colour") == 0.5
    assert np.isnan(feature(history_of([alert[3:]]), "colour"))
    assert feature(history_of([alert]), "negative_share") == 0.25


def test_counts_and_times_of_the_packet() -> None:
    history = history_of([[point(2460000.0, 1, 18.0)]])
    assert feature(history, "age", jdstarthist=2459990.0) == 10.0
    assert feature(history, "detected_share", ndethist=5.0, ncovhist=20.0) == 0.25
    assert np.isnan(feature(history, "detected_share", ndethist=5.0, ncovhist=0.0))
    assert feature(history, "contrast", magnr=20.0) == -2.0


def test_places_on_the_sky_are_those_of_astropy(rng: np.random.Generator) -> None:
    ra, dec = rng.uniform(0, 360, 500), np.degrees(np.arcsin(rng.uniform(-1, 1, 500)))
    sky = SkyCoord(ra * u.deg, dec * u.deg)
    longitude, latitude = galactic(ra, dec)
    ours = SkyCoord(longitude * u.deg, latitude * u.deg, frame="galactic")
    assert ours.separation(sky.galactic).max() < 0.1 * u.arcsec
    ecliptic = sky.barycentricmeanecliptic.lat.deg
    np.testing.assert_allclose(ecliptic_latitude(ra, dec), ecliptic, atol=1e-4)


def test_context_far_and_near_the_galactic_centre() -> None:
    history = history_of([[point(0.0, 1, 18.0)]] * 2)
    columns = {"ra": np.array([266.405, 192.859]), "dec": np.array([-28.936, 27.128])}
    values = context.context(history, columns)
    np.testing.assert_allclose(values["centre_distance"], [0.0, 90.0], atol=0.01)
    np.testing.assert_allclose(values["galactic_latitude"], [0.0, 90.0], atol=0.01)


@pytest.mark.parametrize("name", sorted(context.CONTEXT))
def test_every_context_feature_says_what_it_is(name: str) -> None:
    feature = context.CONTEXT[name]
    assert feature.doc and feature.source
