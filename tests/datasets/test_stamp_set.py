"""A set of stamps: an alert an object, as the science module sees it, with a label."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from skysift.alerts.batch import AlertBatch
from skysift.datasets.stamp_set import build_stamp_set
from skysift.models.ganomaly.sources import Source
from skysift.science_modules._stamp_images import pictures
from skysift.simulate import simulate_night, write_night

MANY = {"supernova": 0.5, "variable": 0.5}


@pytest.fixture(scope="module")
def night(tmp_path_factory) -> Path:
    """24 alerts of fewer objects, and 4 oddities."""
    folder = tmp_path_factory.mktemp("night")
    write_night(24, 6, folder, mix=MANY, oddities=4, workers=1)
    return folder


@pytest.fixture(scope="module")
def built(night, tmp_path_factory):
    output = tmp_path_factory.mktemp("set")
    told: list[tuple[int, int]] = []
    manifest = build_stamp_set(
        [night / "packets"], output, truth=night / "truth.csv", abnormal=["oddity"],
        progress=lambda *numbers: told.append(numbers),
    )  # fmt: skip
    return output, manifest, told


def test_each_object_stands_once_with_what_the_module_sees(night, built) -> None:
    output, manifest, told = built
    table = pd.read_parquet(output / "stamps.parquet")
    truth = pd.read_csv(night / "truth.csv")
    assert table["objectId"].is_unique
    assert len(table) == told[-1][1] == sum(manifest["images"].values())
    assert manifest["read"] == told[-1][0] == len(truth) == 28
    left = sum(entry["count"] for entry in manifest["exclusions"].values())
    assert left + len(table) == 28
    packets = {p["candid"]: p for p, _ in simulate_night(24, seed=6, mix=MANY)}
    rows = table[table["label"] == "normal"].head(5)
    batch = AlertBatch.from_pandas(pd.DataFrame([packets[int(name)] for name in rows["id"]]), "ztf")
    images, status = pictures(batch.column("stamps"), 64)
    assert (status == "ok").all()
    for stored, image in zip(rows["image"], images, strict=True):
        np.testing.assert_array_equal(np.load(io.BytesIO(stored)), image)


def test_abnormal_classes_are_named_and_all_else_is_normal(night, built) -> None:
    output, manifest, _ = built
    table = pd.read_parquet(output / "stamps.parquet")
    truth = pd.read_csv(night / "truth.csv").set_index("candid")["class"]
    classes = truth.loc[table["id"].astype(int)].to_numpy()
    expected = np.where(classes == "oddity", "oddity", "normal")
    assert table["label"].tolist() == expected.tolist()
    assert manifest["images"] == table["label"].value_counts().to_dict()


def test_training_reads_it(built) -> None:
    output, manifest, _ = built
    found = list(Source(output, "train").images(2))
    assert len(found) == sum(manifest["images"].values())
    assert {one.label for one in found} == {"normal", "oddity"}
    assert all(one.image.shape == (64, 64, 2) for one in found)


def test_another_side_and_lsst(night, shared_data, tmp_path) -> None:
    stamps = [shared_data / "lsst" / "v10_27.parquet", night / "packets"]
    manifest = build_stamp_set(stamps, tmp_path, survey="lsst", side=32)
    assert manifest["exclusions"]["of_another_survey"]["count"] == 28
    table = pd.read_parquet(tmp_path / "stamps.parquet")
    assert 10 < len(table) <= 27
    assert {np.load(io.BytesIO(image)).shape for image in table["image"]} == {(32, 32, 2)}


def test_what_makes_no_set_is_refused(night, built, tmp_path) -> None:
    packets, truth = [night / "packets"], night / "truth.csv"
    with pytest.raises(FileExistsError, match="a set in"):
        build_stamp_set(packets, built[0])
    with pytest.raises(ValueError, match="no class 'nova'; it knows: oddity, supernova"):
        build_stamp_set(packets, tmp_path / "a", truth=truth, abnormal=["nova"])
    with pytest.raises(ValueError, match="need a truth"):
        build_stamp_set(packets, tmp_path / "b", abnormal=["oddity"])
    with pytest.raises(ValueError, match="no alert of lsst"):
        build_stamp_set(packets, tmp_path / "c", survey="lsst")
    (tmp_path / "t.csv").write_text("objectId,class\nZTF1,oddity\n")
    with pytest.raises(ValueError, match="lacks a column 'candid'"):
        build_stamp_set(packets, tmp_path / "d", truth=tmp_path / "t.csv", abnormal=["oddity"])
    assert not list(tmp_path.rglob("*.parquet*"))
    written = json.loads((built[0] / "manifest.json").read_text())
    assert written == json.loads(json.dumps(built[1]))
