"""Simulate alerts: as many as wanted, the same ones for the same seed."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from itertools import count as count_up
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from skysift.simulate.containers import encode_packet, folder_sink, tarball_sink, write_truth
from skysift.simulate.identity import first_number
from skysift.simulate.kinds import DEFAULT_MIX, KINDS
from skysift.simulate.objects import Alert, make_object
from skysift.simulate.observing import night_number

DEFAULT_NIGHT = 2460583.0
"""Julian date of the night simulated unless another is asked for: 2024-09-29."""
ALERTS_PER_OBJECT = 3
"""Most alerts of one object: that of the night and earlier ones."""
COMETS_FROM = 1_000_000
"""Number, within a simulation, of the first of the comets that are added to a night."""
ODDITIES_FROM = 2_000_000
"""Number of the first of the oddities that are."""
CHUNK = 16
"""Objects that a worker simulates at a time."""
WORTH_A_POOL = 500
"""Alerts from which starting processes costs less than it saves."""

T = TypeVar("T")


def simulate_night(
    count: int,
    *,
    seed: int,
    mix: Mapping[str, float] = DEFAULT_MIX,
    night: float = DEFAULT_NIGHT,
    alerts_per_object: int = ALERTS_PER_OBJECT,
    workers: int | None = None,
) -> Iterator[Alert]:
    """Simulate alerts of one night, and earlier alerts of the same objects.

    Every object has its own stream of random numbers, so neither `workers` nor `count` changes
    what the first alerts are.

    Parameters
    ----------
    count : int
        Alerts wanted.
    seed : int
        Seed, 0 or more: same seed, same alerts.
    mix : mapping of str to float
        Kinds (see `KINDS`) and their shares among objects; they need not add up to one.
    night : float
        Julian date within the night in which every object is detected.
    alerts_per_object : int
        Most alerts of one object; 1 gives the alerts of the night alone.
    workers : int, optional
        Processes; by default one for each core that may be used, or just this one for less than
        `WORTH_A_POOL` alerts. A script that asks for more than one needs the usual
        ``if __name__ == "__main__":``.

    Yields
    ------
    packet : dict
        As ``ztf_alert.avsc`` has it.
    truth : dict
        What it really is; see `make_object`.

    Raises
    ------
    ValueError
        For an unknown kind, shares that are negative or all zero, or numbers out of range.

    Examples
    --------
    >>> packet, truth = next(simulate_night(1, seed=1))
    >>> packet["candid"] == truth["candid"], truth["class"] in KINDS
    (True, True)
    """
    plan = _Plan(count, seed, dict(mix), night, alerts_per_object)
    return _produce(plan, partial(_simulate_chunk, plan), workers)


def write_night(
    count: int,
    seed: int,
    output: str | Path,
    *,
    mix: Mapping[str, float] = DEFAULT_MIX,
    comets: int = 0,
    oddities: int = 0,
    night: float = DEFAULT_NIGHT,
    alerts_per_object: int = ALERTS_PER_OBJECT,
    tarball: bool = False,
    workers: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> Path:
    """Simulate alerts into a folder: the packets, and the truth in a table beside them.

    Writes ``packets/CANDID.avro``, one container an alert, and ``truth.csv``. The same seed writes
    the same bytes.

    Parameters
    ----------
    count, seed, mix, night, alerts_per_object, workers
        As for `simulate_night`.
    comets : int
        Alerts of comets that come after the `count` others, which they leave as they are.
    oddities : int
        Alerts with odd stamps (`skysift.simulate.oddities`) that come after these, likewise.
    output : path
        Folder to write into; made if need be.
    tarball : bool
        Write ``packets.tar.gz``, like the survey's nightly tarballs, instead of the folder.
    progress : callable, optional
        Called with the number of alerts written so far, after each.

    Returns
    -------
    Path
        The folder or the tarball of packets.

    Raises
    ------
    FileExistsError
        If packets are there already: two simulations in one folder would share a truth.
    """
    plan = _Plan(count, seed, dict(mix), night, alerts_per_object)
    passing = _Plan(comets, seed, {"comet": 1.0}, night, 1, COMETS_FROM)
    strange = _Plan(oddities, seed, {"oddity": 1.0}, night, 1, ODDITIES_FROM)
    plans = (plan, passing, strange)
    packets = Path(output) / ("packets.tar.gz" if tarball else "packets")
    if packets.is_file() or (packets.is_dir() and any(packets.iterdir())):
        raise FileExistsError(f"{packets} holds alerts already; remove it or choose another folder")
    truth = []
    with (tarball_sink if tarball else folder_sink)(packets) as write:
        encoded = (_produce(part, partial(_encode_chunk, part), workers) for part in plans)
        for done, (content, row) in enumerate(chain.from_iterable(encoded), start=1):
            write(f"{row['candid']}.avro", content)
            truth.append(row)
            if progress is not None:
                progress(done)
    write_truth(truth, Path(output))
    return packets


@dataclass(frozen=True)
class _Plan:
    """What to simulate, checked."""

    count: int
    seed: int
    mix: dict[str, float]
    night: float
    alerts_per_object: int
    first: int = 0

    def __post_init__(self) -> None:
        unknown = sorted(set(self.mix) - set(KINDS))
        if unknown:
            raise ValueError(f"mix: unknown kinds {unknown}; the kinds are {sorted(KINDS)}")
        if not self.mix or min(self.mix.values()) < 0 or sum(self.mix.values()) <= 0:
            raise ValueError(f"mix: shares must be 0 or more and not all 0, got {self.mix}")
        for name, least in (("count", 0), ("seed", 0), ("alerts_per_object", 1)):
            if getattr(self, name) < least:
                raise ValueError(f"{name} must be {least} or more, got {getattr(self, name)}")


def _simulate_chunk(plan: _Plan, chunk: int) -> list[Alert]:
    """Alerts of one run of consecutive objects."""
    start, night = first_number(plan.seed), night_number(plan.night)
    result: list[Alert] = []
    for index in range(plan.first + chunk * CHUNK, plan.first + (chunk + 1) * CHUNK):
        rng = np.random.default_rng(np.random.SeedSequence(plan.seed, spawn_key=(index,)))
        result += make_object(start + index, plan.mix, night, plan.alerts_per_object, rng=rng)
    return result


def _encode_chunk(plan: _Plan, chunk: int) -> list[tuple[bytes, dict[str, Any]]]:
    """The same with the packets as files, so that workers do the encoding too."""
    return [(encode_packet(packet), truth) for packet, truth in _simulate_chunk(plan, chunk)]


def _produce(plan: _Plan, make_chunk: Callable[[int], list[T]], workers: int | None) -> Iterator[T]:
    """The first `plan.count` results of the chunks, in order."""
    if workers is None:
        workers = _usable_cores() if plan.count >= WORTH_A_POOL else 1
    chunks = map(make_chunk, count_up()) if workers == 1 else _in_processes(make_chunk, workers)
    return islice(chain.from_iterable(chunks), plan.count)


def _in_processes(make_chunk: Callable[[int], list[T]], workers: int) -> Iterator[list[T]]:
    """Chunks without end, a few ahead of the reader; the processes end with the reader."""
    pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"))
    try:
        waiting = deque(pool.submit(make_chunk, chunk) for chunk in range(2 * workers))
        for chunk in count_up(2 * workers):
            yield waiting.popleft().result()
            waiting.append(pool.submit(make_chunk, chunk))
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _usable_cores() -> int:
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1
