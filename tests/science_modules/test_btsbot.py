"""BTSbot on alerts, against its inputs made the slow way from the same packets.

The slow way: fastavro, astropy, one alert at a time, as the published code prepares its training
set (Rehemtulla et al. 2024). That the network then gives the published scores is the business of
`tests/models`.
"""

from __future__ import annotations

import gzip
import warnings
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import fastavro
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from astropy.io import fits

from skysift.alerts.batch import AlertBatch
from skysift.alerts.decode import decode
from skysift.alerts.payloads import iter_payloads
from skysift.models.btsbot import load
from skysift.science_modules import btsbot, get
from skysift.simulate.containers import encode_packet
from tests.alert_samples import (
    Alert,
    Fault,
    batch_of,
    null_column,
    simulated_ztf,
    stamp_fault,
    with_fault,
)

MODULE = get("btsbot")

STAMPS = ("cutoutScience", "cutoutTemplate", "cutoutDifference")

PUBLISHED_ORDER = (
    "sgscore1", "distpsnr1", "sgscore2", "distpsnr2", "fwhm", "magpsf", "sigmapsf", "chipsf", "ra",
    "dec", "diffmaglim", "ndethist", "nmtchps", "age", "days_since_peak", "days_to_peak",
    "peakmag_so_far", "drb", "ncovhist", "nnotdet", "chinr", "sharpnr", "scorr", "sky",
    "maxmag_so_far",
)  # fmt: skip


def slow_image(blob: bytes) -> np.ndarray:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # early ZTF headers are not quite to the standard
        with fits.open(BytesIO(gzip.decompress(blob))) as hdus:
            return hdus[0].data.astype(float)


def slow_stamp(blob: bytes) -> np.ndarray:
    """One channel as published: NaN is 0, norm 1, then 1e-9 below and to the right."""
    image = np.nan_to_num(slow_image(blob))
    image /= np.sqrt((image**2).sum())
    height, width = image.shape
    return np.pad(image, ((0, 63 - height), (0, 63 - width)), constant_values=1e-9)


def slow_triplet(alert: Alert) -> np.ndarray:
    return np.stack([slow_stamp(alert[name]["stampData"]) for name in STAMPS], axis=-1)


def slow_features(alert: Alert) -> dict[str, float | None]:
    now = alert["candidate"]
    points = [*(alert["prv_candidates"] or []), now]
    seen = [(p["magpsf"], p["jd"]) for p in points if p["magpsf"] is not None]
    seen = [(mag, jd) for mag, jd in seen if jd <= now["jd"]]
    peak_mag, peak_jd = min(seen)
    first_jd = min([now["jdstarthist"], *(jd for _, jd in seen)])
    return {
        **now,
        "age": now["jd"] - first_jd,
        "days_since_peak": now["jd"] - peak_jd,
        "days_to_peak": peak_jd - first_jd,
        "peakmag_so_far": peak_mag,
        "maxmag_so_far": max(mag for mag, _ in seen),
        "nnotdet": now["ncovhist"] - now["ndethist"],
    }


def slow_metadata(alert: Alert) -> list[float | None]:
    found = slow_features(alert)
    return [found.get(name) for name in PUBLISHED_ORDER]  # the oldest packets have no drb


def slow_status(alert: Alert) -> str:
    """Why a packet as ZTF sends it may not be scored: NaN pixels, no past, a null, or its -999."""
    values = slow_metadata(alert)
    if any(np.isnan(slow_image(alert[name]["stampData"])).mean() > 0.5 for name in STAMPS):
        return "bad_stamp"
    if not alert["prv_candidates"] and alert["candidate"]["ndethist"] > 1:
        return "no_history"
    if None in values:
        return "nan_feature"
    return "out_of_range" if -999 in values else "ok"


def slow_scores(alerts: Sequence[Alert], weights: Path) -> np.ndarray:
    triplet = np.array([slow_triplet(alert) for alert in alerts], np.float32)
    metadata = np.array([slow_metadata(alert) for alert in alerts], np.float32)
    return load(weights).score(triplet=triplet, metadata=metadata)["score"]


def inputs_of(batch: AlertBatch) -> tuple[np.ndarray, ...]:
    """What the module feeds the network, of published weights."""
    columns = {
        name: batch.column(name) for name in MODULE.columns if name not in ("stamps", "light_curve")
    }
    stamps, light_curve = batch.column("stamps"), batch.column("light_curve")
    return btsbot.model_inputs(stamps, light_curve, columns, preprocessing="published")


def assert_as_the_slow_way(batch: AlertBatch, alerts: Sequence[Alert], weights: Path) -> None:
    expected = np.array([slow_status(alert) for alert in alerts])
    ok = expected == "ok"
    assert ok.any()
    sound = [alert for alert, is_ok in zip(alerts, ok, strict=True) if is_ok]
    triplet, metadata, status, _ = inputs_of(batch)
    np.testing.assert_array_equal(status, expected)
    np.testing.assert_allclose(triplet[ok], [slow_triplet(a) for a in sound], rtol=0, atol=1e-7)
    slow = np.array([slow_metadata(alert) for alert in sound], np.float32)
    np.testing.assert_array_equal(metadata[ok], slow)
    told = MODULE.annotate(batch, weights=str(weights))
    np.testing.assert_array_equal(told["status"], expected)
    np.testing.assert_allclose(told["score"][ok], slow_scores(sound, weights), rtol=0, atol=1e-6)
    assert np.isnan(told["score"][~ok]).all()
    assert told["score"].dtype == np.float32
    assert set(told["version"]) == {"btsbot-v1.0.1"}


@pytest.fixture(scope="module")
def packets(shared_data) -> Path:
    return shared_data / "ztf" / "packets"


def decoded(path: Path) -> AlertBatch:
    """All packets of a folder in one batch."""
    (alerts,) = decode(list(iter_payloads(path)), MODULE.columns).alerts
    return alerts.batch


def read_slowly(path: Path) -> dict[int, Alert]:
    """All packets of a folder by their id; one of them is there twice, which is the same."""
    alerts: dict[int, Alert] = {}
    for file in sorted(path.rglob("*.avro")):
        with file.open("rb") as content:
            alerts |= {alert["candid"]: alert for alert in fastavro.reader(content)}
    return alerts


def test_real_packets_are_scored_as_the_slow_way(packets, published_btsbot):
    batch, slow = decoded(packets), read_slowly(packets)
    candids = batch.column("candid").tolist()
    assert set(candids) == set(slow)
    assert_as_the_slow_way(batch, [slow[candid] for candid in candids], published_btsbot)


@pytest.mark.parametrize("name", ["raw_51", "fink_v1_67", "fink_v4_slsn_55"])
def test_real_tables_are_scored_as_the_slow_way(name, shared_data, published_btsbot):
    table = pq.read_table(shared_data / "ztf" / "tables" / f"{name}.parquet")
    assert_as_the_slow_way(AlertBatch.from_table(table), table.to_pylist(), published_btsbot)


def test_simulated_packets_give_the_same_inputs_as_avro_table_and_frame(tmp_path):
    alerts = simulated_ztf()
    for i, alert in enumerate(alerts):
        (tmp_path / f"{i:02}.avro").write_bytes(encode_packet(alert))
    # Avro's floats are of 32 bits: what was written is compared, not what was meant.
    written = read_slowly(tmp_path)
    written = [written[alert["candid"]] for alert in alerts]
    expected = inputs_of(decoded(tmp_path))
    table = AlertBatch.from_table(pa.Table.from_pylist(written))
    for batch in (table, batch_of((), written, "ztf")):
        for found, same in zip(inputs_of(batch), expected, strict=True):
            np.testing.assert_array_equal(found, same)


def candidate(**fields: Any) -> Fault:
    """Change fields of the candidate."""
    return lambda alert: alert["candidate"].update(fields)


def no_history(alert: Alert) -> None:
    alert["prv_candidates"] = None


def told(fault: Fault, **settings: Any) -> tuple[str, float]:
    """Status and score, by the network, of an alert with something wrong with it."""
    settings = {"cascade": False, **settings}
    sound = with_fault(simulated_ztf()[0], candidate(ndethist=5))
    found = MODULE.annotate(batch_of((), [sound, with_fault(sound, fault)], "ztf"), **settings)
    assert found["status"][0] == "ok"
    return found["status"][1], found["score"][1]


SCIENCE = "cutoutScience.stampData"

CAUSES: dict[str, tuple[Fault, str]] = {
    "no science stamp": (stamp_fault(SCIENCE, "null"), "missing_stamp"),
    "no bytes of a stamp": (stamp_fault("cutoutTemplate.stampData", "empty"), "missing_stamp"),
    "garbage": (stamp_fault("cutoutDifference.stampData", "gzip of garbage"), "bad_stamp"),
    "a blank stamp": (stamp_fault(SCIENCE, "all zero"), "bad_stamp"),
    "an infinite pixel": (stamp_fault(SCIENCE, "infinite"), "bad_stamp"),
    "no history": (no_history, "no_history"),
    "an empty history": (lambda alert: alert.update(prv_candidates=[]), "no_history"),
    "no drb": (candidate(drb=None), "nan_feature"),
    "a NaN": (candidate(chinr=float("nan")), "nan_feature"),
    "no first detection": (candidate(jdstarthist=None), "nan_feature"),
    "no magnitude": (null_column("magpsf", "ztf"), "nan_feature"),
    "no neighbour": (candidate(sgscore1=-999.0, distpsnr1=-999.0), "out_of_range"),
    "an impossible place": (candidate(dec=91.0), "out_of_range"),
    "an infinity": (candidate(scorr=float("inf")), "out_of_range"),
}


@pytest.mark.parametrize(("fault", "status"), CAUSES.values(), ids=CAUSES)
def test_every_cause_of_no_score_has_its_status(fault, status):
    assert told(fault)[0] == status
    assert np.isnan(told(fault)[1])


def test_what_the_gate_settles_is_told_and_owes_nothing_to_the_stamps():
    alerts = simulated_ztf()
    found = MODULE.annotate(batch_of((), alerts, "ztf"))
    settled = [row for row, stage in enumerate(found["stage"]) if stage == "gate"]
    assert 0 < len(settled) < len(alerts)
    blank = [with_fault(alerts[row], stamp_fault(SCIENCE, "all zero")) for row in settled]
    again = MODULE.annotate(batch_of((), blank, "ztf"))
    assert set(again["stage"]) == {"gate"}
    assert set(again["status"]) == {"ok"}
    np.testing.assert_array_equal(again["score"], np.asarray(found["score"])[settled])
    assert (np.asarray(again["score"]) < 0.05).all()
    assert np.isnan(again["uncertainty"]).all()


def test_a_missing_stamp_is_blamed_first_then_the_history_nulls_values_and_pixels():
    faults = [
        stamp_fault(SCIENCE, "all NaN"),
        candidate(sgscore1=-999.0),
        candidate(drb=None),
        no_history,
        stamp_fault("cutoutTemplate.stampData", "null"),
    ]
    blamed = []
    for n in range(1, len(faults) + 1):
        blamed.append(told(lambda alert, n=n: [fault(alert) for fault in faults[:n]] and None)[0])
    assert blamed == ["bad_stamp", "out_of_range", "nan_feature", "no_history", "missing_stamp"]


def test_a_first_detection_has_no_history_to_lose():
    def first(alert: Alert) -> None:
        no_history(alert)
        alert["candidate"].update(ndethist=1, jdstarthist=alert["candidate"]["jd"])

    status, score = told(first)
    assert status == "ok"
    assert 0 <= score <= 1


def test_points_after_the_alert_do_not_count():
    def future(alert: Alert) -> None:
        later = {**alert["prv_candidates"][-1], "magpsf": 10.0, "jd": alert["candidate"]["jd"] + 1}
        alert["prv_candidates"].append(later)

    sound = simulated_ztf()[0]
    batch = batch_of((), [sound, with_fault(sound, future)], "ztf")
    _, metadata, _, _ = inputs_of(batch)
    np.testing.assert_array_equal(metadata[0], metadata[1])


COMPAT = {
    "no second neighbour": candidate(sgscore2=-999.0, distpsnr2=-999.0),
    "no history": no_history,
    "no drb": candidate(drb=None),
}


@pytest.mark.parametrize("fault", COMPAT.values(), ids=COMPAT)
def test_compat_scores_what_the_published_deployment_scored(fault, published_btsbot):
    alert = with_fault(with_fault(simulated_ztf()[0], candidate(ndethist=5)), fault)
    found = MODULE.annotate(
        batch_of((), [alert], "ztf"), weights=str(published_btsbot), compat=True
    )
    assert found["status"][0] == "ok"
    stand_in = candidate(drb=alert["candidate"]["drb"] or alert["candidate"]["rb"])
    expected = slow_scores([with_fault(alert, stand_in)], published_btsbot)
    np.testing.assert_allclose(found["score"], expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("cause", ["a NaN", "a blank stamp", "no science stamp", "an infinity"])
def test_not_even_compat_makes_up_a_score_from_nothing(cause):
    fault, status = CAUSES[cause]
    assert told(fault, compat=True)[0] == status


def test_an_alert_without_drb_and_rb_has_no_score_even_in_compat():
    assert told(candidate(drb=None, rb=None), compat=True)[0] == "nan_feature"
