"""Where metrics go."""

from __future__ import annotations

import sys

import pandas as pd
import pytest

from skysift.models._tracking import CsvTracker, MlflowTracker, Trackers

HISTORY = [{"epoch": 1, "loss": 0.5, "val_loss": 0.7}, {"epoch": 2, "loss": 0.25, "val_loss": 0.6}]


def test_the_table_has_a_line_an_epoch_however_often_it_is_written(tmp_path):
    tracker = Trackers(CsvTracker(tmp_path / "h.csv"))
    tracker.epochs(HISTORY[:1])
    tracker.epochs(HISTORY)
    tracker.end()
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "h.csv"), pd.DataFrame(HISTORY))


def test_without_mlflow_the_way_out_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "mlflow.tracking", None)
    with pytest.raises(ImportError, match=r"pip install 'skysift\[tracking\]'"):
        MlflowTracker("sqlite://", "it", "f", {})


def test_an_interrupted_mlflow_run_is_continued_and_a_finished_one_is_not(tmp_path):
    pytest.importorskip("mlflow", reason="MLflow is an extra: pip install 'skysift[tracking]'")
    from mlflow.tracking import MlflowClient

    uri = f"sqlite:///{tmp_path / 'mlflow.db'}"
    MlflowTracker(uri, "it", "abc", {"batch": 64}).epochs(HISTORY[:1])
    again = MlflowTracker(uri, "it", "abc", {"batch": 64})
    again.epochs(HISTORY)
    again.end()
    MlflowTracker(uri, "it", "abc", {"batch": 64})

    client = MlflowClient(uri)
    place = client.get_experiment_by_name("skysift").experiment_id
    runs = client.search_runs([place], order_by=["attributes.start_time"])
    assert [run.info.status for run in runs] == ["FINISHED", "RUNNING"]
    assert runs[0].data.params == {"batch": "64"}
    history = client.get_metric_history(runs[0].info.run_id, "val_loss")
    assert [(point.step, point.value) for point in history] == [(1, 0.7), (2, 0.6)]
