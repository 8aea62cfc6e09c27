"""Progress of long tasks: bars on a terminal, a line now and then in a log."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from skysift.cli.console import err

if TYPE_CHECKING:
    from skysift.campaigns.kind import Tell
    from skysift.datasets.fetching import Step
    from skysift.models._fitting.loop import Tick

LOG_SECONDS = 30


class SetBar:
    """Shows how many things were read and kept; `update` is a ``progress`` of `build_set`."""

    def __init__(self, progress: Progress, things: str) -> None:
        self._progress = progress
        self._things = things
        self._task = progress.add_task("", total=None)
        self._started = self._told = time.monotonic()

    def update(self, read: int, kept: int) -> None:
        """Show the numbers so far."""
        now = time.monotonic()
        rate = read / max(now - self._started, 1e-9)
        line = f"{read:,} {self._things} read, {kept:,} kept, {rate:,.0f}/s"
        self._progress.update(self._task, description=line)
        if not err.is_terminal and now - self._told > LOG_SECONDS:
            self._told = now
            err.print(line)


@contextmanager
def set_bar(things: str = "alerts") -> Iterator[SetBar]:
    """Show a training set, or another, being built."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True) as progress:
        yield SetBar(progress, things)


@contextmanager
def counted(doing: str) -> Iterator[Callable[[int], None]]:
    """Count what is done, where how many there will be is not known before they are read."""
    columns = TextColumn(doing), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda done: bar.update(task, completed=done)


@contextmanager
def bar_to(doing: str, total: int) -> Iterator[Callable[[int], None]]:
    """Show a bar; yield what to tell how many of `total` are done."""
    columns = TextColumn(doing), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task(doing, total=total)
        yield lambda done: bar.update(task, completed=done)


class TrainingBar:
    """A bar for each epoch and a line when it is done; `update` is a ``progress`` of `train`."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task = progress.add_task("", total=None)

    def update(self, tick: Tick) -> None:
        """Show a step."""
        metrics = ", ".join(f"{name} {value:.4g}" for name, value in tick.metrics.items())
        epoch = f"epoch {tick.epoch}/{tick.epochs}"
        if tick.batch == 0:
            err.print(f"{epoch}: {metrics}")
        self._progress.update(
            self._task,
            description=f"{epoch} {metrics}",
            total=tick.batches,
            completed=tick.batch,
        )


@contextmanager
def training_bar() -> Iterator[TrainingBar]:
    """Show a network being trained."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=err, transient=True) as progress:
        yield TrainingBar(progress)


class FetchBar:
    """A bar for each file; `update` is a ``progress`` of `fetch`."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[tuple[str, str], int] = {}

    def update(self, step: Step) -> None:
        """Show a step."""
        key = (step.what, step.name)
        if key not in self._tasks:
            told = f"{step.what} {step.name}"
            self._tasks[key] = self._progress.add_task(told, total=step.total)
            if not err.is_terminal:
                err.print(f"{told} ({step.total / 1e9:.1f} GB)")
        self._progress.update(self._tasks[key], completed=step.done)  # type: ignore[arg-type]


@contextmanager
def fetch_bar() -> Iterator[FetchBar]:
    """Show files being fetched."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=err, transient=True) as progress:
        yield FetchBar(progress)


@contextmanager
def stage_bars() -> Iterator[Tell]:
    """Show the stages of long work, each as a bar of its own; the answer is a `Tell`."""
    bars: dict[str, TaskID] = {}
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeRemainingColumn(), console=err, transient=True) as progress:

        def tell(stage: str, done: int, of: int) -> None:
            if stage not in bars:
                bars[stage] = progress.add_task(stage, total=of)
            progress.update(bars[stage], completed=done, total=of)

        yield tell
