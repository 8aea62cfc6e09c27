"""Each benchmark runs on a handful of alerts; it raises by itself where the two sides differ."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchmarks import _alerts, _report, bench_avro, bench_job, bench_scoring, bench_stamps
from benchmarks._timing import Side, UnequalError, take_turns

FEW = 12


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _alerts.simulated_night(FEW, tmp_path_factory.mktemp("bench"))


def test_stamps_decode_to_the_same_bits(night: Path) -> None:
    rows = bench_stamps.run(night, count=4, turns=1)
    assert {row["today"] for row in rows} >= set(bench_stamps.ZTF_WAYS)


def test_avro_columns_hold_what_fastavro_reads(night: Path) -> None:
    rows = bench_avro.run(night, count=FEW, turns=1)
    assert {row["today"] for row in rows} == {bench_avro.PLAIN, bench_avro.SCHEMALESS}


def test_scores_are_those_of_predict(night: Path) -> None:
    rows = bench_scoring.run(night, count=FEW, turns=1)
    assert max(float(str(row["largest difference"])) for row in rows) <= bench_scoring.TOLERANCE


def test_the_job_accounts_for_every_alert(night: Path) -> None:
    (row,) = bench_job.run(night, counts=(FEW,))
    assert row["alerts"] == FEW
    assert not list(night.parent.glob("tmp*")), "nothing is left behind"


def test_a_job_that_loses_or_doubles_an_alert_is_no_result(tmp_path: Path) -> None:
    folder = tmp_path / "annotated" / "batch=0"
    folder.mkdir(parents=True)
    pq.write_table(pa.table({"alert_id": [1, 2, 2]}), folder / "part.parquet")
    for count in (3, 4):
        with pytest.raises(UnequalError, match=f"3 of {count}"):
            bench_job._check(tmp_path, count, "")


def test_other_pixels_are_no_result(monkeypatch: pytest.MonkeyPatch, night: Path) -> None:
    zeros = np.zeros((63, 63), np.float32)
    monkeypatch.setattr(bench_stamps, "decode_stamps", lambda blobs: [zeros] * len(blobs))
    with pytest.raises(UnequalError, match="stamp 0"):
        bench_stamps.run(night, count=1, turns=1)


def test_sides_take_turns() -> None:
    seen: list[str] = []
    sides = {name: Side(lambda name=name: seen.append(name), 1) for name in "ab"}
    take_turns(sides, 2)
    assert seen == ["a", "b", "a", "b", "a", "b"]


def test_results_are_kept_with_machine_and_command(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(_report, "RESULTS", tmp_path / "results")
    rows = [{"what": "stamps", "ratio": 12.345, "alerts": 9600, "target": None}]
    text = _report.save("x", "python -m benchmarks x", _report.machine(), {"x": rows}).read_text()
    assert "| stamps | 12.3 | 9,600 |  |" in text
    assert "# `python -m benchmarks x`" in text
    assert "- cores: " in text and "- load at start: " in text
    assert (tmp_path / "results" / "x.json").is_file()
