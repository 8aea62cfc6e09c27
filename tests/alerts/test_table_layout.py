"""Where tables keep fields, on genuine tables and on shapes of the test's own making."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from skysift.alerts.batch import AlertBatch
from skysift.alerts.columns import source_paths
from skysift.alerts.table_layout import Place, TableLayout, detect_survey, parquet_columns

STRUCT = pa.struct([("jd", pa.float64()), ("stampData", pa.binary())])


@pytest.mark.parametrize(
    ("columns", "path", "place"),
    [
        ({"objectId": pa.string()}, "objectId", Place("objectId")),
        ({"candidate": STRUCT}, "candidate.jd", Place("candidate", "jd")),
        ({"candidate": STRUCT}, "candidate.rb", None),
        ({"jd": pa.float64()}, "candidate.jd", Place("jd")),
        ({"cjd": pa.list_(pa.float64())}, "candidate.jd", Place("cjd", part="last")),
        ({"cjdc": pa.list_(pa.float64())}, "candidate.jd", Place("cjdc", part="last")),
        ({"cjd": pa.float64()}, "candidate.jd", None),
        ({"prv_candidates": pa.list_(STRUCT)}, "prv_candidates.jd", Place("prv_candidates", "jd")),
        ({"cjd": pa.list_(pa.float64())}, "prv_candidates.jd", Place("cjd", part="past")),
        ({"jd": pa.float64()}, "prv_candidates.jd", None),
        ({"prv_candidates": pa.list_(STRUCT), "cfid": pa.list_(pa.int32())},
         "prv_candidates.fid", None),
        ({"cutoutScience": STRUCT}, "cutoutScience.stampData", Place("cutoutScience", "stampData")),
        ({"cutoutScience": pa.binary()}, "cutoutScience.stampData", Place("cutoutScience")),
        ({"cutoutScience": pa.string()}, "cutoutScience.stampData", None),
        ({"cutoutScience": pa.binary()}, "cutoutScience", Place("cutoutScience")),
    ],
)  # fmt: skip
def test_each_shape_of_a_field_is_found_in_its_place(columns, path, place):
    layout = TableLayout(pa.schema(columns))
    assert layout.find(path) == place
    assert layout.has(path) == (place is not None)


@pytest.mark.parametrize("names", [["ra", "dec"], ["anything"], []])
def test_a_survey_that_cannot_be_told_must_be_named(names):
    with pytest.raises(ValueError, match="survey='ztf'"):
        detect_survey(names)


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("ztf/tables/fink_v4_yso_26", ["light_curve", "drb", "objectId"]),
        ("ztf/tables/raw_51", ["stamps", "magpsf"]),
        ("lsst/v10_27", ["light_curve", "stamps", "objectId", "nDiaSources"]),
    ],
)
def test_reading_only_the_leaves_needed_gives_the_same_columns(shared_data, path, names):
    file = pq.ParquetFile(shared_data / f"{path}.parquet")
    whole = AlertBatch.from_table(file.read())
    leaves = parquet_columns(file.schema, source_paths(names, whole.survey))
    assert len(leaves) == len(source_paths(names, whole.survey))
    pruned = AlertBatch.from_table(file.read(columns=leaves), whole.survey)
    for name in names:
        found, expected = pruned.column(name), whole.column(name)
        if name == "light_curve":
            np.testing.assert_array_equal(found.jd, expected.jd)
            np.testing.assert_array_equal(found.isdiffpos, expected.isdiffpos)
        elif name == "stamps":
            assert found.status.tolist() == expected.status.tolist()
        else:
            np.testing.assert_array_equal(found, expected)
