"""What a DataFrame and settings must be for a module, and what a module may be, in a real Spark.

All that can be told is told before anything runs.
"""

from __future__ import annotations

import json
import shutil

import numpy as np
import pandas as pd
import pytest
from pyspark.sql import functions as F

from skysift.alerts.batch import AlertBatch
from skysift.models import discover as discover_models
from skysift.science_modules import ScienceModule, _udf, annotate, get
from tests.science_modules.frames import assert_same, scores

MISSING = {
    "prv_candidates": "'light_curve'.*prv_candidates.jd",
    "candidate": "'light_curve'.*candidate.jd",
    "cutoutTemplate": "'stamps'.*cutoutTemplate.stampData",
}


@pytest.mark.parametrize(("column", "told"), MISSING.items(), ids=MISSING)
def test_a_missing_column_is_told_before_anything_runs(column, told, alerts):
    with pytest.raises(ValueError, match=f"btsbot needs column {told}"):
        annotate(alerts.drop(column), ["btsbot"])


def test_a_missing_field_is_told_before_anything_runs(alerts):
    lacking = alerts.withColumn("candidate", F.col("candidate").dropFields("chipsf"))
    with pytest.raises(ValueError, match=r"btsbot needs column 'chipsf'.*candidate.chipsf"):
        annotate(lacking, ["btsbot"])


def test_fields_that_younger_packets_have_may_lack(alerts):
    older = alerts.withColumn("candidate", F.col("candidate").dropFields("drb", "scorr"))
    with pytest.raises(ValueError, match="scorr"):
        annotate(older, ["btsbot"])
    older = alerts.withColumn("candidate", F.col("candidate").dropFields("drb"))
    assert set(scores(annotate(older, ["btsbot"]))["status"]) <= {
        "nan_feature",
        "missing_stamp",
        "no_history",
    }


def test_lsst_alerts_are_refused_by_a_module_for_ztf(spark, shared_data):
    lsst = spark.read.parquet(str(shared_data / "lsst" / "v10_27.parquet"))
    with pytest.raises(
        ValueError, match=r"btsbot needs column 'sgscore1'.*lsst alerts have no such"
    ):
        annotate(lsst, ["btsbot"])


def test_settings_reach_the_module(spark, packets, alerts):
    compat = scores(annotate(alerts, ["btsbot"], settings={"btsbot": {"compat": True}}))
    assert compat["status"].iloc[-2] == "ok"
    expected = get("btsbot").annotate(AlertBatch.from_table(packets), compat=True)
    assert_same(compat, pd.DataFrame(expected))


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"btsbot": {"wieghts": "x"}}, "no setting 'wieghts'"),
        ({"botsbt": {"compat": True}}, "botsbt"),
    ],
)
def test_wrong_settings_are_told_before_anything_runs(settings, told, alerts):
    with pytest.raises(ValueError, match=told):
        annotate(alerts, ["btsbot"], settings=settings)


def test_weights_that_are_here_and_cannot_be_used_are_told_before_anything_runs(alerts, tmp_path):
    weights = next(p.file for p in discover_models()["btsbot"].values() if p.default)
    shutil.copy(weights, tmp_path)
    facts = json.loads(weights.with_suffix(".json").read_text())
    settings = {"btsbot": {"weights": str(tmp_path)}}
    for change, told in (
        ({"needs": ["host"]}, "needs host images, which no"),
        ({"sha256": "0"}, "damaged"),
    ):
        (tmp_path / f"{weights.stem}.json").write_text(json.dumps(facts | change))
        with pytest.raises(ValueError, match=told):
            annotate(alerts, ["btsbot"], settings=settings)


def test_weights_may_lie_on_the_executors_alone(alerts, tmp_path):
    settings = {"btsbot": {"weights": str(tmp_path / "elsewhere")}}
    assert annotate(alerts, ["btsbot"], settings=settings).columns[-1] == "btsbot"
    with pytest.raises(ValueError, match="no setting 'wieghts'"):
        annotate(alerts, ["btsbot"], settings={"btsbot": {"wieghts": "x", **settings["btsbot"]}})


def test_an_unknown_module_is_told_with_those_there_are(alerts):
    with pytest.raises(KeyError, match="no science module 'botsbt'; there are: btsbot"):
        annotate(alerts, ["botsbt"])


def test_a_module_may_read_the_struct_of_another_alone(alerts):
    def twice(btsbot):
        return {"twice": 2 * btsbot["score"], "status": btsbot["status"], "version": "1"}

    module = ScienceModule("twice", twice, {"twice": "double"}, ("ztf",))
    both = _udf.with_module(annotate(alerts, ["btsbot"]), module)
    rows = both.select("btsbot.score", "twice.twice", "twice.status").collect()
    assert len(rows) == alerts.count()
    assert all(row.twice == (None if row.score is None else 2 * row.score) for row in rows)
    with pytest.raises(ValueError, match="twice needs the column of module 'btsbot'"):
        _udf.with_module(alerts, module)


def test_a_module_that_raises_stops_nothing(alerts):
    def broken(magpsf):
        raise ZeroDivisionError

    module = ScienceModule("broken", broken, {"score": "float", "name": "string"}, ("ztf",))
    rows = _udf.with_module(alerts, module).select("broken.*").collect()
    assert {(row.score, row.name, row.status) for row in rows} == {(None, None, "module_error")}


def test_outputs_of_any_type_are_null_where_there_is_a_reason(alerts):
    def classify(magpsf):
        n = len(magpsf)
        return {
            "name": np.array(["sn"] * n), "number": np.arange(n), "real": np.ones(n, dtype=bool),
            "status": np.where(np.arange(n) % 2, "out_of_range", "ok"), "version": "1",
        }  # fmt: skip

    outputs = {"name": "string", "number": "int", "real": "boolean"}
    module = ScienceModule("classified", classify, outputs, ("ztf",))
    rows = _udf.with_module(alerts.limit(3), module).select("classified.*").collect()
    assert [(row.name, row.number, row.real) for row in rows] == [
        ("sn", 0, True), (None, None, None), ("sn", 2, True),
    ]  # fmt: skip
