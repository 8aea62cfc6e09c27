"""The index of a set: ids stay text, all or nothing, and a history that only grows."""

from __future__ import annotations

import sqlite3
from pathlib import Path

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
    index.record(0, {"007": 0.5, "c": 0.1, "1e5": 0.4}, ["007", "1e5"])
    index.record(1, {"c": 0.2, "587722981741363294": 0.3}, ["c"])
    again = SetIndex(tmp_path / "index.sqlite")
    assert again.acquired() == ["007", "1e5", "c"]
    history = again.history()
    assert history.columns.tolist() == ["iteration", "id_str", "value", "chosen"]
    assert len(history) == 5
    assert history.loc[history["iteration"] == 1, "value"].tolist() == [0.3, 0.2]


@pytest.mark.parametrize(
    ("iteration", "values", "chosen", "reason"),
    [
        (0, {"c": 1.0}, ["c"], "iteration 0 is recorded already"),
        (1, {"c": 1.0, "007": 2.0}, ["007"], "007 was chosen before"),
        (1, {"c": 1.0}, ["1e5"], "1e5 is chosen, and has no value"),
        (1, {"nobody": 1.0}, [], "not in the set"),
    ],
)
def test_history_is_not_rewritten(index, iteration, values, chosen, reason):
    index.record(0, {"007": 0.5}, ["007"])
    with pytest.raises(IndexFileError, match=reason):
        index.record(iteration, values, chosen)
    assert len(index.history()) == 1


def test_thousands_are_one_transaction(tmp_path):
    index = SetIndex(tmp_path / "large.sqlite")
    names = [f"{number:06d}" for number in range(20_000)]
    index.add(rows(names))
    index.record(0, dict.fromkeys(names, 0.5), names[:10])
    assert len(index.history()) == 20_000
