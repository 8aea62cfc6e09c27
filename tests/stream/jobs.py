"""Running the command as a process, the way an operator does, and reading what it left."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import fastavro
import pandas as pd
import pyarrow.dataset as ds

SKYSIFT = [sys.executable, "-m", "skysift"]
TIMEOUT = 240


def skysift(*arguments: object, code: int = 0, cwd: Path | None = None) -> str:
    """Run the command to its end; return what it printed."""
    command = [*SKYSIFT, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT, cwd=cwd)
    printed = done.stdout + done.stderr
    assert done.returncode == code, printed
    return printed


def start(*arguments: object, log: Path) -> subprocess.Popen:
    """Start the command and let it run."""
    with log.open("ab") as file:
        return subprocess.Popen(
            [*SKYSIFT, *map(str, arguments)], stdout=file, stderr=file, start_new_session=True
        )


def wait_for(what: Callable[[], bool], process: subprocess.Popen, log: Path) -> None:
    """Wait until something is so; fail at once if the process ends before."""
    deadline = time.monotonic() + TIMEOUT
    while not what():
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.2)


def kill(process: subprocess.Popen) -> None:
    """Kill -9 the job and everything it started, as a power cut would."""
    os.killpg(process.pid, 9)
    process.wait()


def annotated(sink: Path) -> pd.DataFrame:
    """Read the annotated Parquet as a stranger would."""
    return ds.dataset(sink / "annotated", format="parquet").to_table().to_pandas()


def topic(sink: Path, name: str) -> list[dict]:
    """Read a topic's folder."""
    alerts: list[dict] = []
    for path in sorted((sink / "topics" / name).glob("*.avro")):
        with path.open("rb") as file:
            alerts.extend(fastavro.reader(file))
    return alerts


def candids(alerts: Sequence[dict]) -> list[int]:
    """Name alerts."""
    return sorted(alert["candid"] for alert in alerts)
