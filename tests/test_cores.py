"""How many cores a process may use; truth: what the system and its environment say."""

from __future__ import annotations

import os
import threading

import pytest

from skysift.cores import SPARK_THREADS, THREADS, on_cores, usable_cores


@pytest.mark.parametrize(
    ("own", "spark", "expected"),
    [("3", "5", 3), ("3", None, 3), (None, "5", 5), ("0", "5", 5), ("many", "5", 5)],
)
def test_our_own_word_counts_before_spark_s(monkeypatch, own, spark, expected):
    for name, value in ((THREADS, own), (SPARK_THREADS, spark)):
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)
    assert usable_cores() == expected


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="no affinity on this system")
def test_without_a_word_it_is_the_cores_that_the_process_may_run_on(monkeypatch):
    monkeypatch.delenv(THREADS, raising=False)
    monkeypatch.delenv(SPARK_THREADS, raising=False)
    before = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(before)})
        assert usable_cores() == 1
    finally:
        os.sched_setaffinity(0, before)
    assert usable_cores() == len(before)


def test_parts_are_mapped_in_order_each_core_with_its_own():
    together = threading.Barrier(2, timeout=30)

    def meet(part: int) -> tuple[int, str]:
        together.wait()  # never passes on one thread
        return part, threading.current_thread().name

    answers = on_cores(meet, [1, 2, 3, 4], cores=2)
    assert [part for part, _ in answers] == [1, 2, 3, 4]
    assert threading.current_thread().name not in {name for _, name in answers}


@pytest.mark.parametrize(("parts", "cores"), [([1, 2, 3], 1), ([1], 8), ([], 8)])
def test_one_core_or_one_part_starts_no_thread(parts, cores):
    names = on_cores(lambda part: threading.current_thread().name, parts, cores)
    assert names == [threading.current_thread().name] * len(parts)


def test_what_a_part_maps_in_its_turn_runs_on_its_thread():
    together = threading.Barrier(2, timeout=30)

    def split_again(part: int) -> set[str]:
        together.wait()
        inner = on_cores(lambda _: threading.current_thread().name, [1, 2, 3], cores=2)
        return {*inner, threading.current_thread().name}

    first, second = on_cores(split_again, [1, 2], cores=2)
    assert (len(first), len(second), len(first & second)) == (1, 1, 0)
