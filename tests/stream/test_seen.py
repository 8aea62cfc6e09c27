"""The memory against repeats; truth is a Python set."""

from __future__ import annotations

import numpy as np

from skysift.stream.seen import SeenAlerts


def ids(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int64)


def test_the_first_row_of_an_id_is_new_and_later_ones_are_repeats(tmp_path):
    seen = SeenAlerts(tmp_path)
    assert seen.first_time(0, ids(3, 1, 3, 2, 1)).tolist() == [True, True, False, True, False]
    assert seen.first_time(1, ids(2, 4)).tolist() == [False, True]


def test_a_replayed_batch_is_judged_as_the_first_time(tmp_path):
    SeenAlerts(tmp_path).first_time(0, ids(1, 2))
    SeenAlerts(tmp_path).first_time(1, ids(2, 3))
    after_crash = SeenAlerts(tmp_path)
    assert after_crash.first_time(1, ids(2, 3)).tolist() == [False, True]


def test_memory_survives_a_restart(tmp_path):
    SeenAlerts(tmp_path).first_time(0, ids(5))
    assert not SeenAlerts(tmp_path).first_time(1, ids(5)).any()


def test_a_write_cut_short_leaves_the_last_good_state(tmp_path):
    SeenAlerts(tmp_path).first_time(0, ids(5))
    (tmp_path / "000000001.tmp").write_bytes(b"half")
    assert SeenAlerts(tmp_path).first_time(1, ids(5, 6)).tolist() == [False, True]


def test_the_oldest_ids_are_forgotten_first(tmp_path):
    seen = SeenAlerts(tmp_path, limit=3)
    seen.first_time(0, ids(1, 2))
    seen.first_time(1, ids(3, 4))
    assert seen.first_time(2, ids(1, 3)).tolist() == [True, False]
    assert len(list(tmp_path.glob("*.npy"))) == 2


def test_no_alerts_is_no_trouble(tmp_path):
    assert SeenAlerts(tmp_path).first_time(0, ids()).tolist() == []


def test_many_batches_agree_with_a_set(tmp_path):
    rng = np.random.default_rng(4)
    seen, known = SeenAlerts(tmp_path), set()
    for batch in range(20):
        values = rng.integers(0, 300, 40)
        expected = []
        for value in values.tolist():
            expected.append(value not in known)
            known.add(value)
        assert seen.first_time(batch, values).tolist() == expected
