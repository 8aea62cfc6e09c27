"""Have the Python workers load the networks while Spark is still planning the query."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from skysift.alerts.payloads import iter_payloads
from skysift.stream.stage import Stage

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import SparkSession


def warm_up(spark: SparkSession, stage: Stage, path: str) -> None:
    """Run the stage on the first alerts of a path in every worker, for nothing but the loading.

    Returns at once. Spark plans on one core for some seconds, and would start the workers only
    then. What goes wrong here is let pass: it will go wrong again where it is looked at.
    """
    tasks = spark.sparkContext.defaultParallelism

    def load() -> None:
        with suppress(Exception):
            rows = spark.range(0, tasks, 1, tasks)
            rows.mapInArrow(partial(_process_first, stage, path), rows.schema).collect()

    threading.Thread(target=load, name="warm-up", daemon=True).start()


def _process_first(
    stage: Stage, path: str, batches: Iterable[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    """Process the first payload and pass on the rows that came: Spark wants some back."""
    payload = next(iter_payloads(path), None)
    if payload is not None:
        stage.process([payload])
    yield from batches
