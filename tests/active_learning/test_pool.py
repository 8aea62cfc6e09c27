"""The pool: names keep all their digits."""

from __future__ import annotations

import numpy as np
import pytest

from skysift.active_learning.pool import Pool

CANDIDS = np.array([1_150_000_000_000_000_001, 1_150_000_000_000_000_002])


def test_alert_ids_keep_all_their_digits():
    pool = Pool(CANDIDS, np.array(["a", "a"]), np.zeros((2, 3)))
    assert pool.items.tolist() == ["1150000000000000001", "1150000000000000002"]
    with pytest.raises(ValueError, match="items must be text or whole numbers"):
        Pool(CANDIDS.astype(float), np.array(["a", "a"]), np.zeros((2, 3)))
    with pytest.raises(ValueError, match="objects must be text or whole numbers"):
        Pool(CANDIDS, np.array(["a", np.nan], dtype=object), np.zeros((2, 3)))


def test_rows_are_found_by_name_and_strangers_are_told():
    pool = Pool(np.array(["x", "y", "z"]), np.arange(3), np.zeros(3))
    assert pool.rows_of(["z", "nobody", "x"]).tolist() == [2, -1, 0]
    assert pool.rows_of([]).dtype == np.int64


def test_a_table_of_features_is_the_space_and_images_are_none():
    table = np.arange(6.0).reshape(2, 3)
    assert Pool(CANDIDS, CANDIDS, table).space is table
    images = np.zeros((2, 5, 5))
    assert Pool(CANDIDS, CANDIDS, images).space is None
    assert Pool(CANDIDS, CANDIDS, images, space=table).space is table
    assert Pool(CANDIDS, CANDIDS, np.array([["a"], ["b"]])).space is None


def test_a_pool_that_does_not_fit_together_is_refused():
    with pytest.raises(
        ValueError, match=r"features must have a row for each of the 2 items\. Got: 3"
    ):
        Pool(CANDIDS, CANDIDS, np.zeros((3, 1)))
    with pytest.raises(ValueError, match="'7' more than once"):
        Pool(np.array([7, 7]), CANDIDS, np.zeros((2, 1)))
