"""Fink's light-curve features: out of structs, dicts, texts and Avro, the same numbers."""

from __future__ import annotations

import io
from pathlib import Path

import fastavro
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from skysift.alerts._fink_features import ORDER, TAKEN
from skysift.alerts.batch import AlertBatch
from skysift.alerts.columns import source_paths
from skysift.alerts.decode import REQUIRED, decode
from skysift.alerts.payloads import Payload, iter_payloads

BANDS = ("lc_features_g", "lc_features_r")
CANDIDATE = {"jd": 2460000.5, "magpsf": 19.0, "fid": 1}


def features(start: float) -> dict[str, float]:
    """Give each of the 26 a number of its own."""
    return {name: start + i for i, name in enumerate(ORDER)}


def expected(start: float) -> list[float]:
    return [features(start)[name] for name in TAKEN]


def frame(*values: object) -> AlertBatch:
    rows = [{"candid": i, "candidate": CANDIDATE, BANDS[0]: v} for i, v in enumerate(values)]
    return AlertBatch.from_pandas(pd.DataFrame(rows))


def test_the_order_is_that_of_finks_extractor() -> None:
    processor = pytest.importorskip(
        "fink_science.ztf.ad_features.processor", reason="fink-science is not installed"
    )
    assert list(ORDER) == list(processor.FEATURES_COLS)


def test_out_of_dicts_and_texts() -> None:
    wanted = [expected(1.0), [np.nan] * 6]
    dicts = frame(features(1.0), None)
    np.testing.assert_array_equal(dicts.column("lc_features_g"), wanted)
    numbers = list(features(1.0).values())
    for text in (str(numbers), "{" + ", ".join(map(str, numbers)) + "}"):
        np.testing.assert_array_equal(frame(text, None).column("lc_features_g"), wanted)


TEXTS = ["", "[]", "nan", "[1, 2, 3]", "[null]", "nonsense", str([1.0] * 25), str([1.0] * 27)]


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_that_does_not_hold_all_holds_none(text: str) -> None:
    assert np.isnan(frame(text).column("lc_features_g")).all()


def test_nulls_in_a_text_are_nulls() -> None:
    numbers = ["null", *map(str, list(features(0.0).values())[1:])]
    numbers[ORDER.index("median")] = "NaN"
    found = frame(f"[{', '.join(numbers)}]").column("lc_features_g")[0]
    assert np.isnan(found[TAKEN.index("median")])
    assert found[TAKEN.index("amplitude")] == features(0.0)["amplitude"]


def test_where_there_are_none_the_column_is_null_and_never_missing() -> None:
    batch = AlertBatch.from_pandas(pd.DataFrame([{"candid": 1, "candidate": CANDIDATE}]))
    assert batch.missing(BANDS) == []
    assert batch.column("lc_features_r").shape == (1, 6)
    assert np.isnan(batch.column("lc_features_r")).all()


@pytest.mark.parametrize("table", ["fink_v4_9", "fink_v4_slsn_55", "fink_v3_hostless_72"])
def test_out_of_finks_tables(shared_data: Path, table: str) -> None:
    path = shared_data / "ztf" / "tables" / f"{table}.parquet"
    whole = AlertBatch.from_table(pq.read_table(path))
    rows = pq.read_table(path, columns=list(BANDS)).to_pylist()
    for name in BANDS:
        truth = [[(row[name] or {}).get(key) for key in TAKEN] for row in rows]
        found = whole.column(name)
        np.testing.assert_array_equal(found, np.array(truth, dtype=float))
        assert np.isfinite(found).any()
        fields = source_paths([*REQUIRED, name], "ztf")
        pieces = decode(list(iter_payloads(path, columns=fields)), [name]).alerts
        np.testing.assert_array_equal(
            np.concatenate([piece.batch.column(name) for piece in pieces]), found
        )


def test_out_of_a_packet_of_finks_stream() -> None:
    """There they are a record, or null."""
    numbers = [{"name": name, "type": ["null", "double"]} for name in sorted(ORDER)]
    inner = {"type": "record", "name": "features", "fields": numbers}
    fields = [{"name": name, "type": kind} for name, kind in zip(
        CANDIDATE, ("double", "float", "int"), strict=True
    )]  # fmt: skip
    schema = {
        "type": "record",
        "name": "alert",
        "fields": [
            {"name": "candid", "type": "long"},
            {"name": "objectId", "type": "string"},
            {"name": "candidate", "type": {"type": "record", "name": "c", "fields": fields}},
            {"name": "lc_features_g", "type": ["null", inner]},
            {"name": "lc_features_r", "type": ["null", "features"]},
        ],
    }
    alerts = [
        {
            "candid": 1,
            "objectId": "a",
            "candidate": CANDIDATE,
            BANDS[0]: features(1.0),
            BANDS[1]: None,
        },
        {
            "candid": 2,
            "objectId": "b",
            "candidate": CANDIDATE,
            BANDS[0]: None,
            BANDS[1]: features(2.0),
        },
    ]
    file = io.BytesIO()
    fastavro.writer(file, schema, alerts)
    (found,) = decode([Payload("ocf", file.getvalue(), None, "file", 0)], BANDS).alerts
    nothing = [np.nan] * 6
    np.testing.assert_array_equal(found.batch.column(BANDS[0]), [expected(1.0), nothing])
    np.testing.assert_array_equal(found.batch.column(BANDS[1]), [nothing, expected(2.0)])
