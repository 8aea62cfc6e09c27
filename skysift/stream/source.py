"""Spark's view of a path with alerts: a streaming source whose rows name spooled units.

The packets themselves never pass through the JVM: a row is the path of a unit (see
`skysift.stream.spool`), and the Python worker that processes it maps the file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path

from pyspark.sql.datasource import DataSource, DataSourceStreamReader, InputPartition

from skysift.stream.spool import Spool, unit_path

FORMAT = "skysift"


class AlertFiles(DataSource):
    """Streaming source of alerts on disk.

    Options: ``path`` (what to read), ``spool`` (folder for units and journal), ``settle``
    (seconds a file must have lain unchanged).
    """

    @classmethod
    def name(cls) -> str:
        """Name of the format in ``readStream.format(…)``."""
        return FORMAT

    def schema(self) -> str:
        """One row a unit."""
        return "unit string"

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
        options = self._options
        return Spool(
            options["path"], Path(options["spool"]), settle=float(options.get("settle", 0))
        )

    def initialOffset(self) -> dict:
        """Before the first unit."""
        return {"unit": 0}

    def latestOffset(self) -> dict:
        """Draw the units of one more micro-batch."""
        return {"unit": self._spool.draw()}

    def partitions(self, start: dict, end: dict) -> Sequence[Unit]:
        """One partition a unit."""
        folder = Path(self._options["spool"])
        return [Unit(str(unit_path(folder, n))) for n in range(start["unit"], end["unit"])]

    def read(self, partition: InputPartition) -> Iterator[tuple[str]]:
        """Name the unit."""
        yield (partition.path,)  # type: ignore[attr-defined]

    def commit(self, end: dict) -> None:
        """Let go of what is processed."""
        self._spool.discard(end["unit"])
