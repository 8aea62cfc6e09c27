"""``skysift train``: from packets and a truth table to weights that load."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from skysift.cli.labelled import read_labelled, read_truth
from skysift.cli.main import app
from skysift.models.btsbot import load
from skysift.simulate import write_night

MIX = {"supernova": 0.5, "agn": 0.5}


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("night")
    write_night(90, 3, folder, mix=MIX, workers=1)
    return folder


def test_alerts_meet_their_labels_by_object(night):
    arrays, left_out = read_labelled(night / "packets", night / "truth.csv")
    truth = pd.read_csv(night / "truth.csv").drop_duplicates("objectId").set_index("objectId")
    assert len(arrays["label"]) + sum(left_out.values()) == 90
    assert arrays["triplet"].shape[1:] == (63, 63, 3)
    np.testing.assert_array_equal(arrays["label"], truth["label"][arrays["group"]] == 1)
    np.testing.assert_array_equal(arrays["kind"], truth["class"][arrays["group"]])


def test_csv_and_parquet_tell_the_same_truth(night, tmp_path):
    pd.read_csv(night / "truth.csv").to_parquet(tmp_path / "truth.parquet")
    pd.testing.assert_frame_equal(
        read_truth(night / "truth.csv"), read_truth(tmp_path / "truth.parquet")
    )


def test_alerts_without_a_label_are_counted_and_left_out(night, tmp_path):
    truth = pd.read_csv(night / "truth.csv")
    gone = truth["objectId"].unique()[:2]
    kept = truth[~truth["objectId"].isin(gone)][["objectId", "label"]]
    kept.to_csv(tmp_path / "truth.csv", index=False)
    arrays, left_out = read_labelled(night / "packets", tmp_path / "truth.csv")
    assert left_out["object not in the truth table"] == truth["objectId"].isin(gone).sum()
    assert set(arrays["group"]).isdisjoint(gone)
    assert set(arrays["kind"]) == {""}


@pytest.mark.parametrize(
    ("table", "complaint"),
    [
        ({"objectId": ["a"], "class": ["agn"]}, "has no column 'label'; it has: objectId, class"),
        ({"objectId": ["a", "b"], "label": [0, 2]}, r"must be 0 or 1\. Got: \[0 2\]"),
        ({"objectId": ["a", "a"], "label": [0, 1]}, "objects with two labels in .*: a"),
    ],
)
def test_a_truth_table_that_makes_no_sense_is_refused(tmp_path, table, complaint):
    pd.DataFrame(table).to_csv(tmp_path / "truth.csv", index=False)
    with pytest.raises(ValueError, match=complaint):
        read_truth(tmp_path / "truth.csv")


def test_a_truth_of_other_objects_is_refused(night, tmp_path):
    pd.DataFrame({"objectId": ["a"], "label": [0]}).to_csv(tmp_path / "truth.csv", index=False)
    with pytest.raises(ValueError, match=r"no alert in .* can be trained on"):
        read_labelled(night / "packets", tmp_path / "truth.csv")


def test_the_command_writes_weights_that_load_and_say_what_they_learned_from(night, tmp_path):
    done = CliRunner().invoke(
        app,
        ["train", "btsbot", "--alerts", str(night / "packets"), "--truth", str(night / "truth.csv"),
         "--output", str(tmp_path), "--epochs", "1", "--name", "mine", "--trained-on", "my alerts"],
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    scorer = load(tmp_path / "mine.keras")
    assert scorer.trained_on == "my alerts"
    assert scorer.version.startswith("mine+")
