"""Spark's view of a path with alerts: a streaming source whose rows are annotated alerts.

The packets themselves never pass through the JVM: Spark plans units by name (see
`skysift.stream.spool`), and the Python worker that is given one maps the file and runs the stage
on it. Were the stage a step of its own behind the source, each task would hold two workers, and
sooner or later each of them a network.
"""

from __future__ import annotations

import base64
import pickle
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from pyspark.sql.datasource import DataSource, DataSourceStreamReader, InputPartition

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame, SparkSession

    from skysift.stream.spool import Spool
    from skysift.stream.stage import Stage

FORMAT = "skysift"


def read_files(
    spark: SparkSession, path: str, spool: Path, stage: Stage, *, settle: float
) -> DataFrame:
    """Stream the alerts of a path through a stage.

    Parameters
    ----------
    spark : SparkSession
    path : str
        What to read.
    spool : Path
        Folder for units and journal.
    stage : Stage
        Made to unpack the paths of units.
    settle : float
        Seconds a file must have lain unchanged.
    """
    spark.dataSource.register(AlertFiles)
    pickled = base64.b64encode(pickle.dumps(stage)).decode("ascii")
    options = {"path": path, "spool": str(spool), "settle": str(settle), "stage": pickled}
    return spark.readStream.format(FORMAT).schema(stage.ddl).options(**options).load()


class AlertFiles(DataSource):
    """Streaming source of alerts on disk; its options and schema are given by `read_files`."""

    @classmethod
    def name(cls) -> str:
        """Name of the format in ``readStream.format(…)``."""
        return FORMAT

    def streamReader(self, schema: object) -> AlertFilesReader:
        """Make the reader that lives with the query."""
        return AlertFilesReader(dict(self.options))


class Unit(InputPartition):
    """One unit, one task."""

    def __init__(self, path: str) -> None:
        self.path = path


class AlertFilesReader(DataSourceStreamReader):
    """Plans micro-batches as ranges of units.

    Spark makes several copies of it and pickles them; only the one that is asked for offsets
    opens the spool.
    """

    def __init__(self, options: dict[str, str]) -> None:
        self._options = options

    @cached_property
    def _spool(self) -> Spool:
        from skysift.stream.spool import Spool  # Spark starts processes that never need it

        options = self._options
        return Spool(options["path"], Path(options["spool"]), settle=float(options["settle"]))

    def initialOffset(self) -> dict:
        """Before the first unit."""
        return {"unit": 0}

    def latestOffset(self) -> dict:
        """Draw the units of one more micro-batch."""
        return {"unit": self._spool.draw()}

    def partitions(self, start: dict, end: dict) -> Sequence[Unit]:
        """One partition a unit."""
        from skysift.stream.spool import unit_path

        folder = Path(self._options["spool"])
        return [Unit(str(unit_path(folder, n))) for n in range(start["unit"], end["unit"])]

    def read(self, partition: InputPartition) -> Iterator[pa.RecordBatch]:
        """Run the stage on a unit; Spark takes whole Arrow batches as well as rows."""
        stage = pickle.loads(base64.b64decode(self._options["stage"]))
        yield from stage([partition.path])  # type: ignore[attr-defined]

    def commit(self, end: dict) -> None:
        """Let go of what is processed."""
        self._spool.discard(end["unit"])
