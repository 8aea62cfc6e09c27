"""The whole job: ``skysift run --once`` as a process, over more and more alerts."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pyarrow.dataset as ds

from benchmarks import _alerts
from benchmarks._timing import UnequalError

SAMPLE_SECONDS = 1.0
"""Adding up shared pages stops a process for some milliseconds: not too often."""
MIB = 2**20
TARGET = 300
"""Alerts a second on two cores."""

OWN_RATE = re.compile(r"^([\d,]+) records, ([\d,]+)/s", re.MULTILINE)


@dataclass
class Cost:
    """What a process and all it started took.

    Attributes
    ----------
    wall : float
        Seconds from start to end.
    cpu : dict of int to float
        Seconds of CPU time, by process.
    peak, peak_resident : int
        Most bytes at a time, summed over the processes: with the pages that several share counted
        once (Linux's PSS), and counted for each (RSS).
    """

    wall: float = 0.0
    cpu: dict[int, float] = field(default_factory=dict)
    peak: int = 0
    peak_resident: int = 0

    def sample(self, root: psutil.Process) -> None:
        """Look at the processes there are now."""
        proportional = resident = 0
        for process in [root, *root.children(recursive=True)]:
            try:
                times, memory = process.cpu_times(), process.memory_full_info()
            except (psutil.NoSuchProcess, psutil.AccessDenied):  # it ended, or is about to
                continue
            self.cpu[process.pid] = times.user + times.system
            proportional += memory.pss
            resident += memory.rss
        self.peak = max(self.peak, proportional)
        self.peak_resident = max(self.peak_resident, resident)


def run(night: Path, *, counts: Sequence[int] = (600, 2400, 9600)) -> list[dict[str, object]]:
    """Run the job with the shipped network over the first alerts of a night, into a fresh sink.

    Parameters
    ----------
    night : Path
        Folder of simulated packets, the most of `counts` at least.
    counts : sequence of int
        Alerts of each run.

    Returns
    -------
    list of dict
        A row a run. ``alerts/s`` is by the clock from the command's start to its end; ``alerts/s
        in batches`` is the job's own word, which leaves out the start of Spark; ``steady
        alerts/s`` is what the alerts beyond the first run's took beyond its time.
    """
    rows: list[dict[str, object]] = []
    for count in counts:
        with tempfile.TemporaryDirectory(dir=night.parent) as folder:
            packets = _alerts.first_alerts(night, count, Path(folder) / "packets")
            row = _run_once(packets, Path(folder) / "sink", count)
        rows.append({**row, **_steady(row, rows[0] if rows else None)})
    return rows


def _run_once(packets: Path, sink: Path, count: int) -> dict[str, object]:
    command = [sys.executable, "-m", "skysift", "run", "--once", "--pictures", "0"]
    command += ["--source", str(packets), "--sink", str(sink)]
    with tempfile.TemporaryFile("w+") as log:
        cost = _follow(subprocess.Popen(command, stdout=log, stderr=log))
        log.seek(0)
        printed = log.read()
    _check(sink, count, printed)
    own = OWN_RATE.search(printed)
    assert own is not None  # _check saw the alerts: the summary was printed
    cpu = sum(cost.cpu.values())
    return {
        "alerts": count,
        "seconds": cost.wall,
        "alerts/s": count / cost.wall,
        "alerts/s in batches": float(own[2].replace(",", "")),
        "CPU s": cpu,
        "peak MiB": cost.peak / MIB,
        "peak MiB (RSS)": cost.peak_resident / MIB,
    }


def _follow(process: subprocess.Popen) -> Cost:
    started = time.perf_counter()
    root, cost = psutil.Process(process.pid), Cost()
    while process.poll() is None:
        try:
            cost.sample(root)
        except psutil.NoSuchProcess:  # it ended just now
            break
        time.sleep(SAMPLE_SECONDS)
    process.wait()
    cost.wall = time.perf_counter() - started
    return cost


def _check(sink: Path, count: int, printed: str) -> None:
    """Make sure that each alert was scored and written once."""
    annotated = sink / "annotated"
    if not annotated.exists():
        raise UnequalError(f"the job wrote nothing:\n{printed[-2000:]}")
    ids = ds.dataset(annotated).to_table(["alert_id"])["alert_id"]
    if len(ids) != count or len(ids.unique()) != count:
        raise UnequalError(f"the job wrote {len(ids)} of {count} alerts:\n{printed[-2000:]}")


def _steady(row: dict[str, object], first: dict[str, object] | None) -> dict[str, object]:
    """Rate and cost of the alerts beyond the first run's."""
    if first is None:
        return {"steady alerts/s": None, "steady CPU ms": None, "target": None}
    alerts, seconds, cpu = (row[k] - first[k] for k in ("alerts", "seconds", "CPU s"))  # type: ignore[operator]
    return {
        "steady alerts/s": alerts / seconds,
        "steady CPU ms": cpu / alerts * 1e3,
        "target": TARGET,
    }
