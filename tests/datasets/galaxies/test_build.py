"""Sets of galaxies: built, found again, gone on with, verified, and opened by the model."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from skysift.datasets.galaxies import (
    BuildOptions,
    SetIndex,
    build_galaxy_set,
    check_galaxy_set,
    shard,
)
from skysift.datasets.galaxies.catalog import CatalogError
from skysift.datasets.galaxies.index import INDEX
from skysift.models.zoobot.shards import ShardError
from skysift.models.zoobot.training_set import read_galaxy_set
from tests.datasets.galaxies.made_up import GZ2, ids, own_catalog, picture, pictures, votes

COUNT = 20
OPTIONS = BuildOptions(
    size=20, shard_size=6, shares={"train": 0.5, "validation": 0.2, "test": 0.3}, seed=5
)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    pictures(folder / "images", ids(COUNT))
    own_catalog(folder / "votes.csv", ids(COUNT))
    return folder


def build(source: Path, output: Path, options: BuildOptions = OPTIONS, **more):
    return build_galaxy_set(source / "votes.csv", source / "images", output, options, **more)


def test_the_model_opens_what_was_built(source, tmp_path):
    manifest = build(source, tmp_path / "set")
    assert manifest["galaxies"] == {"train": 10, "validation": 4, "test": 6}
    found = read_galaxy_set(tmp_path / "set")
    assert sorted(found.ids) == ids(COUNT)
    assert found.tree.columns == GZ2.columns
    table = found.galaxies.set_index("id_str")
    wanted = votes(COUNT).set_index(pd.Index(ids(COUNT)))
    assert (table.loc[ids(COUNT), list(GZ2.columns)] == wanted).all(axis=None)
    for row, name in enumerate(found.ids):
        pixels = np.asarray(Image.open(source / "images" / f"{name}.png"))
        assert (found.images(np.array([row]))[0] == pixels).all()
    assert len(found.part("test")) == 6


def test_shards_are_of_one_part_and_of_the_size(source, tmp_path):
    build(source, tmp_path / "set")
    table = pd.read_parquet(tmp_path / "set" / "galaxies.parquet")
    assert table.groupby("shard")["split"].nunique().max() == 1
    assert sorted(table["shard"].value_counts()) == [4, 4, 6, 6]
    assert (tmp_path / "set" / "shards" / "s20_train_shard_00000.tfrecord").is_file()


def test_the_order_of_the_catalog_plays_no_role(source, tmp_path):
    build(source, tmp_path / "one")
    table = pd.read_csv(source / "votes.csv", dtype=str)
    table.iloc[::-1].to_csv(source / "votes.csv", index=False)
    build(source, tmp_path / "two")
    one, two = (pd.read_parquet(tmp_path / name / "galaxies.parquet") for name in ("one", "two"))
    pd.testing.assert_frame_equal(one, two)
    assert one["id_str"].tolist() != sorted(one["id_str"])


def test_the_same_set_is_not_made_twice(source, tmp_path):
    first = build(source, tmp_path / "set")
    assert build(source, tmp_path / "set") == first


def test_what_was_interrupted_goes_on(source, tmp_path, monkeypatch):
    whole = build(source, tmp_path / "whole")
    calls = []

    def dies(path, side):
        calls.append(path)
        if len(calls) > 8:
            raise KeyboardInterrupt
        return read(path, side)

    read = shard.read_image
    monkeypatch.setattr(shard, "read_image", dies)
    monkeypatch.setattr(shard, "AT_ONCE", 2)
    monkeypatch.setenv("SKYSIFT_THREADS", "1")
    with pytest.raises(KeyboardInterrupt):
        build(source, tmp_path / "set")
    assert not (tmp_path / "set" / "manifest.json").exists()
    assert len(list((tmp_path / "set" / "shards").glob("*.tfrecord"))) == 1
    calls.clear()
    monkeypatch.setattr(shard, "read_image", lambda p, s: (calls.append(p), read(p, s))[1])
    again = build(source, tmp_path / "set")
    assert len(calls) == COUNT - 6
    assert again["files"] == whole["files"]


def test_a_damaged_shard_is_written_again(source, tmp_path):
    build(source, tmp_path / "set")
    path = tmp_path / "set" / "shards" / "s20_test_shard_00000.tfrecord"
    content = path.read_bytes()
    path.write_bytes(content[:-3])
    build(source, tmp_path / "set")
    assert path.read_bytes() == content
    check_galaxy_set(tmp_path / "set")


@pytest.mark.parametrize(
    ("options", "told"),
    [(replace(OPTIONS, size=16), "size"), (replace(OPTIONS, seed=6), "seed"),
     (replace(OPTIONS, shard_size=5), "shard_size")],
)  # fmt: skip
def test_another_set_needs_another_folder(source, tmp_path, options, told):
    build(source, tmp_path / "set")
    with pytest.raises(FileExistsError, match=rf"made otherwise \({told}\)"):
        build(source, tmp_path / "set", options)


def test_other_votes_are_another_set(source, tmp_path):
    build(source, tmp_path / "set")
    own_catalog(source / "votes.csv", ids(COUNT), bar_yes=99)
    with pytest.raises(FileExistsError, match="catalog or images"):
        build(source, tmp_path / "set")


def test_a_folder_with_other_files_is_left_alone(source, tmp_path):
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "thesis.tex").write_text("mine")
    with pytest.raises(FileExistsError, match="choose an empty folder"):
        build(source, tmp_path / "set")


def test_what_is_left_out_is_told(source, tmp_path):
    names = ids(COUNT)
    (source / "images" / f"{names[0]}.png").unlink()
    (source / "images" / f"{names[1]}.png").write_bytes(b"no picture")
    Image.new("RGB", (20, 21)).save(source / "images" / f"{names[2]}.png")
    manifest = build(source, tmp_path / "set")
    told = {reason: facts["examples"] for reason, facts in manifest["exclusions"].items()}
    assert told == {"no_image": [names[0]], "unreadable": [names[1]], "not_square": [names[2]]}
    assert sum(manifest["galaxies"].values()) == COUNT - 3
    assert check_galaxy_set(tmp_path / "set")["galaxies"] == COUNT - 3


def test_true_probabilities_come_along(source, tmp_path):
    shares = np.random.default_rng(0).random((COUNT, len(GZ2.columns)))
    truth = pd.DataFrame(shares, columns=[f"{column}_p" for column in GZ2.columns])
    truth = truth.assign(id_str=ids(COUNT), kind="spiral", pitch=3.0)
    truth.to_parquet(source / "truth.parquet")
    build(source, tmp_path / "set", truth=source / "truth.parquet")
    table = read_galaxy_set(tmp_path / "set").galaxies.set_index("id_str")
    assert table.loc[ids(COUNT), "bar_yes_p"].to_numpy() == pytest.approx(truth["bar_yes_p"])
    assert table["kind"].eq("spiral").all()
    assert "pitch" not in table
    truth.iloc[1:].to_parquet(source / "truth.parquet")
    with pytest.raises(CatalogError, match=f"nothing of the galaxy {ids(COUNT)[0]}"):
        build(source, tmp_path / "other", truth=source / "truth.parquet")


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"size": 4}, "size must be 8 to 1024 px"),
        ({"shard_size": 0}, "shard_size must be 1 or more"),
        ({"kind": "gif"}, "format must be one of picture, fits; got 'gif'"),
        ({"shares": {"train": 0.5}}, "add up to 1"),
        ({"shares": {"train": 0.5, "tests": 0.5}}, "shares must be of train, validation, test"),
    ],
)
def test_options_that_cannot_be_are_refused(wrong, reason):
    with pytest.raises(ValueError, match=reason):
        BuildOptions(**wrong)


# Verification


@pytest.fixture
def built(source: Path, tmp_path: Path) -> Path:
    build(source, tmp_path / "set")
    return tmp_path / "set"


def forget_checksums(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"] = {}
    (folder / "manifest.json").write_text(json.dumps(manifest))


def test_a_set_is_verified(built):
    assert check_galaxy_set(built) == {"shards": 4, "galaxies": COUNT}


def test_a_changed_byte_is_found(built):
    path = next((built / "shards").glob("*.tfrecord"))
    content = bytearray(path.read_bytes())
    content[500] ^= 1
    path.write_bytes(content)
    with pytest.raises(ShardError, match="was changed since the set was built"):
        check_galaxy_set(built)
    forget_checksums(built)
    with pytest.raises(ShardError, match="a checksum is wrong"):
        check_galaxy_set(built)


def test_shards_of_another_size_are_refused(built, source, tmp_path):
    build(source, tmp_path / "small", replace(OPTIONS, size=16))
    for path in (tmp_path / "small" / "shards").glob("*.tfrecord"):
        shutil.copy(path, built / "shards" / path.name.replace("s16", "s20"))
    forget_checksums(built)
    with pytest.raises(ShardError, match="is of another size"):
        check_galaxy_set(built)
    with pytest.raises(ShardError, match="bytes"):
        read_galaxy_set(built).images()


def test_other_votes_in_the_table_are_found(built):
    table = pd.read_parquet(built / "galaxies.parquet")
    table.loc[3, "bar_yes"] += 1
    table.to_parquet(built / "galaxies.parquet", index=False)
    forget_checksums(built)
    with pytest.raises(ShardError, match=f"votes on {table['id_str'][3]} are not those"):
        check_galaxy_set(built)


def test_a_shard_too_few_is_found(built):
    (built / "shards" / "s20_test_shard_00000.tfrecord").unlink()
    with pytest.raises(ShardError, match="is gone"):
        check_galaxy_set(built)
    forget_checksums(built)
    with pytest.raises(ShardError, match="disagree"):
        check_galaxy_set(built)


def test_the_index_knows_where_each_lies(built):
    index = SetIndex(built / INDEX)
    places = index.shards()
    assert sorted(name for names in places.values() for name in names) == ids(COUNT)
    table = pd.read_parquet(built / "galaxies.parquet")
    assert places == {key: group["id_str"].tolist() for key, group in table.groupby("shard")}
    index.close()


def test_galaxies_of_other_sizes_are_brought_to_one(source, tmp_path):
    picture(source / "images" / f"{ids(COUNT)[4]}.png", side=50)
    build(source, tmp_path / "set")
    assert read_galaxy_set(tmp_path / "set").images().shape == (COUNT, 20, 20, 3)
