"""Batches of alerts over a small source of the test's own making."""

from __future__ import annotations

import pickle

import numpy as np
import pyarrow as pa
import pytest

from skysift.alerts.batch import AlertBatch, MissingColumnError
from skysift.alerts.light_curve import LightCurve
from skysift.alerts.tables import TableAlerts

NAN = np.nan

CANDIDATES = [
    {"jd": 2460000.5, "fid": 1, "magpsf": 18.0, "sigmapsf": 0.1, "isdiffpos": "t"},
    {"jd": 2460001.5, "fid": 3, "magpsf": None, "sigmapsf": None, "isdiffpos": "0"},
]


class CountingAlerts(TableAlerts):
    """Remembers what was read."""

    def __init__(self, table: pa.Table) -> None:
        super().__init__(table, "ztf")
        self.read: list[str] = []

    def numbers(self, path: str) -> np.ndarray:
        self.read.append(path)
        return super().numbers(path)


@pytest.fixture
def source():
    return CountingAlerts(
        pa.table(
            {
                "objectId": ["ZTF1", None],
                "candid": [10, 11],
                "candidate": CANDIDATES,
                "prv_candidates": [[CANDIDATES[1]], None],
            }
        )
    )


@pytest.fixture
def batch(source):
    return AlertBatch(source)


def test_a_column_is_read_when_asked_for_and_once(source, batch):
    assert source.read == []
    first = batch.column("magpsf")
    assert batch.column("magpsf") is first
    assert source.read == ["candidate.magpsf"]


def test_nulls_follow_the_rule_of_types(batch):
    np.testing.assert_array_equal(batch.column("magpsf"), [18.0, NAN])
    assert batch.column("objectId").tolist() == ["ZTF1", None]
    assert batch.column("alert_id").dtype == np.int64


def test_derived_columns_are_made_from_the_packet_s(batch):
    assert batch.column("band").tolist() == ["g", "i"]
    np.testing.assert_array_equal(batch.column("isdiffpos"), [1, 0])
    np.testing.assert_allclose(batch.column("snr"), [10.857362, NAN])


def test_a_light_curve_does_without_limits(batch):
    curve = batch.column("light_curve")
    assert isinstance(curve, LightCurve)
    assert np.isnan(curve.diffmaglim).all()
    assert curve.jd.tolist() == [2460001.5, 2460000.5, 2460001.5]


def test_what_a_younger_schema_added_is_null(batch):
    assert np.isnan(batch.column("drb")).all()
    assert batch.column("drbversion").tolist() == [None, None]


def bright(magpsf, rb, *, max_mag=19.0):
    return (magpsf < max_mag) & (rb > 0.5)


def bright_only(magpsf, *, max_mag=19.0):
    return magpsf < max_mag


def test_call_passes_columns_by_position_and_settings_by_name(batch):
    assert batch.call(bright_only).tolist() == [True, False]
    assert batch.call(bright_only, max_mag=17.0).tolist() == [False, False]


def test_a_missing_column_is_named_with_who_needs_it_and_what_was_looked_for(batch):
    with pytest.raises(MissingColumnError) as error:
        batch.call(bright)
    assert error.value.column == "rb"
    for part in ("'rb'", f"{__name__}.bright", "candidate.rb"):
        assert part in str(error.value)


def test_a_missing_column_error_survives_the_way_from_a_worker(batch):
    with pytest.raises(MissingColumnError) as error:
        batch.column("rb")
    assert str(pickle.loads(pickle.dumps(error.value))) == str(error.value)


def test_missing_and_has_agree_with_column(batch):
    names = ["magpsf", "rb", "drb", "stamps", "reliability", "btsbot", "light_curve"]
    missing = batch.missing(names)
    assert missing == ["btsbot", "rb", "stamps", "reliability"]
    for name in names:
        assert batch.has(name) == (name not in missing)
        if name in missing:
            with pytest.raises(MissingColumnError):
                batch.column(name)


def test_a_module_s_struct_becomes_a_column(batch):
    batch.attach("btsbot", {"score": np.array([0.9, NAN]), "status": np.array(["ok", "no"])})
    assert batch.has("btsbot")
    assert batch.missing(["btsbot"]) == []
    assert batch.call(lambda btsbot: btsbot["score"] > 0.5).tolist() == [True, False]


def test_a_module_that_did_not_run_is_asked_for_in_vain(batch):
    with pytest.raises(MissingColumnError, match="no science module of that name has run"):
        batch.column("btsbot")


def test_a_module_cannot_take_an_alert_column_s_name(batch):
    with pytest.raises(ValueError, match="'magpsf'"):
        batch.attach("magpsf", {})


@pytest.mark.parametrize("values", [np.zeros(3), np.zeros((2, 1)), 0.5])
def test_a_module_s_arrays_have_one_value_an_alert(batch, values):
    with pytest.raises(ValueError, match=r"btsbot\.score"):
        batch.attach("btsbot", {"score": values})


def test_no_alerts_make_a_batch_of_none():
    empty = AlertBatch.from_table(pa.table({"candid": [1], "candidate": CANDIDATES[:1]}).slice(1))
    assert len(empty) == 0
    assert empty.column("magpsf").shape == (0,)
    assert empty.column("band").shape == (0,)
    assert empty.column("isdiffpos").shape == (0,)


def test_an_lsst_alert_is_named_by_its_object_else_its_solar_system_object():
    source = pa.array(
        [
            {"diaObjectId": 170595940828184636, "ssObjectId": 5},
            {"diaObjectId": 0, "ssObjectId": 5},
            {"diaObjectId": None, "ssObjectId": 0},
        ]
    )
    batch = AlertBatch.from_table(pa.table({"diaSource": source}))
    assert batch.column("objectId").tolist() == ["170595940828184636", "5", None]


def test_what_only_a_broker_adds_is_null_elsewhere(batch):
    assert batch.column("cdsxmatch").tolist() == [None, None]
