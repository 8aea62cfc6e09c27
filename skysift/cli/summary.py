"""What is printed and drawn when a job ends."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from rich.table import Table

from skysift.cli.console import err

if TYPE_CHECKING:
    from skysift.stream.batch import BatchReport
    from skysift.stream.job import JobOptions

TOP = 12
SHOWN = ("objectId", "alert_id", "band", "magpsf", "ra", "dec")


@dataclass(frozen=True)
class Summary:
    """Tables to print, and the top candidates behind the second."""

    parts: list[Any]
    top: pd.DataFrame


def summarise(options: JobOptions, total: BatchReport) -> Summary:
    """Build the table of topics and the table of top candidates."""
    from skysift.stream.summary import read_routed, top_candidates, topic_counts

    routed = read_routed(options.annotated)
    counts = topic_counts(routed)
    topics = Table("topic", "alerts", box=None, pad_edge=False)
    for topic in options.plan.topics.values():
        topics.add_row(topic, f"{counts[topic]:,}")
    for reason, number in total.reasons.most_common():
        topics.add_row(f"[red]dead letter:[/] {reason}", f"{number:,}")
    top = top_candidates(routed, TOP)
    parts: list[Any] = [_line(total), "", topics]
    if len(top):
        parts += ["", _candidates(top)]
    return Summary(parts, top)


def draw(options: JobOptions, top: pd.DataFrame, count: int) -> Path | None:
    """Draw the stamps and light curves of the top candidates of a folder sink.

    Returns
    -------
    Path or None
        The folder of the pictures; None if there was nothing to draw.
    """
    if options.sink.startswith("kafka://") or not count or not len(top):
        return None
    from skysift.stream.pictures import write_pictures
    from skysift.stream.summary import find_alerts

    folder = Path(options.sink) / "pictures"
    ids = set(top["alert_id"].head(count).astype(int))
    alerts = list(find_alerts(Path(options.sink) / "topics", ids))
    with err.status(f"drawing {len(alerts)} pictures …"):
        write_pictures(alerts, folder)
    return folder


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
        cells = [f"{row[c]:.4f}" if isinstance(row[c], float) else str(row[c]) for c in shown]
        table.add_row(*cells, ", ".join(row["topics"]))
    return table
