"""Shared by the tests of science modules: published weights, and alerts in Spark."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from pyspark.sql import DataFrame, SparkSession

from tests.alert_samples import simulated_ztf
from tests.science_modules.frames import as_dataframe


@pytest.fixture(scope="session")
def published_btsbot(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the weights of BTSbot v1.0.1, imported."""
    from skysift.models.btsbot.importing import import_published

    return import_published(shared_data / "btsbot" / "v1.0.1", tmp_path_factory.mktemp("imported"))


@pytest.fixture(scope="session")
def nanoseconds(spark: SparkSession) -> Iterator[None]:
    """Fink's tables hold times in nanoseconds, which Spark reads only when told how."""
    key = "spark.sql.legacy.parquet.nanosAsLong"
    before = spark.conf.get(key)
    spark.conf.set(key, "true")
    yield
    spark.conf.set(key, before)


@pytest.fixture(scope="session")
def packets() -> pa.Table:
    """Simulated packets; without their stamps, history, both, or a feature at the end."""
    alerts = [*simulated_ztf(), *copy.deepcopy(simulated_ztf()[:4])]
    alerts[-1]["cutoutTemplate"] = None
    alerts[-2]["prv_candidates"] = None
    alerts[-3] |= {"prv_candidates": None, "cutoutScience": None, "cutoutDifference": None}
    alerts[-4]["candidate"]["scorr"] = None
    return pa.Table.from_pylist(alerts)


@pytest.fixture(scope="session")
def alerts(spark, packets, tmp_path_factory) -> DataFrame:
    """The packets as a DataFrame of one partition, in their order."""
    return as_dataframe(spark, packets, tmp_path_factory.mktemp("packets"))
