"""The Spark face of modules, in a real Spark: as in pandas, row for row, and nothing else.

Truth comes from the same alerts read without Spark, which `test_btsbot` holds against astropy and
loops. These tests also run on Spark 3.5 (`make test-spark35`).
"""

from __future__ import annotations

import functools
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from skysift.models import discover as discover_models
from skysift.science_modules import ScienceModule, _udf, annotate, btsbot, get
from tests.alert_samples import simulated_ztf
from tests.science_modules.frames import as_dataframe, assert_same, scores, told_by_arrow

TABLES = (
    "raw_51",
    "fink_v1_67",
    "fink_v3_hostless_72",
    "fink_v4_9",
    "fink_v4_slsn_55",
    "fink_v4_yso_26",
)
POINT = ("jd", "fid", "magpsf", "sigmapsf", "diffmaglim", "isdiffpos")


@pytest.mark.parametrize("name", TABLES)
def test_spark_pandas_and_arrow_say_the_same_of_real_tables(name, spark, nanoseconds, shared_data):
    path = shared_data / "ztf" / "tables" / f"{name}.parquet"
    table = pq.read_table(path)
    expected = told_by_arrow(table)
    assert_same(get("btsbot").for_pandas(table.to_pandas()), expected)
    alerts = spark.read.parquet(str(path)).coalesce(1)
    assert_same(scores(annotate(alerts, ["btsbot"])), expected)


def test_the_struct_has_the_declared_type_and_the_rest_stays(alerts):
    scored = annotate(alerts, ["btsbot"])
    assert scored.schema["btsbot"].dataType.simpleString() == (
        "struct<score:float,uncertainty:float,stage:string,status:string,version:string>"
    )
    assert scored.columns == [*alerts.columns, "btsbot"]


def test_faulty_rows_get_a_reason_and_a_null_not_a_nan(alerts, packets):
    rows = annotate(alerts, ["btsbot"]).select("btsbot.*").collect()
    assert [row.status for row in rows[-4:]] == [
        "nan_feature", "missing_stamp", "no_history", "missing_stamp",
    ]  # fmt: skip
    assert all(row.score is None for row in rows[-4:])
    assert all((row.score is None) == (row.status != "ok") for row in rows)
    assert sum(row.status == "ok" for row in rows) > len(rows) / 2
    assert all(0 <= row.score <= 1 for row in rows if row.status == "ok")
    assert_same(pd.DataFrame([row.asDict() for row in rows]), told_by_arrow(packets))


NOTHING = {
    "histories": ["prv_candidates"],
    "stamps": ["cutoutScience", "cutoutTemplate", "cutoutDifference"],
    "candidates": ["candidate"],
    "fields": [
        "prv_candidates",
        "candidate",
        "cutoutScience",
        "cutoutTemplate",
        "cutoutDifference",
    ],
}


@pytest.mark.parametrize("columns", NOTHING.values(), ids=NOTHING)
def test_what_is_null_in_every_row_is_no_error(columns, alerts, packets):
    for name in columns:
        alerts = alerts.withColumn(name, F.lit(None).cast(alerts.schema[name].dataType))
        place = packets.column_names.index(name)
        nulls = pa.nulls(len(packets), packets.schema[place].type)
        packets = packets.set_column(place, name, nulls)
    found = scores(annotate(alerts, ["btsbot"]))
    assert "module_error" not in set(found["status"])
    assert_same(found, told_by_arrow(packets))


def concatenated(alerts: DataFrame, suffix: str = "") -> DataFrame:
    """Add Fink's flat histories: the history with the alert behind it, or the alert alone."""
    for name in POINT:
        history, now = F.col(f"prv_candidates.{name}"), F.array(f"candidate.{name}")
        flat = F.when(history.isNotNull(), F.concat(history, now)).otherwise(now)
        alerts = alerts.withColumn(f"c{name}{suffix}", flat)
    return alerts.drop("prv_candidates")


@pytest.mark.parametrize("suffix", ["", "c"])
def test_flat_histories_give_the_same_scores(suffix, alerts, packets):
    assert_same(scores(annotate(concatenated(alerts, suffix), ["btsbot"])), told_by_arrow(packets))


def test_flat_candidates_and_stamps_give_the_same_scores(alerts, packets):
    stamps = [name for name in alerts.columns if name.startswith("cutout")]
    flat = concatenated(alerts).select(
        *(F.col(f"c{name}") for name in POINT),
        *(F.col(name).getField("stampData").alias(name) for name in stamps),
        "candidate.*",
    )
    assert_same(scores(annotate(flat, ["btsbot"])), told_by_arrow(packets))


def test_flat_histories_that_are_null_throughout_are_no_error(alerts):
    flat = concatenated(alerts)
    for name in POINT:
        flat = flat.withColumn(f"c{name}", F.lit(None).cast(flat.schema[f"c{name}"].dataType))
    history = alerts.schema["prv_candidates"].dataType
    null = alerts.withColumn("prv_candidates", F.lit(None).cast(history))
    found = scores(annotate(flat, ["btsbot"]))
    assert "no_history" in set(found["status"])
    assert_same(found, scores(annotate(null, ["btsbot"])))


@contextmanager
def batches_of(rows: int, spark: SparkSession) -> Iterator[None]:
    """Let Spark hand Python so many rows at a time."""
    key = "spark.sql.execution.arrow.maxRecordsPerBatch"
    before = spark.conf.get(key)
    spark.conf.set(key, str(rows))
    try:
        yield
    finally:
        spark.conf.set(key, before)


@pytest.mark.parametrize("rows_per_batch", [5, 10_000])
def test_scores_do_not_depend_on_how_rows_are_batched(rows_per_batch, spark, packets, tmp_path):
    times = 1 + 2 * _udf.ROWS_AT_ONCE // len(packets)
    many = as_dataframe(spark, pa.concat_tables([packets] * times), tmp_path)
    with batches_of(rows_per_batch, spark):
        found = scores(annotate(many, ["btsbot"]))
    assert_same(found, pd.concat([told_by_arrow(packets)] * times, ignore_index=True))


def test_a_module_never_sees_more_rows_than_fit_in_memory(spark):
    def count(magpsf):
        n = len(magpsf)
        return {"rows": np.full(n, n), "status": ["ok"] * n, "version": "1"}

    module = ScienceModule("counted", count, {"rows": "int"}, ("ztf",))
    faint = (
        spark.range(25_000)
        .coalesce(1)
        .select(F.struct(F.lit(20.0).alias("magpsf")).alias("candidate"))
    )
    with batches_of(10_000, spark):
        found = scores(_udf.with_module(faint, module), "counted")
    assert len(found) == 25_000
    assert found["rows"].max() == _udf.ROWS_AT_ONCE


def test_identifiers_keep_their_digits_beside_nulls(spark):
    def named(alert_id, objectId):
        n = len(alert_id)
        return {"id": alert_id, "object": objectId, "status": ["ok"] * n, "version": "1"}

    ids = [(2**60 + 1, 2**61 + 3, None), (2**60 + 2, None, 2**61 + 5), (2**60 + 3, None, None)]
    schema = "diaSource struct<diaSourceId: bigint, diaObjectId: bigint, ssObjectId: bigint>"
    alerts = spark.createDataFrame([(row,) for row in ids], schema).coalesce(1)
    module = ScienceModule("named", named, {"id": "bigint", "object": "string"}, ("lsst",))
    found = scores(_udf.with_module(alerts, module), "named")
    assert found["id"].tolist() == [2**60 + 1, 2**60 + 2, 2**60 + 3]
    assert found["object"].tolist() == [str(2**61 + 3), str(2**61 + 5), None]


def test_rows_are_scored_once_however_often_the_struct_is_used(spark, alerts):
    rows = spark.sparkContext.accumulator(0)

    def score(magpsf):
        rows.add(len(magpsf))
        n = len(magpsf)
        return {"score": np.full(n, 0.9), "status": ["ok"] * n, "version": "1"}

    module = ScienceModule("counted", score, {"score": "float"}, ("ztf",))
    scored = _udf.with_module(alerts, module)
    likely = scored.where("counted.score > 0.5 and counted.status = 'ok'").where(
        "counted.score < 1"
    )
    n = alerts.count()
    assert len(likely.select("counted.score", "counted.status").collect()) == n
    assert rows.value == n


def test_a_worker_loads_the_model_once_over_many_micro_batches(spark, packets, tmp_path):
    # Weights of its own: an earlier test may have left a worker that has the others.
    weights = next(p.file for p in discover_models()["btsbot"].values() if p.default)
    for suffix in (".keras", ".json"):
        shutil.copy(weights.with_suffix(suffix), tmp_path)

    @functools.wraps(btsbot.score)
    def watched(*columns, **settings):
        import sys

        # The list outlives the function, which each task unpickles anew.
        if not hasattr(sys, "weights_opened"):
            sys.weights_opened = []
            sys.addaudithook(
                lambda event, args: (
                    event == "open"
                    and str(args[0]).endswith(".keras")
                    and sys.weights_opened.append(args[0])
                )
            )
        told = btsbot.score(*columns, **settings)
        n = len(told["status"])
        return {
            "pid": np.full(n, os.getpid()), "opened": np.full(n, len(sys.weights_opened)), **told,
        }  # fmt: skip

    outputs = {"pid": "int", "opened": "int", "score": "float"}
    module = ScienceModule("watched", watched, outputs, ("ztf",))
    source, seen = tmp_path / "source", []
    source.mkdir()
    for i in range(4):
        pq.write_table(packets.slice(0, 4), source / f"{i}.parquet")
    stream = (
        spark.readStream.schema(spark.read.parquet(str(source)).schema)
        .option("maxFilesPerTrigger", 1)
        .parquet(str(source))
    )
    query = (
        _udf.with_module(stream, module, weights=str(tmp_path / weights.name))
        .writeStream.foreachBatch(lambda rows, number: seen.append(scores(rows, "watched")))
        .option("checkpointLocation", str(tmp_path / "checkpoint"))
        .trigger(availableNow=True)
        .start()
    )
    query.awaitTermination()
    assert [len(batch) for batch in seen] == [4] * 4
    together = pd.concat(seen)
    assert together["status"].eq("ok").mean() > 0.5
    assert together["pid"].nunique() < len(seen), "every batch had a worker of its own"
    assert together.groupby("pid")["opened"].nunique().eq(1).all()
    assert together["opened"].dropna().gt(0).all()


def test_a_dataframe_without_rows_gives_none(alerts):
    none = annotate(alerts.where("candid < 0"), ["btsbot"])
    assert none.collect() == []


def test_partitions_without_rows_are_no_error(alerts):
    def points(light_curve):
        n = len(light_curve)
        return {"points": np.diff(light_curve.offsets), "status": ["ok"] * n, "version": "1"}

    module = ScienceModule("counted", points, {"points": "int"}, ("ztf",))
    few = _udf.with_module(alerts.limit(2).repartition(5), module).select("counted.points")
    assert sorted(row.points for row in few.collect()) == sorted(
        1 + len(alert["prv_candidates"]) for alert in simulated_ztf()[:2]
    )
