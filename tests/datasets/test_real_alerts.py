"""Sets of real alerts, with made-up labels: nothing is learned here, but everything is met.

Packets of several schemas, brokers' tables, LSST among ZTF, stamps that are damaged or missing.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from skysift.alerts.decode import decode
from skysift.alerts.payloads import iter_payloads
from skysift.datasets import SetConfig, build_set
from skysift.models.btsbot.training_set import read_set


def object_ids(path: Path) -> list[str]:
    decoded = decode(list(iter_payloads(path)), ["objectId"])
    return [str(name) for alerts in decoded.alerts for name in alerts.batch.column("objectId")]


def config_for(paths: list[Path], folder: Path) -> SetConfig:
    """Label every other object."""
    names = sorted({name for path in paths for name in object_ids(path)})
    labels = folder / "labels.csv"
    table = pd.DataFrame({"objectId": names, "label": np.arange(len(names)) % 2})
    table.to_csv(labels, index=False)
    shares = {"train": 0.5, "validation": 0.25, "test": 0.25}
    return SetConfig(tuple(paths), labels, shares=shares)


def test_packets_and_tables_make_a_set_and_every_alert_is_accounted_for(shared_data, tmp_path):
    paths = [shared_data / "ztf", shared_data / "lsst"]
    manifest = build_set(config_for(paths, tmp_path), tmp_path / "set")
    left_out = manifest["exclusions"]
    told = sum(e["count"] for e in left_out.values() if e["unit"] == "alerts")
    total = sum(len(object_ids(path)) for path in paths)
    assert manifest["read"] == total == manifest["alerts"] + told
    assert left_out["of_another_survey"]["count"] == len(object_ids(paths[1]))
    found = read_set(tmp_path / "set")
    assert np.isfinite(found.metadata).all()
    assert np.isfinite(found.triplet(slice(None))).all()
    assert set(manifest["counts"][0]) >= {"split", "source_set", "objects", "alerts", "kept"}


def test_how_a_table_is_cut_into_row_groups_changes_nothing(shared_data, tmp_path):
    whole = shared_data / "ztf" / "tables" / "raw_51.parquet"
    copy = tmp_path / "rows.parquet"
    pq.write_table(pq.read_table(whole), copy, row_group_size=7)
    config = config_for([whole], tmp_path)
    first = build_set(config, tmp_path / "a")
    build_set(SetConfig((copy,), config.labels, shares=config.shares), tmp_path / "b")
    a, b = read_set(tmp_path / "a"), read_set(tmp_path / "b")
    pd.testing.assert_frame_equal(a.table, b.table)
    assert first["alerts"] == len(b)


def test_a_table_without_a_column_that_is_needed_is_an_error_that_names_it(shared_data, tmp_path):
    table = pq.read_table(shared_data / "ztf" / "tables" / "raw_51.parquet")
    bare = tmp_path / "bare.parquet"
    pq.write_table(table.drop_columns(["cutoutDifference"]), bare)
    with pytest.raises(ValueError, match="no column 'stamps'"):
        build_set(config_for([bare], tmp_path), tmp_path / "set")
