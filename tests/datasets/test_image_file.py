"""A growing .npy file, read back by numpy."""

from __future__ import annotations

import numpy as np
import pytest

from skysift.datasets.image_file import ImageFile


def triplets(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(count, 63, 63, 3)).astype(np.float32)


@pytest.mark.parametrize("pieces", [[], [0], [3], [1, 0, 120]])
def test_what_is_appended_is_read_back(tmp_path, pieces):
    parts = [triplets(count, seed) for seed, count in enumerate(pieces)]
    with ImageFile(tmp_path / "t.npy") as file:
        for part in parts:
            file.append(part)
    read = np.load(tmp_path / "t.npy", mmap_mode=None if not sum(pieces) else "r")
    np.testing.assert_array_equal(read, np.concatenate([triplets(0), *parts]))
    assert read.dtype == np.float32
    assert [f.name for f in tmp_path.iterdir()] == ["t.npy"]


def test_triplets_need_not_lie_in_order_in_memory(tmp_path):
    turned = triplets(4)[:, ::-1]
    with ImageFile(tmp_path / "t.npy") as file:
        file.append(turned)
    np.testing.assert_array_equal(np.load(tmp_path / "t.npy"), turned)


def test_the_file_has_its_name_only_when_all_went_well(tmp_path):
    with pytest.raises(RuntimeError), ImageFile(tmp_path / "t.npy") as file:
        file.append(triplets(2))
        assert [f.name for f in tmp_path.iterdir()] == ["t.npy.part"]
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("wrong", [triplets(2)[:, :60], triplets(2).astype(np.float64)])
def test_other_shapes_and_types_are_refused(tmp_path, wrong):
    with (
        pytest.raises(ValueError, match=r"must be float32 \(n, 63, 63, 3\)\. Got: float"),
        ImageFile(tmp_path / "t.npy") as file,
    ):
        file.append(wrong)
