"""The streaming job: one query that decodes, annotates, filters and routes alerts."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from skysift.stream import kafka
from skysift.stream.batch import BatchReport, BatchWriter
from skysift.stream.caps import RateCaps
from skysift.stream.plan import Plan, PlanError
from skysift.stream.security import KafkaSecurity
from skysift.stream.seen import SeenAlerts
from skysift.stream.session import build_session
from skysift.stream.sinks import FolderSink, KafkaSink, TopicSink
from skysift.stream.source import read_files
from skysift.stream.spool import PROGRESS, read_unit
from skysift.stream.stage import Stage
from skysift.stream.warm_up import warm_up

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession
    from pyspark.sql.streaming import StreamingQuery

SETTLE_SECONDS = 1.0
"""A file in a watched folder is read once it has lain unchanged for so long."""

IDLE_CHECK_SECONDS = 1
WATCH_INTERVAL = "1 second"


class JobError(RuntimeError):
    """The query failed; the message says why, in one line."""


@dataclass(frozen=True)
class JobOptions:
    """What to run, from where to where.

    Attributes
    ----------
    source : str
        A path with alerts, or ``kafka://HOST:PORT/TOPIC``.
    sink : str
        A folder, or ``kafka://HOST:PORT``.
    plan : Plan
        Modules and filters.
    checkpoint : Path
        Folder of the job's state; a restart with the same one goes on where it stopped.
    annotated : Path
        Folder of the annotated Parquet.
    once : bool
        Stop when all there is has been processed, instead of watching for more.
    security : KafkaSecurity
        How to authenticate with Kafka.
    """

    source: str
    sink: str
    plan: Plan
    checkpoint: Path
    annotated: Path
    once: bool = False
    security: KafkaSecurity = field(default_factory=KafkaSecurity)


def job_options(
    source: str,
    sink: str,
    plan: Plan,
    *,
    checkpoint: Path | None = None,
    annotated: Path | None = None,
    once: bool = False,
    security: KafkaSecurity | None = None,
) -> JobOptions:
    """Settle where a job keeps its state and its Parquet.

    Both lie in the sink where that is a folder; for a Kafka sink a checkpoint must be named, and
    the annotated Parquet lies in it unless said otherwise.

    Raises
    ------
    PlanError
        If an address is malformed, or a Kafka sink comes without a checkpoint.
    """
    for place in filter(kafka.is_kafka, (source, sink)):
        kafka.KafkaAddress.parse(place)
    if kafka.is_kafka(source) and not kafka.KafkaAddress.parse(source).topics:
        raise PlanError(f"name the topic to read: --source {source.rstrip('/')}/TOPIC")
    if kafka.is_kafka(sink):
        if checkpoint is None:
            raise PlanError("a Kafka sink needs --checkpoint DIR, to go on after a restart")
        annotated = annotated or checkpoint / "annotated"
    else:
        checkpoint = checkpoint or Path(sink) / "_checkpoint"
        annotated = annotated or Path(sink) / "annotated"
        source = source if kafka.is_kafka(source) else str(Path(source).resolve())
    return JobOptions(
        source=source,
        sink=sink,
        plan=plan,
        checkpoint=checkpoint.resolve(),
        annotated=annotated.resolve(),
        once=once,
        security=security or KafkaSecurity(),
    )


class Job:
    """A running or finished job.

    Parameters
    ----------
    options : JobOptions

    Attributes
    ----------
    total : BatchReport
        The counts of this run so far.
    report : callable or None
        Told the counts of each micro-batch as it is done.
    caught_up : callable or None
        Called when a job that watches has processed all there was, and waits for more.
    """

    def __init__(self, options: JobOptions) -> None:
        self.options = options
        self.total = BatchReport()
        self.report: Callable[[BatchReport], None] | None = None
        self.caught_up: Callable[[], None] | None = None
        self._told_rows = 0
        self._stop_asked = False
        self._between_batches = threading.Lock()
        self._query: StreamingQuery | None = None

    def run(self) -> BatchReport:
        """Run until all is processed (`once`), or until `stop` is called.

        Returns
        -------
        BatchReport
            The counts of this run.

        Raises
        ------
        PlanError
            If the checkpoint belongs to another source.
        JobError
            If the query failed.
        """
        self._claim_checkpoint()
        options = self.options
        with_kafka = kafka.is_kafka(options.source) or kafka.is_kafka(options.sink)
        rows = self._annotated(build_session(kafka=with_kafka))
        writer = rows.writeStream.foreachBatch(self._guarded(self._writer()))
        writer = writer.option("checkpointLocation", str(options.checkpoint / "spark"))
        if not options.once:
            writer = writer.trigger(processingTime=WATCH_INTERVAL)
        self._query = writer.start()
        if self._stop_asked:
            self.stop()
        self._wait(self._query)
        return self.total

    def stop(self) -> None:
        """Stop after the micro-batch under way; may be called from any thread, at any time."""
        self._stop_asked = True  # the query may still be starting
        with self._between_batches:
            if self._query is not None:
                self._query.stop()

    def behind(self) -> str:
        """Say how much is still to be read, as far as the source tells."""
        if kafka.is_kafka(self.options.source):
            return self._messages_behind()
        files, done = self._files()
        return f"{max(files - done, 0)} files" if files else ""

    def _files(self) -> tuple[int, int]:
        """Count the source's files, and those that are drawn; nothing where nobody has looked."""
        note = self.options.checkpoint / "spool" / PROGRESS
        if not note.exists():
            return 0, 0
        progress = json.loads(note.read_text())
        return progress["files"], progress["done"]

    def _left(self) -> float | None:
        """Tell the share of the files that is not drawn yet, of a source that has an end.

        Drawing stands still while a batch is under way, also one that is repeated after a crash.
        """
        files, done = self._files()
        return max(1 - done / files, 0.0) if self.options.once and files else None

    def _messages_behind(self) -> str:
        progress = self._query.lastProgress if self._query else None
        metrics = progress["sources"][0].get("metrics") or {} if progress else {}
        behind = metrics.get("maxOffsetsBehindLatest")
        return f"{behind} messages" if behind is not None else ""

    def _annotated(self, spark: SparkSession) -> DataFrame:
        """Stream what comes out of the one Python stage."""
        options = self.options
        if kafka.is_kafka(options.source):
            stage = Stage(options.plan, kafka.unpack_messages)
            address = kafka.KafkaAddress.parse(options.source)
            messages = kafka.read_messages(spark, address, options.security.for_spark())
            return messages.mapInArrow(stage, stage.ddl)
        stage = Stage(options.plan, read_unit)
        warm_up(spark, stage, options.source)
        settle = 0.0 if options.once else SETTLE_SECONDS
        spool = options.checkpoint / "spool"
        return read_files(spark, options.source, spool, stage, settle=settle)

    def _writer(self) -> BatchWriter:
        options = self.options
        return BatchWriter(
            options.plan,
            options.annotated,
            self._sink(),
            SeenAlerts(options.checkpoint / "seen"),
            RateCaps(options.checkpoint / "caps", options.plan.caps),
            self._tell,
            self._left,
        )

    def _sink(self) -> TopicSink:
        if kafka.is_kafka(self.options.sink):
            servers = kafka.KafkaAddress.parse(self.options.sink).servers
            return KafkaSink(servers, self.options.security.for_spark())
        return FolderSink(Path(self.options.sink).resolve())

    def _guarded(self, write: BatchWriter) -> Callable[[DataFrame, int], None]:
        def write_one(rows: DataFrame, batch_id: int) -> None:
            with self._between_batches:
                write(rows, batch_id)

        return write_one

    def _tell(self, counts: BatchReport) -> None:
        self.total.add(counts)
        if self.report is not None:
            self.report(counts)

    def _wait(self, query: StreamingQuery) -> None:
        from pyspark.errors import StreamingQueryException

        try:
            if self.options.once:
                query.processAllAvailable()
                query.stop()
            while not query.awaitTermination(IDLE_CHECK_SECONDS):
                self._tell_when_idle(query)
        except StreamingQueryException as error:
            raise JobError(_first_line(error)) from error

    def _tell_when_idle(self, query: StreamingQuery) -> None:
        """Let it be known, once a backlog, that all there was has been processed."""
        waiting = query.isActive and not query.status["isTriggerActive"]
        if waiting and self.total.rows > self._told_rows and self.caught_up is not None:
            self._told_rows = self.total.rows
            self.caught_up()

    def _claim_checkpoint(self) -> None:
        """Refuse to go on from another source's checkpoint."""
        identity = {"source": self.options.source, "survey": self.options.plan.survey}
        folder = self.options.checkpoint
        folder.mkdir(parents=True, exist_ok=True)
        note = folder / "job.json"
        if not note.exists():
            note.write_text(json.dumps(identity))
        known = json.loads(note.read_text())
        if known != identity:
            raise PlanError(
                f"the checkpoint {folder} belongs to a job that reads {known['survey']} alerts "
                f"from {known['source']}; give another --checkpoint, or another --sink"
            )


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    python = [line for line in lines if "Error:" in line and not line.startswith("at ")]
    return (python or lines or [type(error).__name__])[-1]
