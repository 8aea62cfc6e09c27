"""Keep what a training measures: a CSV file in its output folder, and MLflow if wanted."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol

EXPERIMENT = "skysift"
"""MLflow's name for a group of runs."""

HISTORY = "{name}.history.csv"
"""In the output folder of a training: metrics of each epoch."""


class Tracker(Protocol):
    """Somewhere that metrics go."""

    def epochs(self, history: Sequence[Mapping[str, float]]) -> None:
        """Take the metrics of all epochs so far, the newest last."""
        ...

    def end(self) -> None:
        """Close the books."""
        ...


class CsvTracker:
    """A table with a line an epoch.

    Parameters
    ----------
    path : Path
        Written anew after each epoch, so that it is right after an interruption too.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def epochs(self, history: Sequence[Mapping[str, float]]) -> None:
        """Write the table."""
        text = io.StringIO()
        writer = csv.DictWriter(text, list(history[-1]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(history)
        self._path.write_text(text.getvalue(), encoding="utf-8")

    def end(self) -> None:
        """Do nothing: the table is complete after each epoch."""


class MlflowTracker:
    """An MLflow run; an interrupted one is continued.

    Parameters
    ----------
    uri : str
        The tracking server, or a store such as ``sqlite:////folder/mlflow.db``.
    name : str
        Of the run.
    fingerprint : str
        By which an interrupted run is found again.
    settings : mapping
        The run's parameters.

    Raises
    ------
    ImportError
        If MLflow is not installed.
    """

    def __init__(self, uri: str, name: str, fingerprint: str, settings: Mapping[str, Any]) -> None:
        try:
            from mlflow.tracking import MlflowClient
        except ImportError as error:
            raise ImportError(
                "tracking with MLflow needs it installed: pip install 'skysift[tracking]'"
            ) from error
        self._client = MlflowClient(uri)
        known = self._client.get_experiment_by_name(EXPERIMENT)
        place = known.experiment_id if known else self._client.create_experiment(EXPERIMENT)
        open_runs = self._client.search_runs(
            [place], f"tags.fingerprint = '{fingerprint}' and attributes.status = 'RUNNING'"
        )
        if open_runs:
            self._run = open_runs[0].info.run_id
        else:
            tags = {"fingerprint": fingerprint}
            self._run = self._client.create_run(place, tags=tags, run_name=name).info.run_id
            for key, value in settings.items():
                self._client.log_param(self._run, key, value)

    def epochs(self, history: Sequence[Mapping[str, float]]) -> None:
        """Log the newest epoch."""
        newest = dict(history[-1])
        step = int(newest.pop("epoch"))
        for key, value in newest.items():
            self._client.log_metric(self._run, key, value, step=step)

    def end(self) -> None:
        """Mark the run as finished."""
        self._client.set_terminated(self._run)


class Trackers:
    """Several at once."""

    def __init__(self, *trackers: Tracker) -> None:
        self._trackers = trackers

    def epochs(self, history: Sequence[Mapping[str, float]]) -> None:
        """Tell each of them."""
        for tracker in self._trackers:
            tracker.epochs(history)

    def end(self) -> None:
        """End each of them."""
        for tracker in self._trackers:
            tracker.end()


def open_books(settings: Any, output: Path, name: str, fingerprint: str, network: str) -> Tracker:
    """Open the books of a training: a CSV file always, MLflow if wanted.

    Parameters
    ----------
    settings : dataclass
        Of the training; its ``tracking`` is ``csv`` or ``mlflow``, its ``tracking_uri`` where to,
        by default a file in `output`.
    output : Path
        Folder; gets `HISTORY`.
    name, fingerprint, network : str
        Of the weights, the training and the network.
    """
    table = CsvTracker(output / HISTORY.format(name=name))
    if settings.tracking == "csv":
        return table
    uri = settings.tracking_uri or f"sqlite:///{(output / 'mlflow.db').resolve()}"
    facts = {"network": network, **asdict(settings)}
    return Trackers(table, MlflowTracker(uri, name, fingerprint, facts))
