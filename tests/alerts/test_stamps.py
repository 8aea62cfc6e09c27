"""Stamps of many alerts; truth: each stamp decoded by itself, and pixels that were packed."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from skysift.alerts.stamps import Stamps
from skysift.simulate.fits import encode_stamp


def image(value):
    return np.full((3, 4), value, np.float32)


PACKED = encode_stamp(image(7))


def values(stamps):
    """Return the first pixel of each stamp."""
    return [[None if i is None else i[0, 0] for i in triple] for triple in stamps.images]


class Rewritable:
    """Stamps in memory that a test can spoil: what was decoded before is known to stay."""

    def __init__(self, n):
        self.memory = [bytearray(encode_stamp(image(row))) for row in range(n)]
        self.stamps = Stamps.packed([(memoryview(m),) * 3 for m in self.memory])

    def spoil(self):
        for memory in self.memory:
            memory[:] = bytes(len(memory))


def test_one_bad_stamp_leaves_its_neighbours_unharmed():
    stamps = Stamps.packed(
        [
            (PACKED, PACKED, PACKED),
            (PACKED, b"junk", PACKED),
            (None, PACKED, PACKED),
            (None, b"junk", b""),
        ]
    )
    assert len(stamps) == 4
    assert stamps.is_missing.tolist() == [False, False, True, True]
    assert stamps.status.tolist() == ["ok", "bad_stamp", "missing_stamp", "missing_stamp"]
    assert stamps.is_missing.tolist() == [False, False, True, True]
    assert values(stamps) == [[7, 7, 7], [7, None, 7], [None, 7, 7], [None, None, None]]


def test_no_alerts_have_no_stamps():
    stamps = Stamps.packed([])
    assert len(stamps) == len(stamps.images) == len(stamps.status) == len(stamps.take([])) == 0


@pytest.mark.parametrize(
    ("rows", "expected"),
    [([2, 0], [2, 0]), (np.array([False, True, True]), [1, 2]), (np.array([], int), [])],
)
def test_taken_stamps_are_those_of_these_rows(rows, expected):
    taken = Rewritable(3).stamps.take(rows)
    assert len(taken) == len(expected)
    assert values(taken) == [[row] * 3 for row in expected]
    assert taken.status.tolist() == ["ok"] * len(expected)


def test_rows_of_a_take_are_counted_within_it():
    assert values(Rewritable(4).stamps.take([3, 1, 0]).take([1, 2])) == [[1] * 3, [0] * 3]


def test_nothing_is_decoded_before_somebody_looks():
    source = Rewritable(4)
    chosen = source.stamps.take([1, 2])
    assert not source.stamps.is_missing.any()
    assert values(chosen.take([1])) == [[2] * 3]
    source.spoil()
    assert chosen.status.tolist() == ["bad_stamp", "ok"]


def test_what_one_decoded_all_have():
    source = Rewritable(3)
    (kept,) = source.stamps.take([1]).images
    source.spoil()
    assert source.stamps.status.tolist() == ["bad_stamp", "ok", "bad_stamp"]
    assert all(a is b for a, b in zip(source.stamps.images[1], kept, strict=True))


def test_decoded_images_can_be_given():
    images = [(image(1), image(2), image(3)), (None, image(2), image(3))]
    stamps = Stamps(images, np.array(["ok", "missing_stamp"], dtype=object))
    assert stamps.is_missing.tolist() == [False, True]
    assert values(stamps.take([1])) == [[None, 2, 3]]
    assert stamps.take([1]).status.tolist() == ["missing_stamp"]


def test_stamps_pickle_with_the_rows_that_they_have():
    again = pickle.loads(pickle.dumps(Rewritable(3).stamps.take([2])))
    assert values(again) == [[2] * 3]
    assert again.status.tolist() == ["ok"]
