"""Where the rows of a micro-batch go: annotated Parquet, topics, dead letters.

Each write carries the number of its micro-batch and replaces what an earlier try of that batch
left, so that a replay after a crash doubles nothing in a folder. Kafka has no such place: there a
replayed batch is sent again, and subscribers drop repeats by the alert id in the header.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pyarrow as pa

from skysift.stream import kafka
from skysift.stream.container import write_container
from skysift.stream.stage import ROUTING
from skysift.stream.wire import fingerprint

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

DEAD_LETTERS = "dead_letters"
DEAD_LETTER_TOPIC = "skysift_dead_letters"


class TopicSink(Protocol):
    """Something that topics and dead letters are written to."""

    def write_topics(self, batch_id: int, alerts: DataFrame) -> None:
        """Write rows that have topics."""

    def write_dead_letters(self, batch_id: int, letters: DataFrame) -> None:
        """Write rows that have a reason."""


def write_annotated(folder: Path, batch_id: int, alerts: DataFrame) -> None:
    """Write the annotated alerts of one micro-batch as Parquet under ``batch=N``."""
    hidden = [name for name in ROUTING if name not in ("alert_id", "topics", "source", "offset")]
    _write_parquet(alerts.drop(*hidden), folder, batch_id)


@dataclass(frozen=True)
class FolderSink:
    """Topics as folders of Avro containers, dead letters as Parquet.

    Attributes
    ----------
    folder : Path
        Gets ``topics/<topic>/*.avro`` and ``dead_letters/batch=N/*.parquet``.
    """

    folder: Path

    def write_topics(self, batch_id: int, alerts: DataFrame) -> None:
        """Write rows that have topics: a container for each topic, task and schema."""
        topics = self.folder / "topics"
        for stale in topics.glob(f"*/{batch_id:09d}-*.avro"):
            stale.unlink()
        rows = alerts.select("topics", "schema", "value")
        rows.mapInArrow(_ContainerWriter(topics, batch_id), "files bigint").collect()

    def write_dead_letters(self, batch_id: int, letters: DataFrame) -> None:
        """Write rows that have a reason."""
        _write_parquet(
            letters.select("source", "offset", "reason", "value"),
            self.folder / DEAD_LETTERS,
            batch_id,
        )


@dataclass(frozen=True)
class KafkaSink:
    """Topics of a Kafka cluster."""

    servers: str
    security: Mapping[str, str] = field(default_factory=dict, repr=False)

    def write_topics(self, batch_id: int, alerts: DataFrame) -> None:
        """Send rows that have topics, all in one write."""
        kafka.write_alerts(alerts, self.servers, self.security)

    def write_dead_letters(self, batch_id: int, letters: DataFrame) -> None:
        """Send rows that have a reason to ``skysift_dead_letters``."""
        kafka.write_dead_letters(letters, self.servers, self.security, DEAD_LETTER_TOPIC)


class _ContainerWriter:
    """Writes the topics of one Spark task, where the task runs."""

    def __init__(self, folder: Path, batch_id: int) -> None:
        self.folder = folder
        self.batch_id = batch_id

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        from pyspark import TaskContext

        task = TaskContext.get().partitionId()  # type: ignore[union-attr]
        groups = self._grouped(batches)
        for (topic, schema), records in groups.items():
            folder = self.folder / topic
            folder.mkdir(parents=True, exist_ok=True)
            name = f"{self.batch_id:09d}-{task:05d}-{fingerprint(schema)}.avro"
            write_container(folder / name, schema, records)
        yield pa.record_batch({"files": pa.array([len(groups)], pa.int64())})

    def _grouped(self, batches: Iterable[pa.RecordBatch]) -> dict[tuple[str, str], list[bytes]]:
        groups: dict[tuple[str, str], list[bytes]] = {}
        for batch in batches:
            for row in batch.to_pylist():
                for topic in row["topics"]:
                    groups.setdefault((topic, row["schema"]), []).append(row["value"])
        return groups


def _write_parquet(rows: DataFrame, folder: Path, batch_id: int) -> None:
    rows.coalesce(1).write.mode("overwrite").parquet(str(folder / f"batch={batch_id:09d}"))
