"""Time several ways of doing one thing, in turns: a busy machine is then busy for all of them."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass


class UnequalError(AssertionError):
    """Two sides of a comparison gave different answers: their times mean nothing."""


@dataclass(frozen=True)
class Timing:
    """Median seconds of one turn: by the clock, and of CPU time in all threads of this process."""

    wall: float
    cpu: float


@dataclass(frozen=True)
class Side:
    """One way of doing it, and to how many items a turn does it."""

    do: Callable[[], object]
    items: int


def take_turns(sides: Mapping[str, Side], turns: int) -> dict[str, Timing]:
    """Time all sides, one after another, so many times; each ran once before.

    Parameters
    ----------
    sides : mapping of str to Side
    turns : int

    Returns
    -------
    dict of str to Timing
        Per item, by side.
    """
    walls: dict[str, list[float]] = {name: [] for name in sides}
    cpus: dict[str, list[float]] = {name: [] for name in sides}
    for side in sides.values():
        side.do()
    for _ in range(turns):
        for name, side in sides.items():
            wall, cpu = time.perf_counter(), time.process_time()
            side.do()
            walls[name].append((time.perf_counter() - wall) / side.items)
            cpus[name].append((time.process_time() - cpu) / side.items)
    return {
        name: Timing(statistics.median(walls[name]), statistics.median(cpus[name]))
        for name in sides
    }


def compare(
    what: str,
    ours: Side,
    today: Mapping[str, Side],
    *,
    turns: int,
    targets: Mapping[str, float] | None = None,
) -> list[dict[str, object]]:
    """Time our way against each way of today.

    Parameters
    ----------
    what : str
        What is done, to what.
    ours : Side
    today : mapping of str to Side
        By the name they get in the table.
    turns : int
    targets : mapping of str to float, optional
        How many times faster we mean to be than each.

    Returns
    -------
    list of dict
        Rows of a table, one a way of today. Ratios above 1 mean that ours is faster.
    """
    times = take_turns({"skysift": ours, **today}, turns)
    mine = times.pop("skysift")
    return [
        {
            "what": what,
            "today": name,
            "today µs": it.wall * 1e6,
            "skysift µs": mine.wall * 1e6,
            "ratio": it.wall / mine.wall,
            "ratio of CPU time": it.cpu / mine.cpu,
            "target": (targets or {}).get(name),
        }
        for name, it in times.items()
    ]
