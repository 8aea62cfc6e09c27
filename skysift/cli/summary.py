"""What is printed and drawn when a job ends."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
from rich.table import Table

from skysift.cli.console import err, out
from skysift.stream.kafka import is_kafka

if TYPE_CHECKING:
    from skysift.stream.batch import BatchReport
    from skysift.stream.job import JobOptions

TOP = 12
SHOWN = ("objectId", "alert_id", "band", "magpsf", "ra", "dec")


class Summary:
    """Prints what a job has found, and draws it.

    Parameters
    ----------
    options : JobOptions
    pictures : int
        Number of top candidates to draw, where the sink is a folder.
    """

    def __init__(self, options: JobOptions, pictures: int) -> None:
        self.options = options
        self.pictures = 0 if is_kafka(options.sink) else pictures
        self._shown: int | None = None

    def show(self, total: BatchReport, note: str = "") -> None:
        """Print the tables and write the pictures, unless nothing came since the last time."""
        if total.rows == self._shown:
            return
        self._shown = total.rows
        from skysift.stream.summary import read_routed, top_candidates

        routed = read_routed(self.options.annotated)
        top = top_candidates(routed, max(TOP, self.pictures), self.options.plan.judges)
        out.print(_line(total), "", self._topics(routed, total), sep="\n")
        if len(top):
            out.print("", _candidates(top.head(TOP)), sep="\n")
            self._draw(top.head(self.pictures))
        if note:
            out.print(note)

    def _topics(self, routed: pd.DataFrame, total: BatchReport) -> Table:
        from skysift.stream.summary import topic_counts

        counts = topic_counts(routed)
        table = Table("topic", "alerts", box=None, pad_edge=False)
        for topic in self.options.plan.topics.values():
            table.add_row(topic, f"{counts[topic]:,}")
        for reason, number in total.reasons.most_common():
            table.add_row(f"[red]dead letter:[/] {reason}", f"{number:,}")
        return table

    def _draw(self, top: pd.DataFrame) -> None:
        if not len(top):
            return
        from skysift.stream.pictures import write_pictures
        from skysift.stream.summary import find_alerts

        folder = Path(self.options.sink) / "pictures"
        ids = set(top["alert_id"].astype(int))
        alerts = list(find_alerts(Path(self.options.sink) / "topics", ids))
        with err.status(f"drawing {len(alerts)} pictures …"):
            write_pictures(alerts, folder)
        out.print(f"pictures: {folder}")


def _line(total: BatchReport) -> str:
    rate = f", {total.rows / total.seconds:,.0f}/s" if total.seconds else ""
    parts = [f"{total.rows:,} records{rate}: {total.alerts:,} new alerts"]
    parts += [f"{total.repeated:,} repeats dropped"] if total.repeated else []
    parts += [f"{total.dead:,} dead letters"] if total.dead else []
    for module, counts in total.statuses.items():
        told = ", ".join(f"{status} {number:,}" for status, number in counts.most_common())
        parts.append(f"{module}: {told}")
    return "; ".join(parts)


def _candidates(top: pd.DataFrame) -> Table:
    scores = [c for c in top.columns if c.endswith(".score")]
    shown = [c for c in (*SHOWN, *scores) if c in top.columns]
    table = Table(*shown, "topics", box=None, pad_edge=False, title="top candidates")
    for _, row in top.iterrows():
        table.add_row(*(_cell(row[c]) for c in shown), ", ".join(row["topics"]))
    return table


def _cell(value: object) -> str:
    """Show a value; nothing for a null."""
    if isinstance(value, float):
        return "" if math.isnan(value) else f"{value:.4f}"
    return str(value)
