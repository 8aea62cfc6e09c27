"""Alerts from tables, against a naive twin that walks the rows as Python objects."""

from __future__ import annotations

import math
import pickle

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from skysift.alerts.batch import AlertBatch
from skysift.alerts.columns import COLUMNS
from skysift.alerts.light_curve import POINT_FIELDS
from skysift.alerts.tables import TableAlerts, from_pandas

ZTF_TABLES = (
    "raw_51",
    "fink_v1_67",
    "fink_v3_hostless_72",
    "fink_v4_9",
    "fink_v4_yso_26",
    "fink_v4_slsn_55",
)
LSST_TABLES = ("v10_27", "v10_faint_trails_10")
SIGNS = {"t": 1.0, "1": 1.0, "f": 0.0, "0": 0.0, None: math.nan}
NAN = math.nan


def ztf_table(folder, name):
    return pq.read_table(folder / f"ztf/tables/{name}.parquet")


def as_float(value):
    return NAN if value is None else float(value)


def naive_points(row):
    """Light curve of one row of a ZTF table: lists by field, the alert last."""
    points = [*(row["prv_candidates"] or []), row["candidate"]]
    curve = {f: [as_float(p[f]) for p in points] for f in POINT_FIELDS if f != "isdiffpos"}
    curve["isdiffpos"] = [SIGNS[p["isdiffpos"]] for p in points]
    return curve


def flat_histories(table):
    """Make Fink's ``c*`` columns as Fink does: the history with the alert behind it."""
    rows = table.to_pylist()
    columns = {}
    for name in POINT_FIELDS:
        columns[f"c{name}"] = [
            [p[name] for p in [*(row["prv_candidates"] or []), row["candidate"]]] for row in rows
        ]
    return columns


def assert_same_light_curves(found, expected):
    np.testing.assert_array_equal(found.offsets, expected.offsets)
    np.testing.assert_array_equal(found.is_null, expected.is_null)
    for name in POINT_FIELDS:
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name), name)


@pytest.mark.parametrize("name", ZTF_TABLES)
def test_scalars_of_a_ztf_table_are_its_rows(shared_data, name):
    table = ztf_table(shared_data, name)
    batch = AlertBatch.from_table(table)
    rows = table.select(["objectId", "candid", "candidate"]).to_pylist()
    assert batch.survey == "ztf"
    assert len(batch) == len(rows)
    assert batch.column("objectId").tolist() == [row["objectId"] for row in rows]
    assert batch.column("alert_id").tolist() == [row["candid"] for row in rows]
    for field in rows[0]["candidate"]:
        values = [row["candidate"][field] for row in rows]
        found = batch.column(field)
        kind = COLUMNS[field].kind
        if kind == "text":
            assert found.tolist() == values, field
        elif kind == "id":
            assert found.dtype == np.int64
            assert found.tolist() == [v or 0 for v in values], field
        elif kind == "bool":
            np.testing.assert_array_equal(found, [SIGNS[v] for v in values], field)
        else:
            assert found.dtype == np.float64
            np.testing.assert_array_equal(found, [as_float(v) for v in values], field)


@pytest.mark.parametrize("name", ZTF_TABLES)
def test_light_curves_of_a_ztf_table_are_its_rows(shared_data, name):
    table = ztf_table(shared_data, name)
    curve = AlertBatch.from_table(table).column("light_curve")
    rows = table.select(["candidate", "prv_candidates"]).to_pylist()
    assert curve.is_null.tolist() == [row["prv_candidates"] is None for row in rows]
    for i, row in enumerate(rows):
        one, expected = curve.one(i), naive_points(row)
        for field in POINT_FIELDS:
            np.testing.assert_array_equal(one[field], expected[field], field)


@pytest.mark.parametrize("style", ["c{}", "c{}c"])
@pytest.mark.parametrize("name", ZTF_TABLES)
def test_flat_histories_give_the_same_light_curves(shared_data, name, style):
    table = ztf_table(shared_data, name)
    flat = {style.format(k[1:]): v for k, v in flat_histories(table).items()}
    kept = table.select(["objectId", "candid", "candidate"])
    for column, values in flat.items():
        kept = kept.append_column(column, pa.array(values))
    assert_same_light_curves(
        AlertBatch.from_table(kept).column("light_curve"),
        AlertBatch.from_table(table).column("light_curve"),
    )


def test_flat_histories_alone_give_alert_and_light_curve(shared_data):
    table = ztf_table(shared_data, "fink_v4_slsn_55")
    whole = AlertBatch.from_table(table)
    flat = AlertBatch.from_table(pa.table(flat_histories(table)))
    assert_same_light_curves(flat.column("light_curve"), whole.column("light_curve"))
    for name in POINT_FIELDS:
        np.testing.assert_array_equal(flat.column(name), whole.column(name))


def test_of_a_flat_history_the_last_point_is_the_alert():
    table = pa.table({"cjd": [[1.0, 2.0, 3.0], [4.0], [], None]})
    alerts = TableAlerts(table, "ztf")
    np.testing.assert_array_equal(alerts.numbers("candidate.jd"), [3, 4, NAN, NAN])
    np.testing.assert_array_equal(alerts.list_numbers("prv_candidates", "jd"), [1, 2])
    offsets, is_null = alerts.list_offsets("prv_candidates")
    assert offsets.tolist() == [0, 2, 2, 2, 2]
    assert is_null.tolist() == [False, True, True, True]


def test_candidate_fields_may_be_columns_of_their_own(shared_data):
    table = ztf_table(shared_data, "fink_v4_9")
    fields = table.select(["candidate"]).flatten()
    fields = fields.rename_columns([n.removeprefix("candidate.") for n in fields.column_names])
    batch, expected = AlertBatch.from_table(fields), AlertBatch.from_table(table)
    for name in ("magpsf", "drb", "isdiffpos", "candid", "rbversion"):
        np.testing.assert_array_equal(batch.column(name), expected.column(name))
    assert batch.missing(["objectId", "light_curve", "stamps", "ra"]) == [
        "objectId",
        "light_curve",
        "stamps",
    ]


def test_slices_and_chunks_of_a_table_are_its_rows(shared_data):
    table = ztf_table(shared_data, "fink_v1_67")
    whole = AlertBatch.from_table(table)
    pieces = pa.concat_tables([table.slice(40, 11), table.slice(7, 20)])
    rows = [*range(40, 51), *range(7, 27)]
    assert pieces.column("candidate").num_chunks == 2
    batch = AlertBatch.from_table(pieces)
    for name in ("magpsf", "objectId", "candid", "distnr"):
        np.testing.assert_array_equal(batch.column(name), whole.column(name)[rows])
    found, expected = batch.column("light_curve"), whole.column("light_curve")
    for i, row in enumerate(rows):
        assert found.is_null[i] == expected.is_null[row]
        for name in POINT_FIELDS:
            np.testing.assert_array_equal(found.one(i)[name], expected.one(row)[name])


def test_a_null_list_may_sit_on_a_range_that_holds_values():
    """Arrow allows it, and writers do it: such values are not the alert's."""
    points = pa.array([{"jd": float(i), "magpsf": 10.0 + i} for i in range(6)])
    lists = pa.ListArray.from_arrays([0, 2, 4, 6], points, mask=pa.array([False, True, False]))
    alerts = TableAlerts(pa.table({"prv_candidates": lists}), "ztf")
    offsets, is_null = alerts.list_offsets("prv_candidates")
    assert offsets.tolist() == [0, 2, 2, 4]
    assert is_null.tolist() == [False, True, False]
    assert alerts.list_numbers("prv_candidates", "magpsf").tolist() == [10, 11, 14, 15]


def test_null_structs_are_nulls_in_every_field():
    candidate = pa.array([{"magpsf": 18.0, "rbversion": "t1"}, None])
    points = pa.array([[{"jd": 1.0}, None], None])
    alerts = TableAlerts(pa.table({"candidate": candidate, "prv_candidates": points}))
    np.testing.assert_array_equal(alerts.numbers("candidate.magpsf"), [18, NAN])
    assert alerts.texts("candidate.rbversion").tolist() == ["t1", None]
    np.testing.assert_array_equal(alerts.list_numbers("prv_candidates", "jd"), [1, NAN])


def test_what_is_null_in_all_rows_is_there_and_null():
    table = pa.table(
        {
            "candid": pa.array([1, 2]),
            "candidate": pa.nulls(2),
            "prv_candidates": pa.nulls(2),
        }
    )
    batch = AlertBatch.from_table(table)
    assert np.isnan(batch.column("magpsf")).all()
    curve = batch.column("light_curve")
    assert curve.is_null.all()
    assert curve.offsets.tolist() == [0, 1, 2]
    lists = table.set_column(2, "prv_candidates", pa.nulls(2, pa.list_(pa.null())))
    assert AlertBatch.from_table(lists).column("light_curve").is_null.all()


def test_dictionary_encoded_texts_are_texts():
    ids = pa.array(["ZTF1", None, "ZTF1"]).dictionary_encode()
    batch = AlertBatch.from_table(pa.table({"objectId": ids, "candid": [1, 2, 3]}))
    assert batch.column("objectId").tolist() == ["ZTF1", None, "ZTF1"]


def test_histories_of_unequal_length_are_refused_by_name():
    table = pa.table({"cjd": [[1.0, 2.0]], "cmagpsf": [[18.0]]})
    with pytest.raises(ValueError, match="'cmagpsf'"):
        TableAlerts(table, "ztf").list_numbers("prv_candidates", "magpsf")


def test_identifiers_that_lost_digits_are_refused():
    table = pa.table({"candid": pa.array([2475433850215010007.0, None])})
    with pytest.raises(ValueError, match=r"'candid'.*lost digits"):
        AlertBatch.from_table(table, "ztf").column("candid")


def test_small_identifiers_may_be_floats_with_nulls():
    batch = AlertBatch.from_table(pa.table({"candid": pa.array([7.0, None])}), "ztf")
    assert batch.column("candid").tolist() == [7, 0]


def test_texts_where_numbers_belong_are_refused_by_name():
    table = pa.table({"candid": [1], "magpsf": ["faint"]})
    with pytest.raises(ValueError, match="magpsf"):
        AlertBatch.from_table(table).column("magpsf")


@pytest.mark.parametrize("name", LSST_TABLES)
def test_an_lsst_table_has_its_own_columns_and_the_shared_ones(shared_data, name):
    table = pq.read_table(shared_data / f"lsst/{name}.parquet")
    batch = AlertBatch.from_table(table)
    sources = table["diaSource"].to_pylist()
    assert batch.survey == "lsst"
    assert batch.column("alert_id").tolist() == [s["diaSourceId"] for s in sources]
    assert batch.column("band").tolist() == [s["band"] for s in sources]
    assert batch.column("fid").tolist() == ["ugrizy".index(s["band"]) for s in sources]
    objects = [str(s["diaObjectId"] or s["ssObjectId"]) for s in sources]
    assert batch.column("objectId").tolist() == objects
    for found, source in zip(batch.column("magpsf"), sources, strict=True):
        flux = source["psfFlux"]
        expected = 31.4 - 2.5 * math.log10(flux) if flux > 0 else NAN
        assert found == pytest.approx(expected, nan_ok=True)
    assert set(batch.column("stamps").status) == {"ok"}


@pytest.mark.parametrize("name", LSST_TABLES)
def test_light_curves_of_an_lsst_table_are_its_rows(shared_data, name):
    table = pq.read_table(shared_data / f"lsst/{name}.parquet")
    curve = AlertBatch.from_table(table).column("light_curve")
    histories = table["prvDiaSources"].to_pylist()
    assert any(histories)
    for i, (history, source) in enumerate(
        zip(histories, table["diaSource"].to_pylist(), strict=True)
    ):
        points = [*(history or []), source]
        one = curve.one(i)
        assert curve.is_null[i] == (history is None)
        assert one["fid"].tolist() == ["ugrizy".index(p["band"]) for p in points]
        assert one["isdiffpos"].tolist() == [float(p["psfFlux"] > 0) for p in points]
        np.testing.assert_allclose(
            one["jd"], [p["midpointMjdTai"] + 2400000.5 - 37 / 86400 for p in points], rtol=1e-15
        )
        assert np.isnan(one["diffmaglim"]).all()


def test_an_unknown_survey_is_refused():
    with pytest.raises(ValueError, match="'atlas'"):
        TableAlerts(pa.table({"ra": [1.0]}), "atlas")


def test_a_batch_pickles_the_columns_it_gives(shared_data):
    batch = AlertBatch.from_table(ztf_table(shared_data, "fink_v4_9"))
    curve = pickle.loads(pickle.dumps(batch.column("light_curve")))
    assert_same_light_curves(curve, batch.column("light_curve"))


def test_structs_that_came_as_spark_rows_are_read_as_dicts_are():
    row = pytest.importorskip("pyspark.sql").Row
    earlier = [row(jd=1.0, fid=1, magpsf=19.0)]
    frame = pd.DataFrame(
        {
            "objectId": ["a", "b"],
            "candidate": [row(jd=2.0, fid=1, magpsf=18.0), row(jd=3.0, fid=2, magpsf=17.0)],
            "prv_candidates": [earlier, None],
        }
    )
    alerts = from_pandas(frame)
    assert alerts.numbers("candidate.magpsf").tolist() == [18.0, 17.0]
    assert alerts.list_numbers("prv_candidates", "magpsf").tolist() == [19.0]
