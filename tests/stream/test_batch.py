"""What is done with a micro-batch, on rows as the stage makes them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from skysift.filters import Filter
from skysift.science_modules import ScienceModule
from skysift.stream.batch import BatchReport, BatchWriter
from skysift.stream.caps import RateCaps
from skysift.stream.plan import Plan
from skysift.stream.rows import arrow_schema
from skysift.stream.seen import SeenAlerts
from skysift.stream.sinks import FolderSink
from skysift.stream.stage import ROUTING
from tests.stream.jobs import annotated, topic

BEST, ALL = "skysift_best_ztf", "skysift_all_ztf"
SCHEMA = '{"type": "record", "name": "alert", "fields": [{"name": "candid", "type": "long"}]}'
JD = 2460000.5


def brightness(magpsf: np.ndarray) -> dict:
    """Stand for a module; the rows bring its answers."""
    raise NotImplementedError


def wanted(brightness: dict) -> np.ndarray:
    """Stand for a filter; the rows bring its topics."""
    raise NotImplementedError


PLAN = Plan(
    "ztf",
    (ScienceModule("brightness", brightness, {"score": "float"}, ("ztf",)),),
    (
        Filter("best", wanted, "skysift_best_{survey}", 3, "brightness.score"),
        Filter("all", wanted, "skysift_all_{survey}"),
    ),
)


def rows_of(numbers: list[int], scores: list[float | None]) -> pa.Table:
    """Make rows of alerts that both filters want."""
    rows = [
        {
            "row": f"file#{n}", "alert_id": n, "source": "file", "offset": n,
            "topics": [BEST, ALL], "schema": SCHEMA, "value": bytes([2 * n]), "reason": None,
            "jd": JD, "brightness": {"score": score, "status": "ok", "version": "1"},
        }
        for n, score in zip(numbers, scores, strict=True)
    ]  # fmt: skip
    return pa.Table.from_pylist(
        rows, schema=arrow_schema({**ROUTING, "jd": "double"}, PLAN.structs)
    )


@pytest.mark.parametrize("restarted", [False, True])
def test_a_topic_takes_the_best_of_the_night_and_others_take_all(
    spark, tmp_path: Path, restarted: bool
) -> None:
    told: list[BatchReport] = []

    def writer() -> BatchWriter:
        seen, caps = SeenAlerts(tmp_path / "seen"), RateCaps(tmp_path / "caps", PLAN.caps)
        parquet = tmp_path / "annotated"
        return BatchWriter(PLAN, parquet, FolderSink(tmp_path), seen, caps, told.append)

    write = writer()
    batches = [([1, 2, 3, 4], [0.1, None, 0.9, 0.4]), ([5, 6, 7, 8], [0.3, 0.95, 0.2, 0.1])]
    for number, (names, scores) in enumerate(batches):
        for _ in range(2):  # Spark repeats a batch that it is not sure of
            write = writer() if restarted else write
            write(spark.createDataFrame(rows_of(names, scores)), number)
    assert sorted(alert["candid"] for alert in topic(tmp_path, BEST)) == [3, 6]
    assert sorted(alert["candid"] for alert in topic(tmp_path, ALL)) == list(range(1, 9))
    rows = annotated(tmp_path).set_index("alert_id")
    assert [n for n, names in rows["topics"].items() if BEST in names] == [3, 6]
    assert [report.topics[BEST] for report in told] == [1, 1, 1, 1]
