"""The VRA on alerts: its features the slow way, why it does not score, and rounds that come in."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from astropy.io import fits

from skysift.alerts.batch import AlertBatch
from skysift.models import WeightsError
from skysift.models._weights import write_sidecar
from skysift.models.vra import inputs, load, members, stored
from skysift.models.vra.dust import FILES
from skysift.models.vra.learner import learn
from skysift.science_modules import annotate, get, vra
from tests.alert_samples import Alert, batch_of, nothing, null_column, simulated_ztf, with_fault
from tests.models.vra_clouds import clouds
from tests.models.vra_samples import history_of, read_points

MODULE = get("vra")
SCORES = list(MODULE.outputs)


@pytest.fixture(autouse=True)
def small_forests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the tests quick; what holds for 5 trees holds for more."""
    monkeypatch.setattr(members, "TREES", 5)


def status_of(*alerts: Alert, **settings) -> list[str]:
    answer = MODULE.annotate(batch_of(MODULE.columns, alerts, "ztf"), **settings)
    for name in SCORES:
        np.testing.assert_array_equal(np.isnan(answer[name]), answer["status"] != "ok")
    return answer["status"].tolist()


def set_points(alert: Alert, **fields) -> None:
    """Set fields of all points of the history, and of the alert itself."""
    for point in [*(alert["prv_candidates"] or []), alert["candidate"]]:
        if point["magpsf"] is not None:
            point.update(fields)


def feature(batch: AlertBatch, name: str, **settings) -> np.ndarray:
    columns = {column: batch.column(column) for column in MODULE.columns}
    curve, behind = columns.pop("light_curve"), columns.pop("reference_sources")
    table, _ = vra.features(curve, behind, columns, **settings)
    return table[:, inputs.FEATURES.index(name)]


@pytest.mark.parametrize("table", ["fink_v4_slsn_55", "fink_v1_67", "raw_51"])
def test_features_of_a_batch_are_those_of_the_packets_read_one_by_one(
    shared_data: Path, table: str
) -> None:
    path = shared_data / "ztf" / "tables" / f"{table}.parquet"
    rows = pq.read_table(path)
    theirs = [name for name in vra.FINK_FEATURES.values() if name in rows.column_names]
    batch = AlertBatch.from_table(rows.drop_columns(theirs))
    candidates = pq.read_table(path, columns=["candidate"])["candidate"].to_pylist()
    columns = {
        name: np.array([c.get(name) for c in candidates], dtype=np.float64)
        for name in MODULE.columns
        if name in candidates[0]
    }
    expected = inputs.features(history_of(read_points(path)), columns)
    for j, name in enumerate(inputs.FEATURES):
        np.testing.assert_allclose(feature(batch, name), expected[:, j], err_msg=name)


BY_FINK = [f"{name}{suffix}" for suffix in inputs.BANDS for name in inputs.LIGHT_CURVE]


@pytest.mark.parametrize("table", ["fink_v3_hostless_72", "fink_v4_9", "fink_v4_slsn_55"])
def test_with_finks_columns_and_without_the_features_are_the_same(
    shared_data: Path, table: str
) -> None:
    rows = pq.read_table(shared_data / "ztf" / "tables" / f"{table}.parquet")
    theirs = AlertBatch.from_table(rows)
    ours = AlertBatch.from_table(rows.drop_columns(list(vra.FINK_FEATURES.values())))
    for name in BY_FINK:
        np.testing.assert_allclose(
            feature(theirs, name), feature(ours, name), rtol=1e-3, atol=1e-3, err_msg=name
        )
    assert np.isfinite(ours.column("light_curve").magpsf).any()
    for column in vra.FINK_FEATURES.values():
        assert np.isfinite(theirs.column(column)).any()
        assert np.isnan(ours.column(column)).all()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # NumPy reads an older NumPy's pickle
def test_of_finks_stream_too(shared_data: Path) -> None:
    """Packets as fink-client hands them over: features as dicts, or None."""
    packets = np.load(shared_data / "vra" / "test_alerts.npz", allow_pickle=True)["arr_0"].tolist()
    ours = [{k: v for k, v in one.items() if not k.startswith("lc_features")} for one in packets]
    both = [AlertBatch.from_pandas(pd.DataFrame(alerts), "ztf") for alerts in (packets, ours)]
    for name in BY_FINK:
        theirs, alone = (feature(batch, name) for batch in both)
        np.testing.assert_allclose(theirs, alone, rtol=1e-3, atol=1e-3, err_msg=name)
        assert np.isfinite(theirs).any()
    for column in vra.FINK_FEATURES.values():
        assert np.isfinite(both[0].column(column)).any()


def test_spark_says_of_finks_tables_what_arrow_says(spark, nanoseconds, shared_data: Path) -> None:
    path = shared_data / "ztf" / "tables" / "fink_v4_9.parquet"
    batch = AlertBatch.from_table(pq.read_table(path))
    expected = pd.DataFrame(MODULE.annotate(batch), index=batch.column("candid")).sort_index()
    rows = annotate(spark.read.parquet(str(path)), ["vra"]).select("candid", "vra.*").toPandas()
    found = rows.set_index("candid").sort_index()
    assert found["status"].tolist() == expected["status"].tolist()
    for name in SCORES:
        np.testing.assert_allclose(found[name], expected[name], atol=1e-6)


def test_what_fink_measured_stands_and_where_it_has_nothing_we_measure() -> None:
    alerts = [dict(alert) for alert in simulated_ztf()[:3]]
    alone = batch_of(MODULE.columns, alerts, "ztf")
    numbers = dict(zip(inputs.LIGHT_CURVE, range(10, 16), strict=True))
    for alert, told in zip(alerts, (numbers, None, dict.fromkeys(inputs.LIGHT_CURVE)), strict=True):
        alert |= {"lc_features_g": told, "lc_features_r": None}
    batch = batch_of(MODULE.columns, alerts, "ztf")
    for name, value in numbers.items():
        assert feature(batch, name)[0] == value
        np.testing.assert_array_equal(feature(batch, name)[1:], feature(alone, name)[1:])
        np.testing.assert_array_equal(feature(batch, f"{name}r_"), feature(alone, f"{name}r_"))


def test_the_scores_are_those_of_the_model() -> None:
    batch = batch_of(MODULE.columns, simulated_ztf(), "ztf")
    answer = MODULE.annotate(batch)
    table = np.column_stack([feature(batch, name) for name in load().features])
    sound = answer["status"] == "ok"
    assert sound.sum() > 5
    for name, values in load().score(table[sound]).items():
        np.testing.assert_allclose(answer[name][sound], values, atol=1e-6)
    assert set(answer["version"]) == {load().version}


def test_an_alert_that_has_only_faded_is_not_looked_at_unless_asked() -> None:
    faded = with_fault(simulated_ztf()[1], lambda alert: set_points(alert, isdiffpos="f"))
    assert status_of(faded, simulated_ztf()[1]) == ["no_detection", "ok"]
    assert status_of(faded, min_detections=0) == ["ok"]
    assert status_of(simulated_ztf()[1], min_detections=10_000) == ["no_detection"]


def test_an_alert_whose_history_was_lost_says_so() -> None:
    lost = null_column("light_curve", "ztf")

    def without_history(alert: Alert) -> None:
        alert["prv_candidates"] = None

    seen_before, new = simulated_ztf()[1], simulated_ztf()[5]
    assert new["candidate"]["ndethist"] == 1
    both = [with_fault(alert, without_history) for alert in (seen_before, new)]
    assert status_of(*both) == ["no_history", "ok"]
    assert status_of(with_fault(seen_before, lost))[0] != "ok"


def test_an_alert_without_a_place_is_not_scored() -> None:
    nowhere = [with_fault(simulated_ztf()[1], null_column(name, "ztf")) for name in ("ra", "dec")]
    assert status_of(*nowhere, with_fault(simulated_ztf()[1], nothing)) == ["nan_feature"] * 3


def test_what_else_is_null_is_no_obstacle() -> None:
    placed = {"ra", "dec", "light_curve", "reference_sources"}
    optional = [name for name in MODULE.columns if name not in placed]
    missing = [with_fault(simulated_ztf()[1], null_column(name, "ztf")) for name in optional]
    assert status_of(*missing) == ["ok"] * len(missing)


def test_reddening_comes_from_the_maps_that_are_given(tmp_path: Path) -> None:
    for name in FILES.values():
        fits.PrimaryHDU(np.full((64, 64), 0.25, np.float32)).writeto(tmp_path / name)
    batch = batch_of(MODULE.columns, simulated_ztf(), "ztf")
    assert np.isnan(feature(batch, "ebv")).all()
    np.testing.assert_allclose(feature(batch, "ebv", dust=str(tmp_path)), 0.25)


def weights_of(folder: Path, version: str, names: list[str] | None = None) -> Path:
    """Write weights that have learned something of our features."""
    names = names or ["drb", "galactic_latitude", "rb", "ndets", "distpsnr1", "sgscore1"]
    features, label = clouds(np.random.default_rng(len(version)), 20)
    models = {target: learn(features, label, target=target) for target in ("gal", "real", "trans")}
    facts = {"version": version, "trained_on": "clouds", "features": names}
    folder.mkdir()
    return stored.save(models, folder / "vra.skops", facts)


def test_a_running_job_takes_a_committed_round_with_its_next_batch(tmp_path: Path) -> None:
    """The path is a link to the round's folder, which is put on the next at once."""
    current = tmp_path / "current"
    for number in (1, 2):
        weights_of(tmp_path / f"round-{number}", f"round-{number}")
        (tmp_path / "new").symlink_to(tmp_path / f"round-{number}")
        os.replace(tmp_path / "new", current)
        batch = batch_of(MODULE.columns, simulated_ztf(), "ztf")
        answer = MODULE.annotate(batch, weights=str(current))
        assert set(answer["version"]) == {f"round-{number}"}
        assert (answer["status"] == "ok").any()


def dangling(folder: Path) -> None:
    """Take the round away."""
    (folder / "vra.skops").unlink()
    (folder / "vra.json").unlink()
    folder.rmdir()


def cut_short(folder: Path) -> None:
    """Leave half of the weights."""
    whole = (folder / "vra.skops").read_bytes()
    (folder / "vra.skops").write_bytes(whole[: len(whole) // 2])


def no_weights(folder: Path) -> None:
    """Leave something else, with a sidecar that vouches for it."""
    (folder / "vra.skops").write_bytes(b"nothing that was learned")
    facts = json.loads((folder / "vra.json").read_text())
    del facts["sha256"]
    write_sidecar(folder / "vra.skops", facts)


def of_something_else(folder: Path) -> None:
    """Leave weights that look at what alerts do not have."""
    dangling(folder)
    weights_of(folder, "atlas", ["rb_pix", "ra", "dec", "drb", "rb", "fwhm"])


@pytest.mark.parametrize("spoil", [dangling, cut_short, no_weights, of_something_else])
def test_a_broken_round_leaves_the_one_before_in_service(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, spoil: Callable[[Path], None]
) -> None:
    current = tmp_path / "current"
    versions = []
    for number in (1, 2, 3):
        folder = weights_of(tmp_path / f"round-{number}", f"round-{number}").parent
        if number == 2:
            spoil(folder)
        (tmp_path / "new").symlink_to(folder)
        os.replace(tmp_path / "new", current)
        for _ in range(2):
            batch = batch_of(MODULE.columns, simulated_ztf(), "ztf")
            answer = MODULE.annotate(batch, weights=str(current))
            assert (answer["status"] == "ok").any()
            versions.append(*set(answer["version"]))
    assert versions == ["round-1", "round-1", "round-1", "round-1", "round-3", "round-3"]
    (told,) = [r for r in caplog.records if r.name.endswith("_in_service")]
    assert f"weights {current} cannot be used, those before stay" in told.getMessage()


def test_a_job_that_begins_with_a_broken_round_has_nothing_to_serve(tmp_path: Path) -> None:
    cut_short(weights_of(tmp_path / "round", "round").parent)
    batch = batch_of(MODULE.columns, simulated_ztf(), "ztf")
    answer = MODULE.annotate(batch, weights=str(tmp_path / "round"))
    assert set(answer["status"]) == {"module_error"}


def test_weights_that_look_at_something_else_are_refused_before_the_job(tmp_path: Path) -> None:
    weights_of(tmp_path / "atlas", "atlas", ["rb_pix", "ra", "dec", "drb", "rb", "fwhm"])
    with pytest.raises(ValueError, match="features that alerts do not have: rb_pix"):
        MODULE.prepare(weights=str(tmp_path / "atlas"))


@pytest.mark.parametrize("name", ["ebv", "sep_arcsec"])
def test_what_weights_learned_from_and_alerts_lack_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    for file in FILES.values():
        fits.PrimaryHDU(np.full((64, 64), 0.25, np.float32)).writeto(tmp_path / file)
    folder = tmp_path / "weights"
    weights_of(folder, "w", ["drb", name, "rb", "ndets", "distpsnr1", "sgscore1"])
    MODULE.prepare(weights=str(folder))
    assert f"weights w learned from {name}" in caplog.text
    caplog.clear()
    MODULE.prepare(weights=str(folder), dust=str(tmp_path))
    assert ("learned from" in caplog.text) == (name == "sep_arcsec")
    caplog.clear()
    MODULE.prepare()
    assert not caplog.text


def test_missing_weights_and_maps_are_refused_before_the_job(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="no weights at"):
        MODULE.prepare(weights=str(tmp_path / "nowhere"))
    with pytest.raises(ValueError, match="no dust map"):
        MODULE.prepare(dust=str(tmp_path))
    MODULE.prepare()
