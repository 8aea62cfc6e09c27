"""What is done with one micro-batch, and what is told of it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from skysift.stream.caps import RateCaps, night_of
from skysift.stream.plan import Plan
from skysift.stream.seen import SeenAlerts
from skysift.stream.sinks import TopicSink, write_annotated

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


@dataclass
class BatchReport:
    """Counts of one micro-batch, or of several added up.

    Attributes
    ----------
    rows, alerts, repeated, dead : int
        Records that came in; of them new alerts, repeats and dead letters.
    statuses : dict of str to Counter
        Of each module, how many alerts got which status.
    topics : Counter
        Alerts routed to each topic.
    reasons : Counter
        Dead letters by reason.
    seconds : float
        Wall time.
    """

    rows: int = 0
    alerts: int = 0
    repeated: int = 0
    dead: int = 0
    statuses: dict[str, Counter[str]] = field(default_factory=dict)
    topics: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    def add(self, other: BatchReport) -> None:
        """Add the counts of another report to this one."""
        for name in ("rows", "alerts", "repeated", "dead", "seconds"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for module, counts in other.statuses.items():
            self.statuses.setdefault(module, Counter()).update(counts)
        self.topics.update(other.topics)
        self.reasons.update(other.reasons)


class BatchWriter:
    """Takes micro-batches from Spark and writes them out, each exactly once where that can be.

    Parameters
    ----------
    plan : Plan
    annotated : Path
        Folder of the annotated Parquet.
    sink : TopicSink
        Where topics and dead letters go.
    seen : SeenAlerts
        Memory of the alerts that were taken.
    caps : RateCaps
        Memory of what the capped topics took.
    report : callable
        Told the counts of each batch.
    left : callable
        Tells the share of the source that is still to be read; None where it has no end.
    """

    def __init__(
        self,
        plan: Plan,
        annotated: Path,
        sink: TopicSink,
        seen: SeenAlerts,
        caps: RateCaps,
        report: Callable[[BatchReport], None],
        left: Callable[[], float | None] = lambda: None,
    ) -> None:
        self.plan = plan
        self.annotated = annotated
        self.sink = sink
        self.seen = seen
        self.caps = caps
        self.report = report
        self.left = left

    def __call__(self, rows: DataFrame, batch_id: int) -> None:
        """Write one micro-batch; Spark calls this."""
        started = time.perf_counter()
        rows = rows.persist()  # several writes below, one computation
        try:
            counts = self._write(rows, batch_id)
        finally:
            rows.unpersist()
        counts.seconds = time.perf_counter() - started
        self.report(counts)

    def _write(self, rows: DataFrame, batch_id: int) -> BatchReport:
        ledger = self._ledger(rows)
        is_alert = pc.is_null(ledger["reason"]).to_numpy()
        new = np.zeros(len(ledger), dtype=bool)
        new[is_alert] = self.seen.first_time(batch_id, ledger["alert_id"].to_numpy()[is_alert])
        repeats = ledger.filter(pa.array(is_alert & ~new))
        taken = ledger.filter(pa.array(new))
        excess = self._excess(batch_id, taken)
        counts = self._count(ledger, taken, len(repeats))
        counts.topics -= Counter({topic: len(over) for topic, over in excess.items()})

        alerts = _without(rows.where("reason is null"), repeats["row"].to_pylist())
        alerts = _kept_out(alerts, excess)
        if counts.alerts:
            write_annotated(self.annotated, batch_id, alerts)
        if counts.topics:
            self.sink.write_topics(batch_id, alerts.where("size(topics) > 0"))
        if counts.dead:
            self.sink.write_dead_letters(batch_id, rows.where("reason is not null"))
        return counts

    def _ledger(self, rows: DataFrame) -> pa.Table:
        """Compute the batch; bring to the driver what it takes to account for every row."""
        statuses = [rows[m.name]["status"].alias(m.name) for m in self.plan.modules]
        orders = [rows[m][o].alias(f"{m}.{o}") for m, o in {*self.plan.orders.values()}]
        facts = (rows[name] for name in ("row", "alert_id", "jd", "reason", "topics"))
        return rows.select(*facts, *statuses, *orders).toArrow()

    def _excess(self, batch_id: int, taken: pa.Table) -> dict[str, list[str]]:
        """Name, for each topic that takes less than all, the rows to keep out of it."""
        topics = [names or [] for names in taken["topics"].to_pylist()]
        nights = night_of(taken["jd"].to_numpy(), self.plan.survey)
        orders = self.plan.orders.items()
        scores = {topic: taken[f"{m}.{o}"].to_numpy() for topic, (m, o) in orders}
        over = self.caps.excess(batch_id, topics, nights, scores, self.left())
        return {topic: taken["row"].take(at).to_pylist() for topic, at in over.items()}

    def _count(self, ledger: pa.Table, taken: pa.Table, repeated: int) -> BatchReport:
        return BatchReport(
            rows=len(ledger),
            alerts=len(taken),
            repeated=repeated,
            dead=len(ledger) - len(taken) - repeated,
            statuses={m.name: Counter(taken[m.name].to_pylist()) for m in self.plan.modules},
            topics=Counter(t for row in taken["topics"].to_pylist() for t in row or ()),
            reasons=Counter(r for r in ledger["reason"].to_pylist() if r is not None),
        )


def _without(alerts: DataFrame, rows: list[str]) -> DataFrame:
    return alerts.where(~alerts["row"].isin(rows)) if rows else alerts


def _kept_out(alerts: DataFrame, excess: Mapping[str, list[str]]) -> DataFrame:
    from pyspark.sql import functions as F

    for topic, rows in excess.items():
        over = alerts["row"].isin(rows)
        rest = F.array_remove("topics", topic)
        alerts = alerts.withColumn("topics", F.when(over, rest).otherwise(alerts["topics"]))
    return alerts
