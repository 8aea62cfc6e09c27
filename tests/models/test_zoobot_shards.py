"""Shards and sets of galaxies: what TensorFlow writes is read, and damage is named."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from skysift.galaxy_zoo import read_tree
from skysift.models.zoobot.shards import ShardError, Shards
from skysift.models.zoobot.training_set import GALAXIES, MANIFEST, SHARDS, TRUTH, read_galaxy_set
from tests.models.zoobot_galaxies import make_galaxies, make_set, write_shard


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Seven images in two shards, and the folder."""
    folder = tmp_path_factory.mktemp("shards")
    images, _ = make_galaxies(7, rng=np.random.default_rng(1))
    ids = ["587722981741363294", "007", "J1", "é", "4", "5", "6"]
    write_shard(folder / "a.tfrecord", images[:4], ids[:4])
    write_shard(folder / "b.tfrecord", images[4:], ids[4:])
    return folder, images, ids


def shards(folder, shape=(32, 32, 3), dtype="uint8"):
    return Shards(sorted(folder.glob("*.tfrecord")), shape, dtype)


def test_images_are_read_by_galaxy_in_any_order(written):
    folder, images, ids = written
    read = shards(folder)
    assert read.ids == set(ids)
    order = [6, 0, 3, 0]
    found = read.images([ids[i] for i in order])
    assert found.dtype == np.uint8
    np.testing.assert_array_equal(found, images[order])


def test_pixels_of_float_are_read_as_they_are(tmp_path):
    images = np.random.default_rng(2).random((2, 8, 8, 1)).astype(np.float32)
    write_shard(tmp_path / "a.tfrecord", images, ["a", "b"])
    found = shards(tmp_path, (8, 8, 1), "float32").images(["b", "a"])
    np.testing.assert_array_equal(found, images[::-1])


def test_an_empty_shard_holds_nothing(tmp_path):
    (tmp_path / "a.tfrecord").touch()
    assert shards(tmp_path).ids == set()


def test_what_is_not_there_or_of_another_size_is_named(written):
    folder, _, ids = written
    with pytest.raises(ShardError, match="galaxy 99 has no image"):
        shards(folder).images(["99"])
    with pytest.raises(
        ShardError, match=r"image of 007 has 3072 bytes, and 64 × 64 × 3 of uint8 are 12288"
    ):
        shards(folder, (64, 64, 3)).images(ids[1:2])


def test_damaged_shards_are_refused(written, tmp_path):
    folder, images, ids = written
    whole = (folder / "a.tfrecord").read_bytes()
    for content, reason in (
        (whole[:-100], "was cut short"),
        (whole[:5], "was cut short"),
        (whole[:12] + b"\xff" * (len(whole) - 12), r"without id_str: it is damaged"),
    ):
        (tmp_path / "a.tfrecord").write_bytes(content)
        with pytest.raises(ShardError, match=reason):
            shards(tmp_path).images(ids[:1])
    for name in "ab":
        write_shard(tmp_path / f"{name}.tfrecord", images[:1], ids[:1])
    with pytest.raises(ShardError, match=f"galaxy {ids[0]} has two images"):
        shards(tmp_path).images(ids[:1])


@pytest.fixture(scope="module")
def galaxies(tmp_path_factory):
    return make_set(tmp_path_factory.mktemp("set") / "galaxies", count=20, shard=8)


def test_a_set_has_its_tree_parts_and_images(galaxies):
    assert galaxies.tree == read_tree("gz2")
    assert [len(galaxies.part(part)) for part in ("train", "validation", "test")] == [12, 4, 4]
    test = galaxies.part("test")
    assert list(test.ids) == ["587730004", "587730009", "587730014", "587730019"]
    np.testing.assert_array_equal(test.images(np.array([1])), galaxies.images(slice(9, 10)))
    chosen = galaxies.where(np.array([3, 1]))
    assert list(chosen.ids) == ["587730003", "587730001"]
    with pytest.raises(ValueError, match="no part 'dev'; there are: train"):
        galaxies.part("dev")


def damaged(galaxies, folder, manifest=None, table=None):
    folder.mkdir()
    (folder / SHARDS).symlink_to(galaxies.folder / SHARDS)
    facts = {**galaxies.facts, **(manifest or {})}
    (folder / MANIFEST).write_text(json.dumps(facts))
    (galaxies.galaxies if table is None else table).to_parquet(folder / GALAXIES)
    return folder


def test_a_tree_of_one_s_own_may_stand_in_the_manifest(galaxies, tmp_path):
    tree = read_tree("gz2").as_table
    tree["questions"], tree["name"] = tree["questions"][:4], "short"
    mine = read_galaxy_set(damaged(galaxies, tmp_path / "own", {"tree": tree}))
    assert mine.tree.name == "short"
    assert len(mine.tree.columns) == 9


def test_sets_that_are_none_are_refused(galaxies, tmp_path):
    table = galaxies.galaxies
    numbers = table.assign(id_str=table["id_str"].astype("int64"))
    twice = pd.concat([table, table.iloc[:1]])
    cases = (
        ({"manifest": {"tree": "gz3"}}, "no decision tree 'gz3'"),
        ({"manifest": {"tree": None}}, "names no decision tree"),
        ({"manifest": {"image": {"side": 32}}}, "image must hold side, channels and dtype"),
        ({"table": table.drop(columns="bar_yes")}, "lacks: bar_yes"),
        ({"table": numbers}, "id_str must be text"),
        ({"table": twice}, "587730000 is there twice"),
    )
    for number, (given, reason) in enumerate(cases):
        with pytest.raises(ValueError, match=reason):
            read_galaxy_set(damaged(galaxies, tmp_path / str(number), **given))
    with pytest.raises(FileNotFoundError, match="no complete set of galaxies"):
        read_galaxy_set(tmp_path)


def test_true_chances_have_a_column_each(galaxies):
    assert all(f"{column}{TRUTH}" in galaxies.galaxies for column in galaxies.tree.columns)
