"""Rounds in MLflow, in a real SQLite store."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from skysift.active_learning.rounds import Rounds
from skysift.active_learning.tracking import MlflowTracker
from tests.active_learning.killed_loop import step

mlflow = pytest.importorskip("mlflow", reason="MLflow is an extra: pip install 'skysift[tracking]'")


@pytest.fixture(scope="module")
def rounds(tmp_path_factory):
    folder = tmp_path_factory.mktemp("campaign")
    for _ in range(3):
        step(folder)
    kept = Rounds(folder / "rounds")
    return [kept.get(number) for number in kept.numbers()]


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return tmp_path_factory.mktemp("tracked")


@pytest.fixture
def experiment(request):
    """Return an experiment of the test's own: a new store would take many seconds."""
    return request.node.name


def runs(store, experiment):
    """Return the store's client, and the experiment's runs by name."""
    client = mlflow.tracking.MlflowClient(f"sqlite:///{store / 'mlflow.db'}")
    found = client.search_runs([client.get_experiment_by_name(experiment).experiment_id])
    assert len({run.info.run_name for run in found}) == len(found)
    return client, {run.info.run_name: run for run in found}


def test_a_run_holds_what_the_round_does(rounds, store, experiment, tmp_path):
    MlflowTracker(experiment, store).update(rounds)
    client, found = runs(store, experiment)
    assert sorted(found) == ["learning curve", "round_0000", "round_0001", "round_0002"]
    run, last = found["round_0002"], rounds[2]
    assert run.info.status == "FINISHED"
    assert run.data.params["train"] == "20"
    assert run.data.params["plan.query"] == "margin:k_means"
    assert run.data.params["data_sha256"] == last.parameters["data_sha256"]
    assert run.data.metrics == last.metrics and run.data.metrics["rows"] == 12
    assert run.info.start_time == int(last.created.timestamp() * 1000)
    copy = client.download_artifacts(run.info.run_id, "model/logistic.json", str(tmp_path))
    assert Path(copy).read_text() == (last.model / "logistic.json").read_text()
    assert {one.path for one in client.list_artifacts(run.info.run_id)} == {
        "ids.csv",
        "model",
        "predictions.csv",
        "round.json",
    }


def test_the_run_above_holds_the_learning_curves(rounds, store, experiment):
    for seen in (1, 3):  # a round at a time, and what was missed
        MlflowTracker(experiment, store).update(rounds[:seen])
    client, found = runs(store, experiment)
    above = found["learning curve"].info.run_id
    curve = client.get_metric_history(above, "rows")
    assert sorted((point.step, point.value) for point in curve) == [
        (one.number, one.metrics["rows"]) for one in rounds
    ]
    below = [run for name, run in found.items() if name.startswith("round")]
    assert {run.data.tags["mlflow.parentRunId"] for run in below} == {above}


def test_what_a_crash_left_half_logged_is_logged_again(rounds, store, experiment, monkeypatch):
    tracker = MlflowTracker(experiment, store)

    def crash(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(tracker._client, "log_artifacts", crash)
        tracker.update(rounds[:1])
    MlflowTracker(experiment, store).update(rounds[:1])
    client, found = runs(store, experiment)
    assert found["round_0000"].info.status == "FINISHED"
    assert client.list_artifacts(found["round_0000"].info.run_id)
    assert len(client.get_metric_history(found["learning curve"].info.run_id, "rows")) == 1


def test_without_mlflow_the_way_out_is_told(monkeypatch, store):
    monkeypatch.setitem(sys.modules, "mlflow.tracking", None)
    with pytest.raises(ImportError, match=r"pip install 'skysift\[tracking\]'"):
        MlflowTracker("toy", store)
