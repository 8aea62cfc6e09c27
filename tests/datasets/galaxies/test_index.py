"""The index of a set: ids stay text, all or nothing, and a history that only grows."""

from __future__ import annotations

import math
import sqlite3
from pathlib import Path

import numpy as np
import pytest

from skysift.datasets.galaxies import SetIndex
from skysift.datasets.galaxies.index import IndexFileError

NAMES = ["007", "587722981741363294", "1e5", "c"]


def rows(names: list[str], shard: str = "a.tfrecord") -> list[dict[str, object]]:
    return [
        {"id_str": name, "split": "train", "shard": shard, "place": place}
        for place, name in enumerate(names)
    ]


@pytest.fixture
def index(tmp_path: Path) -> SetIndex:
    made = SetIndex(tmp_path / "index.sqlite")
    made.add(rows(NAMES))
    return made


def test_ids_that_look_like_numbers_stay_text(index, tmp_path):
    assert index.shards() == {"a.tfrecord": NAMES}
    raw = sqlite3.connect(tmp_path / "index.sqlite")
    found = raw.execute("SELECT id_str, typeof(id_str) FROM galaxies ORDER BY place").fetchall()
    assert found == [(name, "text") for name in NAMES]
    assert raw.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_numbers_as_ids_are_refused(index):
    with pytest.raises(IndexFileError, match=r"ids must be text\. Got: 7"):
        index.add([{"id_str": 7, "split": "train", "shard": "b", "place": 0}])


def test_a_galaxy_in_two_shards_is_refused_and_nothing_is_noted(index):
    with pytest.raises(IndexFileError, match="noted already"):
        index.add(rows(["new", "c"], "b.tfrecord"))
    assert list(index.shards()) == ["a.tfrecord"]


def test_what_was_acquired_is_remembered(index, tmp_path):
    index.record("bars", 0, "random:top", {"007": 0.5, "c": 0.1, "1e5": 0.4}, ["007", "1e5"])
    index.record("arms", 0, "bald:top", {"007": math.nan, "c": 0.7}, [])
    index.record("bars", 1, "bald:top", {"c": 0.2, "587722981741363294": 0.3}, ["c"])
    index.close()
    history = SetIndex(tmp_path / "index.sqlite").history()
    told = history[["campaign", "round", "query", "id_str"]].apply(tuple, axis=1).tolist()
    assert told == [
        ("bars", 0, "random:top", "007"), ("bars", 0, "random:top", "1e5"),
        ("bars", 0, "random:top", "c"), ("arms", 0, "bald:top", "007"),
        ("arms", 0, "bald:top", "c"), ("bars", 1, "bald:top", "587722981741363294"),
        ("bars", 1, "bald:top", "c"),
    ]  # fmt: skip
    np.testing.assert_equal(
        history["value"].to_numpy(float), [0.5, 0.4, 0.1, math.nan, 0.7, 0.3, 0.2]
    )
    assert history.loc[history["chosen"], "id_str"].tolist() == ["007", "1e5", "c"]
    assert history["ask"].is_monotonic_increasing and history["ask"].nunique() == 3


@pytest.mark.parametrize(
    ("values", "chosen", "reason"),
    [
        ({"c": 1.0}, ["1e5"], "1e5 is chosen, and has no value"),
        ({"c": 1.0, "nobody": 1.0}, ["c"], "not in the set"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_kept_of_it(index, values, chosen, reason):
    index.record("bars", 0, "random:top", {"007": 0.5}, ["007"])
    with pytest.raises(IndexFileError, match=reason):
        index.record("bars", 1, "random:top", values, chosen)
    assert index.history()["ask"].tolist() == [1]


def test_thousands_are_one_transaction(tmp_path):
    index = SetIndex(tmp_path / "large.sqlite")
    names = [f"{number:06d}" for number in range(20_000)]
    index.add(rows(names))
    index.record("bars", 0, "random:top", dict.fromkeys(names, 0.5), names[:10])
    assert len(index.history()) == 20_000
