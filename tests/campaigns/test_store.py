"""The pool on disk: each alert once, in its night, typed; what reads alerts reads it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from skysift.alerts.packet_table import PACKET, PACKET_SCHEMA
from skysift.campaigns.store import PoolError, Store, find_packet, night_of, read_pool

ONE, OTHER = 2460582.8, 2460583.8
"""Julian dates of two nights: 2024-09-29 and the next."""


def rows(*candids: int, jd: float = ONE, **columns) -> pd.DataFrame:
    n = len(candids)
    facts = {
        "candid": np.array(candids, dtype=np.int64),
        "objectId": [f"ZTF{candid % 7}" for candid in candids],
        "jd": np.full(n, jd),
        "status": "ok",
        "ra": np.arange(n, dtype=np.float64),
        "source": "here#0",
        PACKET: [f"packet {candid}".encode() for candid in candids],
        PACKET_SCHEMA: "{}",
    }
    return pd.DataFrame({**facts, **columns})


def test_an_alert_is_kept_once_whoever_brings_it_again(tmp_path):
    store = Store(tmp_path / "pool")
    assert store.add(rows(1, 2, 2))["candid"].tolist() == [1, 2]
    assert store.add(rows(2, 3))["candid"].tolist() == [3]
    assert Store(tmp_path / "pool").add(rows(1, 2, 3, 4))["candid"].tolist() == [4]
    assert read_pool(tmp_path / "pool")["candid"].tolist() == [1, 2, 3, 4]


def test_parts_lie_in_their_nights_and_are_typed(tmp_path):
    candid = 1_150_000_000_000_000_001  # which no float can hold
    Store(tmp_path).add(pd.concat([rows(candid), rows(5, jd=OTHER, ra=[np.nan])]))
    parts = sorted(tmp_path.rglob("*.parquet"))
    assert [path.parent.name for path in parts] == ["night=2024-09-29", "night=2024-09-30"]
    schema = pq.read_schema(parts[0])
    assert schema.field("candid").type == pa.int64()
    assert schema.field("ra").type == pa.float64()
    assert schema.field(PACKET).type == pa.binary()
    assert str(schema.field("received").type) == "timestamp[us, tz=UTC]"
    table = read_pool(tmp_path)
    assert table["candid"].tolist() == [candid, 5]
    assert np.isnan(table["ra"][1])
    assert PACKET not in table


def test_a_packet_is_found_by_its_alert(tmp_path):
    store = Store(tmp_path)
    store.add(rows(1, 2))
    store.add(rows(3, jd=OTHER))
    found = find_packet(tmp_path, 3)
    assert found is not None and (found.kind, found.data) == ("record", b"packet 3")
    assert find_packet(tmp_path, 9) is None


def test_what_a_killed_writer_left_half_written_is_nothing(tmp_path):
    Store(tmp_path).add(rows(1))
    (tmp_path / "night=2024-09-29" / ".0123.parquet.tmp").write_bytes(b"PAR1")
    assert read_pool(tmp_path)["candid"].tolist() == [1]
    assert Store(tmp_path).add(rows(2))["candid"].tolist() == [2]


def test_parts_of_an_older_skysift_lack_its_columns_and_are_read(tmp_path):
    store = Store(tmp_path)
    store.add(rows(1))
    store.add(rows(2, newer=[7.0]))
    assert read_pool(tmp_path)["newer"].tolist()[1:] == [7.0]
    assert read_pool(tmp_path)["newer"].isna().tolist() == [True, False]


def test_an_empty_pool_has_no_rows(tmp_path):
    assert len(read_pool(tmp_path)) == 0
    assert 1 not in Store(tmp_path)


def test_two_writers_are_one_too_many(tmp_path):
    with Store(tmp_path).alone(), pytest.raises(PoolError, match="another process is filling"):
        Store(tmp_path).alone().__enter__()
    with Store(tmp_path).alone():
        pass


def test_a_folder_that_is_no_pool_is_named(tmp_path):
    (tmp_path / "night=1").mkdir()
    (tmp_path / "night=1" / "1.parquet").write_bytes(b"no table")
    with pytest.raises(PoolError, match=r"is no pool of `skysift learn"):
        read_pool(tmp_path)


def test_a_night_is_a_date_of_universal_time():
    assert night_of(np.array([2440587.5, ONE, OTHER])).tolist() == [
        "1970-01-01", "2024-09-29", "2024-09-30",
    ]  # fmt: skip
