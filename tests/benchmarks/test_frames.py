"""The benchmarks of Tails run on little, and are no result where nothing is found."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks import _alerts, bench_comets, bench_frames, comet_alerts
from benchmarks._timing import UnequalError
from skysift.simulate import write_night

SIDE = 512
"""Of the frame [px]: nine tiles."""


def test_a_frame_is_searched_by_all_and_in_a_process_of_its_own(tmp_path: Path) -> None:
    rows = bench_frames.run(tmp_path, side=SIDE, turns=1, folder=tmp_path)
    assert {row["today"] for row in rows} == {bench_frames.PREDICT, bench_frames.LOOP}
    for row in rows:
        assert row["what"] == "a frame of 512 × 512, 9 tiles"
        assert 100 < float(str(row["peak MiB"])) < 10_000
    nothing = {"x": np.empty(0), "y": np.empty(0)}
    with pytest.raises(UnequalError, match="0 of"):
        bench_frames._check(nothing, tmp_path / f"frame-{SIDE}")


def test_the_module_is_timed_from_the_packets_on(tmp_path: Path) -> None:
    night = _alerts.simulated_night(4, tmp_path)
    (row,) = bench_comets.run(night, count=4, turns=1)
    assert row["what"] == "4 alerts, shipped weights"
    assert float(str(row["µs of one core"])) > 0


def test_of_a_night_every_alert_is_counted_by_its_class(tmp_path: Path) -> None:
    write_night(6, 2, tmp_path / "night", comets=4)
    rows = {row["class"]: row for row in comet_alerts.run(tmp_path / "night", real=tmp_path / "no")}
    assert sum(int(str(row["alerts"])) for row in rows.values()) == 10
    comets = rows["comet"]
    assert comets["alerts"] == comets["scored"] == 4
    assert int(str(comets["kept"])) >= 2
    assert 0 < float(str(comets["median offset [arcsec]"])) < 3
