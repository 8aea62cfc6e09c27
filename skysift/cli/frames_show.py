"""What ``skysift frames`` shows: how far it is, and what it has come to."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from skysift.cli.bars import LOG_SECONDS
from skysift.cli.console import err, out

if TYPE_CHECKING:
    from skysift.frames.job import Outcome
    from skysift.frames.summary import Summary

REASONS = 10
"""Frames whose reasons are printed."""


class FramesBar:
    """Shows a pass over frames; `update` is a ``report`` of `Pipeline.work_on`."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress = progress
        self._task = progress.add_task("searching", total=total)
        self._told = time.monotonic()
        self._frames: Counter[str] = Counter()
        self._detections = 0

    def update(self, outcome: Outcome) -> None:
        """Show a frame."""
        self._frames[outcome.status] += 1
        self._detections += outcome.searched.detections
        self._progress.update(self._task, description=f"searching: {self._line()}", advance=1)
        now = time.monotonic()
        if not err.is_terminal and now - self._told > LOG_SECONDS:
            self._told = now
            self.tell()

    def tell(self) -> None:
        """Print how far it is."""
        err.print(f"frames: {self._line()}")

    def _line(self) -> str:
        told = [f"{count:,} {status}" for status, count in self._frames.items()]
        return ", ".join(told) + f"; detections: {self._detections:,}"


@contextmanager
def frames_bar(total: int) -> Iterator[FramesBar]:
    """Show frames being searched."""
    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    )  # fmt: skip
    with Progress(*columns, console=err, transient=True) as progress:
        yield FramesBar(progress, total)


def show_failure(outcome: Outcome) -> None:
    """Print why a frame failed."""
    if outcome.status == "failed":
        _show_reasons("failed", {outcome.frame: outcome.searched.reason or ""})


def show_unsent(unsent: Mapping[str, str]) -> None:
    """Print which sinks have not got all."""
    for sink, reason in unsent.items():
        line = f"[red]not sent to {escape(sink)}:[/] {escape(reason)}"
        err.print(line, highlight=False, soft_wrap=True)


def show(summary: Summary, output: Path, unsent: Mapping[str, str], *, as_json: bool) -> None:
    """Print what frames have come to."""
    pages = {night: str(output / night / "index.html") for night in summary.nights}
    if as_json:
        typer.echo(json.dumps({**asdict(summary), "pages": pages, "unsent": dict(unsent)}))
        return
    told = ", ".join(f"{count:,} {status}" for status, count in summary.frames.items())
    out.print(f"frames: {told}; {summary.detections:,} detections")
    _show_reasons("failed", summary.failed)
    _show_reasons("waiting", summary.waiting)
    if summary.best:
        out.print("", _table(summary.best), "", sep="\n")
    for page in pages.values():
        out.print(page, highlight=False, soft_wrap=True)
    show_unsent(unsent)
    if summary.frames.get("new"):
        err.print("stopped; the same command goes on")


def _show_reasons(status: str, reasons: Mapping[str, str]) -> None:
    for frame, reason in list(reasons.items())[:REASONS]:
        line = f"[yellow]{status}:[/] {frame}: {escape(reason)}"
        err.print(line, highlight=False, soft_wrap=True)
    if len(reasons) > REASONS:
        err.print(f"… and {len(reasons) - REASONS:,} more; --json tells all")


def _table(best: list[dict[str, Any]]) -> Table:
    """The best detections."""
    names = ("candid", "score", "mag", "ra", "dec", "known object", "motion")
    table = Table(*names, box=None, pad_edge=False, title="best detections")
    for row in best:
        mag = row["magcoma"] if row["magcoma"] is not None else row["mag"]
        known = {"matched": row["known_name"], "none": "none", "failed": "?"}
        motion = f"{row['rate']:.2f}″/min" if row["rate"] is not None else ""
        table.add_row(
            row["candid"], f"{row['p']:.3f}", f"{mag:.2f}" if mag is not None else "",
            f"{row['ra']:.5f}", f"{row['dec']:.5f}", escape(known.get(row["known_status"]) or ""),
            motion,
        )  # fmt: skip
    return table
