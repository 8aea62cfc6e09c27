"""Finished rounds in MLflow: for those who compare runs in its pages, or share a server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from skysift.active_learning._files import digest
from skysift.active_learning.rounds import MANIFEST, Round

STORE = "mlflow.db"
FILES = "mlflow_files"

ROUND = "skysift.round_sha256"
"""Tag of a round's run: by its manifest's digest a round is known again."""

CURVE = "skysift.curve"
"""Tag of the run over all rounds."""

PARENT = "mlflow.parentRunId"
"""MLflow's own tag of a run that belongs under another."""


class RoundTracker(Protocol):
    """Somewhere else that wants to hear of finished rounds."""

    def update(self, rounds: Sequence[Round]) -> None:
        """Take over those rounds that it does not have yet, in their order."""
        ...


class MlflowTracker:
    """MLflow's store: a run for each round, under one that holds the learning curves.

    A round's run has the round's parameters, metrics and files. In the run above it, each metric
    is a curve over the rounds.

    Parameters
    ----------
    experiment : str
        MLflow's name for a group of runs; the campaign's, say.
    where : str or Path
        The address of a tracking server; or a folder, in which a SQLite store is kept.

    Raises
    ------
    ImportError
        If MLflow is not installed.
    """

    def __init__(self, experiment: str, where: str | Path) -> None:
        try:
            from mlflow.tracking import MlflowClient
        except ImportError as error:
            raise ImportError(
                "tracking with MLflow needs it installed: pip install 'skysift[tracking]'"
            ) from error
        uri, files = _store(where)
        self._client = MlflowClient(uri)
        known = self._client.get_experiment_by_name(experiment)
        self._experiment: str = (
            known.experiment_id
            if known
            else self._client.create_experiment(experiment, artifact_location=files)
        )

    def update(self, rounds: Sequence[Round]) -> None:
        """Log the rounds that have no finished run; one that a crash left half-logged is redone."""
        curve = self._curve()
        for finished in rounds:
            sha256 = digest(finished.folder / MANIFEST)
            runs = self._runs(f"tags.`{ROUND}` = '{sha256}'")
            if any(run.info.status == "FINISHED" for run in runs):
                continue
            for run in runs:
                self._client.delete_run(run.info.run_id)
            self._log_metrics(curve, finished, step=finished.number)
            self._log(finished, {ROUND: sha256, PARENT: curve})
        self._client.set_terminated(curve)

    def _log(self, finished: Round, tags: Mapping[str, str]) -> None:
        name = f"round_{finished.number:04d}"
        run = self._client.create_run(
            self._experiment, start_time=_milliseconds(finished), tags=dict(tags), run_name=name
        ).info.run_id
        for key, value in _flat(finished.parameters):
            self._client.log_param(run, key, value)
        self._log_metrics(run, finished, step=0)
        self._client.log_artifacts(run, str(finished.folder))
        self._client.set_terminated(run)

    def _log_metrics(self, run: str, finished: Round, step: int) -> None:
        """Log under the round's own time: a metric logged twice is one."""
        for key, value in finished.metrics.items():
            self._client.log_metric(run, key, value, _milliseconds(finished), step)

    def _curve(self) -> str:
        """Find the run over all rounds, or make it."""
        known = self._runs(f"tags.`{CURVE}` = 'yes'")
        if known:
            return known[0].info.run_id
        made = self._client.create_run(
            self._experiment, tags={CURVE: "yes"}, run_name="learning curve"
        )
        return made.info.run_id

    def _runs(self, condition: str) -> Sequence[Any]:
        return self._client.search_runs([self._experiment], condition)


def _store(where: str | Path) -> tuple[str, str | None]:
    """Return MLflow's address of a store, and of its files; None if a server decides."""
    if "://" in str(where):
        return str(where), None
    folder = Path(where).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{folder / STORE}", (folder / FILES).as_uri()


def _milliseconds(finished: Round) -> int:
    return int(finished.created.timestamp() * 1000)


def _flat(parameters: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    """List parameters; those in a mapping by ``mapping.name``."""
    flat: list[tuple[str, Any]] = []
    for key, value in parameters.items():
        if isinstance(value, Mapping):
            flat += _flat(value, f"{prefix}{key}.")
        else:
            flat.append((prefix + key, value))
    return flat
