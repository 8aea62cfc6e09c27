"""Evaluation of Tails: counts and errors worked out by hand, and a whole report."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from skysift.models.tails.evaluation import counts, judge, places
from skysift.models.tails.matching import COMET, NOTHING, UNCLEAR, Matched
from tests.models.tails_frames import make_set

FRAMES = pd.DataFrame({"id": ["a", "b"], "height": [492, 256], "width": [256, 256]})
"""Three tiles: two and one."""


def made_up():
    """Four comets that count, one of them faint and one missed; one that does not; three faults."""
    comets = pd.DataFrame(
        {
            "frame": [0, 0, 0, 1, 1],
            "x": 10.0, "y": 20.0, "size": 2.0,
            "mag": [15.0, 18.2, 20.2, 18.9, 19.0],
            "coma": [3.0, 10.0, 10.0, 20.0, 5.0],
            "counted": [True, True, True, True, False],
            "score": [0.9, 0.6, 0.3, np.nan, 0.95],
        }
    )  # fmt: skip
    detections = pd.DataFrame(
        {
            "frame": [0, 0, 0, 1, 0, 0, 1],
            "score": [0.9, 0.6, 0.3, 0.95, 0.7, 0.2, 0.1],
            "is": [COMET, COMET, COMET, UNCLEAR, NOTHING, NOTHING, NOTHING],
            "comet": [0, 1, 2, 4, -1, -1, -1],
            "x": [13.0, 10.0, 10.0, 0, 0, 0, 0],
            "y": [24.0, 30.0, 20.0, 0, 0, 0, 0],
            "sigma": 3.5, "mag": [15.5, 18.2, 20.0, 0, 0, 0, 0], "size": 2.0,
        }
    )  # fmt: skip
    return Matched(detections, comets)


def test_recall_and_false_positives_against_the_threshold():
    table = counts.curve(made_up(), FRAMES).set_index("threshold")
    assert counts.tiles_of(FRAMES) == 3
    assert table.loc[0.6, "recall"] == pytest.approx(2 / 4)
    assert table.loc[0.6, "recall_bright"] == pytest.approx(2 / 3)
    assert table.loc[0.3, "recall"] == pytest.approx(3 / 4)
    assert table.loc[0.7, ["fnr", "false_per_tile", "false_per_frame"]].tolist() == pytest.approx(
        [2 / 3, 1 / 3, 1 / 2]
    )
    assert table.loc[0.1, "false_per_tile"] == pytest.approx(1.0)
    assert table.index.is_monotonic_decreasing


def test_the_allowed_threshold_lies_above_what_is_not_allowed(monkeypatch):
    matched = made_up()
    assert counts.allowed_threshold(matched, FRAMES) == pytest.approx(0.7)
    at = counts.at(matched, FRAMES, counts.allowed_threshold(matched, FRAMES))
    assert at["false_positives"] == 0
    monkeypatch.setattr(counts, "PER_TILE", 0.34)  # one in three tiles
    allowed = counts.at(matched, FRAMES, counts.allowed_threshold(matched, FRAMES))
    assert allowed["false_positives"] == 1
    monkeypatch.setattr(counts, "PER_TILE", 2.0)
    assert counts.allowed_threshold(matched, FRAMES) == pytest.approx(0.1)


def test_recall_in_bins_counts_what_counts():
    at = counts.at(made_up(), FRAMES, 0.5)
    told = {(b["from"], b["to"]): (b["comets"], b["value"]) for b in at["by_magnitude"]}
    assert told == {
        (15.0, 16.0): (1, 1.0), (18.0, 18.5): (1, 1.0), (18.5, 19.0): (1, 0.0),
        (20.0, 20.5): (1, 0.0),
    }  # fmt: skip
    assert sum(b["comets"] for b in at["by_coma"]) == 4
    assert at["recall"]["low"] <= 0.5 <= at["recall"]["high"]


def test_bright_comets_are_also_counted_whether_they_count_or_not():
    at = counts.at(made_up(), FRAMES, 0.8)
    assert (at["recall_bright"]["comets"], at["recall_bright_any"]["comets"]) == (3, 4)
    assert at["recall_bright"]["value"] == pytest.approx(1 / 3)
    assert at["recall_bright_any"]["value"] == pytest.approx(2 / 4)


def test_the_radial_error_is_a_true_one():
    """Errors (3, 4) and (0, 10): the published figure says 4.25, the radial RMSE is 7.9."""
    table = places.pairs(made_up(), 0.5)
    assert table[["dx", "dy"]].to_numpy().tolist() == [[3, 4], [0, 10]]
    report = places.place_report(table)
    assert report["radial_rmse"]["value"] == pytest.approx(np.sqrt((25 + 100) / 2))
    assert report["axis_error"] == pytest.approx(4.25)
    assert report["within_sigma"] == pytest.approx(2 / 4)
    assert report["mag_bias"] == pytest.approx(0.25)
    nothing = places.place_report(places.pairs(made_up(), 0.99))
    assert np.isnan(nothing["radial_rmse"]["value"])


class Knowing:
    """A scorer that knows the comets of a set, and adds one fault a frame."""

    def __init__(self, frames):
        self._truth = iter(
            [frames.comets[frames.comets["id"] == name] for name in frames.frames["id"]]
        )

    def detect(self, images, *, threshold, zeropoint):
        truth = next(self._truth)
        count = len(truth)
        columns = {
            "score": [0.9] * count + [0.4], "x": [*truth["x"] + 0.3, 1.0],
            "y": [*truth["y"] - 0.4, 1.0], "sigma": [0.5] * (count + 1),
            "mag": [*truth["mag"], 18.0], "size": [*truth["size"], 2.0],
        }  # fmt: skip
        return {name: np.array(column, np.float32) for name, column in columns.items()}


def test_a_whole_report(tmp_path):
    frames = make_set(tmp_path / "set")
    done = []
    report = judge(
        frames, Knowing(frames), tmp_path / "report", about={"weights": {"version": "1"}},
        progress=done.append,
    )  # fmt: skip
    assert done == list(range(1, 11))
    assert json.loads((tmp_path / "report" / "report.json").read_text()) == report
    assert (report["frames"], report["tiles"], report["comets"]) == (10, 10, 20)
    assert report["at_half"]["recall"]["value"] == 1
    assert report["at_half"]["false_positives"] == 0
    assert report["places"]["radial_rmse"]["value"] == pytest.approx(0.5, abs=0.01)
    assert report["weights"] == {"version": "1"}
    assert report["calibration"]["detections"] == 30
    names = sorted(path.name for path in (tmp_path / "report").iterdir())
    assert names == [
        "comets.parquet", "curve.csv", "detections.parquet", "evaluation.pdf", "evaluation.png",
        "report.json",
    ]  # fmt: skip


def test_nothing_to_judge_is_said(tmp_path):
    frames = make_set(tmp_path / "set", frames=2)
    with pytest.raises(ValueError, match="there is no frame to judge"):
        judge(frames.part("test"), Knowing(frames), tmp_path, about={})
