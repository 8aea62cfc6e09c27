"""The published layout, made up around the real alerts at hand, and ours."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from skysift.models.btsbot.inputs import FEATURES
from skysift.models.btsbot.training_set import read_set

VERSION = "v10_N100_programid1"


def write_published(examples: Path, folder: Path) -> tuple[np.ndarray, pd.DataFrame]:
    """Lay out the 23 real alerts as the Zenodo record does."""
    triplets = np.load(examples / "example_triplets.npy")
    table = pd.read_csv(examples / "example_candidates.csv").drop(columns="expected_scores")
    table["isdiffpos"] = True
    parts = {"train": slice(0, 12), "val": slice(12, 17), "test": slice(17, 23)}
    for part, rows in parts.items():
        here = table[rows].assign(
            source_set="trues", N=np.arange(rows.stop - rows.start) + 1, split=part, is_SN=True,
            near_threshold=False, is_rise=[True] + [False] * (rows.stop - rows.start - 1),
        )  # fmt: skip
        np.save(folder / f"{part}_triplets_{VERSION}.npy", triplets[rows].astype(np.float64))
        here.to_csv(folder / f"{part}_cand_{VERSION}.csv", index=False)
    return triplets, table


@pytest.fixture
def published(shared_data, tmp_path):
    return tmp_path, *write_published(shared_data / "btsbot", tmp_path)


def test_the_published_layout_is_read_as_it_is(published):
    folder, triplets, table = published
    found = read_set(folder)
    assert len(found) == 23
    assert found.preprocessing == "published"
    assert found.label.all()
    assert found.table["split"].value_counts().to_dict() == {
        "train": 12, "test": 6, "validation": 5,
    }  # fmt: skip
    theirs = table.rename(columns={"drb": "packet_drb", "new_drb": "drb"})
    np.testing.assert_array_equal(found.metadata, theirs[list(FEATURES)].to_numpy(np.float32))
    np.testing.assert_array_equal(found.triplet(slice(None)), triplets.astype(np.float32))


def test_triplets_follow_their_alerts_across_the_files(published):
    folder, triplets, _ = published
    found = read_set(folder)
    order = np.array([20, 0, 13, 11, 12, 0])
    np.testing.assert_array_equal(found.triplet(order), triplets[order].astype(np.float32))
    test = found.part("test")
    assert len(test) == 6
    np.testing.assert_array_equal(
        test.triplet(np.array([5, 0])), triplets[[22, 17]].astype(np.float32)
    )
    assert test.triplet(np.zeros(6, bool)).shape == (0, 63, 63, 3)


def test_the_arrays_are_mapped_not_read(published):
    found = read_set(published[0])
    assert all(isinstance(array, np.memmap) for array in found.triplets.arrays)
    assert not any(array.flags.writeable for array in found.triplets.arrays)


def test_archives_may_hold_a_folder(published, tmp_path_factory):
    folder = published[0]
    outer = tmp_path_factory.mktemp("outer")
    (outer / "images").mkdir()
    (outer / "metadata").mkdir()
    for file in folder.iterdir():
        file.rename(outer / ("images" if file.suffix == ".npy" else "metadata") / file.name)
    assert len(read_set(outer)) == 23


@pytest.mark.parametrize(
    ("spoil", "error", "complaint"),
    [
        (lambda f: (f / f"val_triplets_{VERSION}.npy").unlink(), FileNotFoundError,
         "has no val_triplets"),
        (lambda f: (f / f"val_cand_{VERSION}.csv").unlink(), FileNotFoundError, "has no table"),
        (lambda f: np.save(f / f"val_triplets_{VERSION}.npy", np.zeros((5, 63, 63))), ValueError,
         r"must be of shape \(n, 63, 63, 3\)"),
        (lambda f: np.save(f / f"val_triplets_{VERSION}.npy", np.zeros((4, 63, 63, 3))), ValueError,
         "5 rows, but its array has 4"),
        (lambda f: np.save(f / "val_triplets_v11_N100.npy", np.zeros((4, 63, 63, 3))), ValueError,
         "several versions"),
        (lambda f: _edit(f, lambda t: t.drop(columns="new_drb")), ValueError,
         "lacks the columns: new_drb"),
        (lambda f: _edit(f, lambda t: t.assign(scorr=np.nan)), ValueError,
         "without a value of scorr"),
    ],
)  # fmt: skip
def test_what_does_not_fit_together_is_refused(published, spoil, error, complaint):
    folder = published[0]
    spoil(folder)
    with pytest.raises(error, match=complaint):
        read_set(folder)


def _edit(folder: Path, change) -> None:
    file = folder / f"test_cand_{VERSION}.csv"
    change(pd.read_csv(file)).to_csv(file, index=False)


def test_an_empty_folder_is_no_training_set(tmp_path):
    with pytest.raises(FileNotFoundError, match="no complete training set"):
        read_set(tmp_path)


def test_there_are_three_parts(published):
    with pytest.raises(ValueError, match="no part 'val'; there are: train, validation, test"):
        read_set(published[0]).part("val")
