"""Alerts in Spark, and what a module says of them there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.sql import DataFrame, SparkSession

from skysift.alerts.batch import AlertBatch
from skysift.science_modules import get


def as_dataframe(spark: SparkSession, table: pa.Table, folder: Path) -> DataFrame:
    """Read a table in Spark: one partition, the rows in their order."""
    pq.write_table(table, folder / "alerts.parquet")
    return spark.read.parquet(str(folder)).coalesce(1)


def scores(annotated: DataFrame, name: str = "btsbot") -> pd.DataFrame:
    """Collect what a module says, null for null."""
    rows = annotated.select(f"{name}.*").collect()
    return pd.DataFrame(
        [row.asDict() for row in rows], columns=annotated.select(f"{name}.*").columns
    )


def assert_same(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    """Compare to 1e-6; a null score is None or NaN, as the engine has it."""
    np.testing.assert_array_equal(found["status"], expected["status"])
    np.testing.assert_array_equal(found["version"], expected["version"])
    ours, theirs = (frame["score"].astype(float) for frame in (found, expected))
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-6)


def told_by_arrow(table: pa.Table) -> pd.DataFrame:
    """What BTSbot says of the same alerts without Spark."""
    return pd.DataFrame(get("btsbot").annotate(AlertBatch.from_table(table)))
