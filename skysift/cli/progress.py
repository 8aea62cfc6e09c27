"""The line that tells how a job is doing."""

from __future__ import annotations

import threading
import time
from types import TracebackType
from typing import TYPE_CHECKING

from rich.console import Console, Group
from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text

if TYPE_CHECKING:
    from skysift.stream.batch import BatchReport
    from skysift.stream.job import Job

REFRESH_SECONDS = 0.5


class JobProgress:
    """A live display of rate, what is left to read, and counts by status.

    On a terminal it is redrawn in place; elsewhere (a log file) it is a line a micro-batch.

    Parameters
    ----------
    job : Job
    console : Console
    """

    def __init__(self, job: Job, console: Console) -> None:
        self._job = job
        self._console = console
        self._started = time.monotonic()
        self._ended = threading.Event()
        self._live = Live(console=console, transient=True, auto_refresh=False)

    def __enter__(self) -> JobProgress:
        if self._console.is_terminal:
            self._live.start()
            threading.Thread(target=self._keep_drawing, daemon=True).start()
        else:
            self._console.print(f"reading {self._job.options.source}")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        if self._console.is_terminal:
            self._live.stop()

    def batch_done(self, counts: BatchReport) -> None:
        """Take note of a micro-batch."""
        if not self._console.is_terminal:
            rate = counts.rows / counts.seconds if counts.seconds else 0.0
            self._console.print(f"{counts.rows:,} alerts, {rate:,.0f}/s. {self._counts()}")

    def _keep_drawing(self) -> None:
        while not self._ended.wait(REFRESH_SECONDS):
            self._live.update(self._drawing(), refresh=True)

    def _drawing(self) -> Group:
        total = self._job.total
        elapsed = time.monotonic() - self._started
        rate = total.rows / total.seconds if total.seconds else 0.0
        head = Text(f" {total.rows:,} alerts in {elapsed:,.0f} s, {rate:,.0f}/s")
        return Group(Spinner("dots", head), Text(self._counts(), style="dim"))

    def _counts(self) -> str:
        total = self._job.total
        parts = [
            f"{module}: {counts['ok']:,} ok, {sum(counts.values()) - counts['ok']:,} not scored"
            for module, counts in total.statuses.items()
        ]
        parts.append(f"routed {sum(total.topics.values()):,}")
        parts += [f"repeats {total.repeated:,}"] if total.repeated else []
        parts += [f"dead letters {total.dead:,}"] if total.dead else []
        behind = self._job.behind()
        parts += [f"to read: {behind}"] if behind else []
        return "; ".join(parts)
