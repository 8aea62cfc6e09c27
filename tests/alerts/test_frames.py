"""Alerts from pandas frames, against the Arrow tables that they were made from."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from skysift.alerts.batch import AlertBatch
from skysift.alerts.light_curve import POINT_FIELDS

NAN = np.nan


@pytest.mark.parametrize(
    "path",
    ["ztf/tables/raw_51", "ztf/tables/fink_v1_67", "ztf/tables/fink_v4_slsn_55", "lsst/v10_27"],
)
def test_a_frame_gives_what_its_table_gives(shared_data, path):
    table = pq.read_table(shared_data / f"{path}.parquet")
    expected = AlertBatch.from_table(table)
    frame = table.to_pandas(ignore_metadata=True)
    frame.index = np.arange(len(frame))[::-1] * 3
    batch = AlertBatch.from_pandas(frame)
    assert batch.survey == expected.survey
    for name in ("alert_id", "objectId", "jd", "magpsf", "isdiffpos", "band"):
        np.testing.assert_array_equal(batch.column(name), expected.column(name))
    found, curve = batch.column("light_curve"), expected.column("light_curve")
    np.testing.assert_array_equal(found.offsets, curve.offsets)
    np.testing.assert_array_equal(found.is_null, curve.is_null)
    for name in POINT_FIELDS:
        np.testing.assert_array_equal(getattr(found, name), getattr(curve, name), name)
    assert batch.column("stamps").status.tolist() == expected.column("stamps").status.tolist()


def test_a_frame_as_spark_gives_it_is_read():
    """Arrays of a pandas UDF are ndarrays, with None for a null one."""
    frame = pd.DataFrame(
        {
            "cjd": [np.array([1.0, 2.0]), None],
            "cmagpsf": [np.array([NAN, 18.5], dtype=np.float32), None],
            "cisdiffpos": [np.array([None, "t"], dtype=object), None],
        }
    )
    batch = AlertBatch.from_pandas(frame)
    np.testing.assert_array_equal(batch.column("magpsf"), [18.5, NAN])
    np.testing.assert_array_equal(batch.column("isdiffpos"), [1, NAN])


def test_a_frame_s_other_columns_are_never_looked_at():
    frame = pd.DataFrame({"magpsf": [18.0], "candid": [1], "notes": [object()]})
    assert AlertBatch.from_pandas(frame).column("magpsf").tolist() == [18.0]


def test_a_frame_s_mixed_column_is_refused_by_name():
    frame = pd.DataFrame({"candid": [1, 2], "magpsf": [18.0, "faint"]})
    with pytest.raises(ValueError, match="'magpsf'"):
        AlertBatch.from_pandas(frame)


def test_a_frame_without_alerts_is_refused():
    with pytest.raises(ValueError, match="no column of an alert"):
        AlertBatch.from_pandas(pd.DataFrame({"notes": ["a"]}), survey="ztf")
