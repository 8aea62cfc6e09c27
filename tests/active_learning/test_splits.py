"""The split by object: counting, and what it promises about other objects."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skysift.active_learning.splits import split_by_object

names = st.lists(st.text("ZTF0123456789abc", min_size=1), max_size=30)


@given(names=names, more=names, share=st.floats(0, 1), seed=st.integers(0, 99))
def test_an_object_keeps_its_side_whoever_comes_beside_it(names, more, share, seed):
    alone = split_by_object(np.array(names, dtype=object), share=share, seed=seed)
    both = split_by_object(np.array(more + names, dtype=object), share=share, seed=seed)
    assert both[len(more) :].tolist() == alone.tolist()
    side = dict(zip(names, alone.tolist(), strict=True))
    assert [side[name] for name in names] == alone.tolist()


@given(names=names, low=st.floats(0, 1), high=st.floats(0, 1))
def test_a_larger_share_only_adds(names, low, high):
    objects = np.array(names, dtype=object)
    small, large = (split_by_object(objects, share=s, seed=0) for s in sorted((low, high)))
    assert (small <= large).all()


def test_the_share_is_what_was_asked_for():
    objects = np.arange(20_000)
    for seed in range(3):
        held_out = split_by_object(objects, share=0.3, seed=seed)
        assert held_out.mean() == pytest.approx(0.3, abs=5 * np.sqrt(0.3 * 0.7 / 20_000))


def test_seeds_split_independently():
    one, other = (split_by_object(np.arange(20_000), share=0.5, seed=seed) for seed in (0, 1))
    assert abs(np.corrcoef(one, other)[0, 1]) < 5 / np.sqrt(20_000)


def test_numbers_and_their_text_are_one_object():
    numbers = np.array([1150000000000000001, 1150000000000000002])
    as_text = split_by_object(numbers.astype(str), share=0.5, seed=3)
    assert split_by_object(numbers, share=0.5, seed=3).tolist() == as_text.tolist()


def test_the_split_never_changes_between_releases():
    held_out = split_by_object(np.array([f"ZTF{i}" for i in range(8)]), share=0.5, seed=0)
    # By hand: the first digit of `printf '0:ZTF1' | b2sum -l 48` is less than 8 for 1, 2 and 7.
    assert np.flatnonzero(held_out).tolist() == [1, 2, 7]


def test_nobody_and_everybody():
    assert not split_by_object(np.arange(9), share=0, seed=0).any()
    assert split_by_object(np.arange(9), share=1, seed=0).all()
    assert split_by_object(np.array([], dtype=object), share=0.5, seed=0).tolist() == []
    with pytest.raises(ValueError, match="between 0 and 1"):
        split_by_object(np.arange(3), share=1.5, seed=0)
