"""How many cores this process may use: the one answer for networks and for stamps."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

THREADS = "SKYSIFT_THREADS"
"""Environment variable: cores that one process may use."""

SPARK_THREADS = "OMP_NUM_THREADS"
"""PySpark sets this in its workers to the cores of one task (SPARK-28843, SPARK-42613)."""

_here = threading.local()
"""Whether this thread is one of several already."""


def usable_cores() -> int:
    """Return the number of cores this process may use.

    ``SKYSIFT_THREADS``, else ``OMP_NUM_THREADS`` (which PySpark sets in its workers to the cores
    of one task), else the cores the process may run on.
    """
    for name in (THREADS, SPARK_THREADS):
        value = os.environ.get(name, "")
        if value.isdigit() and int(value) > 0:
            return int(value)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1


def on_cores(function: Callable[[T], R], parts: Sequence[T], cores: int) -> list[R]:
    """Map, each part on a thread, in threads that live no longer than this.

    Spark's workers are forked, and a pool does not survive a fork. It only helps where `function`
    lets go of Python's lock. What it calls in its turn runs on its thread: the cores are taken.

    Parameters
    ----------
    function : callable
    parts : sequence
    cores : int
        Threads at most; one part, or one core, needs none.
    """
    threads = min(cores, len(parts))
    if threads < 2 or getattr(_here, "is_one_of_several", False):
        return [function(part) for part in parts]
    with ThreadPoolExecutor(threads, initializer=_mark) as pool:
        return list(pool.map(function, parts))


def _mark() -> None:
    _here.is_one_of_several = True
