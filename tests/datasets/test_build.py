"""Training sets of simulated alerts, against the naive way: one alert at a time."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from skysift.alerts.decode import decode
from skysift.alerts.payloads import iter_payloads, list_files
from skysift.alerts.signature import required_columns
from skysift.datasets import build_set
from skysift.models.btsbot.inputs import FEATURES
from skysift.models.btsbot.training_set import read_set
from skysift.science_modules import btsbot


@pytest.fixture
def built(config, tmp_path):
    manifest = build_set(config, tmp_path / "set")
    return manifest, read_set(tmp_path / "set")


def truth_of(config) -> pd.DataFrame:
    return pd.read_csv(config.labels).drop_duplicates("objectId").set_index("objectId")


def one_by_one(config):
    """Yield each alert alone, as a broker that knows no other would see it."""
    columns = (*required_columns(btsbot.score), "objectId", "fid", "isdiffpos")
    for payload in iter_payloads(config.alerts[0]):
        yield decode([payload], columns).alerts[0].batch


def test_each_alert_has_the_inputs_that_the_broker_computes(config, built):
    _, found = built
    table = found.table.set_index("candid")
    compared = 0
    for batch in one_by_one(config):
        candid = batch.column("candid")[0]
        if candid not in table.index:
            continue
        columns = {name: batch.column(name) for name in required_columns(btsbot.score)}
        triplet, metadata, _, _ = btsbot.model_inputs(
            columns.pop("stamps"), columns.pop("light_curve"), columns,
            preprocessing="centred", may_miss=FEATURES,
        )  # fmt: skip
        place = table.index.get_loc(candid)
        np.testing.assert_array_equal(found.metadata[place], metadata[0])
        np.testing.assert_array_equal(found.triplet(np.array([place])), triplet)
        compared += 1
    assert compared == len(found) > 100


def test_the_cuts_are_the_published_ones_and_every_alert_is_accounted_for(config, built):
    manifest, found = built
    passed = set()
    for batch in one_by_one(config):
        value = {name: batch.column(name)[0] for name in ("isdiffpos", "fid", "sgscore1")}
        matched = value["sgscore1"] >= 0 or batch.column("sgscore2")[0] >= 0
        if value["isdiffpos"] == 1 and value["fid"] in (1, 2) and matched:
            passed.add(batch.column("candid")[0])
    assert set(found.table["candid"]) <= passed
    left_out = {r: e for r, e in manifest["exclusions"].items() if e["unit"] == "alerts"}
    cut = sum(e["count"] for r, e in left_out.items() if r.startswith("cut_"))
    assert cut == 240 - len(passed) > 0
    assert manifest["read"] == 240 == len(found) + sum(e["count"] for e in left_out.values())


def test_labels_and_sets_follow_the_table_of_labels(config, built):
    _, found = built
    truth = truth_of(config)
    kind = truth["class"][found.group]
    np.testing.assert_array_equal(found.label, truth["label"][found.group] == 1)
    assert found.table["class"].tolist() == kind.tolist()
    assert set(zip(kind, found.table["source_set"], strict=True)) == {
        ("supernova", "trues"), ("dim_supernova", "dims"), ("variable", "vars"),
        ("bogus", "rejects"),
    }  # fmt: skip


def test_no_object_is_in_two_parts_and_shares_are_kept(built):
    _, found = built
    parts = found.table.groupby("objectId")["split"].nunique()
    assert (parts == 1).all()
    objects = found.table.drop_duplicates("objectId")
    for _, of_set in objects.groupby("source_set"):
        counts = of_set["split"].value_counts()
        assert abs(counts["train"] - 0.5 * len(of_set)) <= 1


def test_the_same_config_makes_the_same_set_and_another_seed_another(config, tmp_path):
    first, second, other = (tmp_path / name for name in ("first", "second", "other"))
    files = [build_set(config, folder)["files"] for folder in (first, second)]
    assert files[0] == files[1]
    build_set(replace(config, seed=3), other)
    assert read_set(first).table["split"].tolist() != read_set(other).table["split"].tolist()


def test_a_complete_set_is_not_built_again_but_a_different_one_is_never_overwritten(
    config, tmp_path
):
    made = build_set(config, tmp_path)
    stamp = (tmp_path / "triplets.npy").stat().st_mtime_ns
    assert build_set(config, tmp_path) == made
    assert (tmp_path / "triplets.npy").stat().st_mtime_ns == stamp
    with pytest.raises(FileExistsError, match="made otherwise: seed differ"):
        build_set(replace(config, seed=7), tmp_path)


def test_a_set_without_its_manifest_is_built_anew(config, tmp_path):
    build_set(config, tmp_path)
    (tmp_path / "manifest.json").unlink()
    (tmp_path / "triplets.npy").write_bytes(b"half")
    build_set(config, tmp_path)
    assert read_set(tmp_path).triplet(slice(0, 1)).shape == (1, 63, 63, 3)


def test_the_manifest_counts_what_the_table_holds(built):
    manifest, found = built
    counts = pd.DataFrame(manifest["counts"])
    assert counts["alerts"].sum() == len(found) == manifest["alerts"]
    assert counts["kept"].sum() == found.table["kept"].sum()
    test = counts[(counts["split"] == "test") & counts["label"]]
    positive = found.part("test").table.query("label")
    assert test["objects"].sum() == positive["objectId"].nunique()
    sizes = Counter(found.group)
    assert manifest["one_alert_objects"] == sum(size == 1 for size in sizes.values())
    assert json.dumps(manifest, allow_nan=False)


def test_alerts_are_counted_out_by_reason_with_examples(config, tmp_path):
    truth = pd.read_csv(config.labels)
    gone = truth["objectId"].unique()[:3]
    rest = truth[~truth["objectId"].isin(gone)]
    stranger = rest.iloc[[0]].assign(objectId="ZTF18zzzzzzz", candid=1)
    labels = tmp_path / "labels.csv"
    pd.concat([rest, stranger]).to_csv(labels, index=False)
    broken = tmp_path / "broken.avro"
    broken.write_bytes(b"no alert")
    again = list_files(config.alerts[0])[100:110]
    alerts = (*config.alerts, broken, *again)
    manifest = build_set(replace(config, labels=labels, alerts=alerts), tmp_path / "set")
    left_out = manifest["exclusions"]
    assert left_out["object_without_label"]["count"] >= truth["objectId"].isin(gone).sum()
    assert left_out["label_without_alerts"]["examples"] == ["ZTF18zzzzzzz"]
    assert left_out["label_without_alerts"]["unit"] == "objects"
    assert "broken.avro" in left_out["undecodable"]["examples"][0]
    assert left_out["repeated_candid"]["count"] == 10
    assert manifest["read"] == 251


def test_bright_dims_are_left_out_unless_told_otherwise(config, tmp_path):
    truth = pd.read_csv(config.labels)
    swapped = truth["class"].replace({"supernova": "dim_supernova", "dim_supernova": "supernova"})
    labels = tmp_path / "labels.csv"
    truth.assign(**{"class": swapped})[["candid", "objectId", "class"]].to_csv(labels, index=False)
    wrong = replace(config, labels=labels)
    strict = build_set(wrong, tmp_path / "strict")
    lax = build_set(replace(wrong, exclude=()), tmp_path / "lax")
    dropped = strict["exclusions"]["bright_dim"]
    assert dropped["unit"] == "objects"
    assert "bright_dim" not in lax["exclusions"]
    assert strict["objects"] == lax["objects"] - dropped["count"]
    dims = read_set(tmp_path / "strict").table.query("source_set == 'dims'")
    assert dims["peakmag"].min() > 18.5
    assert len(read_set(tmp_path / "strict").triplets) == lax["alerts"]


def test_the_label_of_foreign_supernovae_is_computed_from_their_brightest_alert(config, tmp_path):
    sources = {**config.sources, "extIas": ("dim_supernova", "supernova")}
    sources.pop("trues"), sources.pop("dims")
    build_set(replace(config, sources=sources), tmp_path)
    table = read_set(tmp_path).table.query("source_set == 'extIas'")
    assert set(table["label"]) == {True, False}
    np.testing.assert_array_equal(table["label"], table["peakmag"] < 18.5)


def test_objects_of_other_labels_make_no_set_and_leave_nothing_behind(config, tmp_path):
    others = pd.DataFrame({"objectId": ["a", "b"], "label": [0, 1]})
    others.to_csv(tmp_path / "labels.csv", index=False)
    with pytest.raises(ValueError, match=r"none of 240 alerts .*'object_without_label': 240"):
        build_set(replace(config, labels=tmp_path / "labels.csv"), tmp_path / "set")
    assert list((tmp_path / "set").iterdir()) == []


def test_an_empty_class_is_told_before_alerts_are_read(config, tmp_path):
    sources = {**config.sources, "trues": ("nova",)}
    nowhere = (tmp_path / "no alerts here",)
    with pytest.raises(ValueError, match=r"has no positive object.*'class_in_no_source_set': "):
        build_set(replace(config, sources=sources, alerts=nowhere), tmp_path / "set")
    assert not (tmp_path / "set").exists()


def test_a_class_that_no_alert_is_of_is_told_with_what_was_left_out(config, tmp_path):
    truth = pd.read_csv(config.labels).drop_duplicates("objectId")
    truth["objectId"] = truth["objectId"].where(
        truth["class"] != "supernova", "x" + truth["objectId"]
    )
    truth.drop(columns="candid").to_csv(tmp_path / "labels.csv", index=False)
    with pytest.raises(
        ValueError, match=r"the train part gets no positive .*: none.*'label_without_alerts': "
    ):
        build_set(replace(config, labels=tmp_path / "labels.csv"), tmp_path / "set")
    assert list((tmp_path / "set").iterdir()) == []


def test_a_feature_that_is_never_there_is_named(config, tmp_path):
    with pytest.raises(ValueError, match=r"^drb: NaN in all of the .* alerts that pass the cuts"):
        build_set(replace(config, alerts=(without_drb(config, tmp_path),)), tmp_path / "set")


def without_drb(config, folder):
    """Write the alerts anew, with no ``drb`` in any of them."""
    import fastavro

    file = folder / "bare.avro"
    packets = []
    for path in list_files(config.alerts[0]):
        with open(path, "rb") as content:
            reader = fastavro.reader(content)
            schema = reader.writer_schema
            packets += list(reader)
    for packet in packets:
        packet["candidate"]["drb"] = None
    with open(file, "wb") as out:
        fastavro.writer(out, schema, packets)
    return file
