"""Alerts with answers, read from tables: what queries and learners are compared on.

Two kinds of tables: those of the published ATLAS sample (``ATLAS_ID``; one row an object on day 1,
several on day N), and ours (``skysift data build vra``, with labels by candid or objectId).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from skysift.active_learning.learner import Fit
from skysift.active_learning.pool import Pool
from skysift.campaigns.oracles import ANSWER_COLUMNS
from skysift.campaigns.replaying import Contest, Task
from skysift.campaigns.vra.judging import wanted
from skysift.campaigns.vra.pool import space_of
from skysift.campaigns.vra.settings import MAPS, Settings
from skysift.models.vra import atlas
from skysift.models.vra.beliefs import Beliefs, read_beliefs
from skysift.models.vra.evaluation import aurak, evaluate, recall_at_rank
from skysift.models.vra.labels import LabelMap, read_label_map
from skysift.models.vra.learner import fitter
from skysift.models.vra.ranking import rank
from skysift.models.vra.training import read_labelled

TARGETS = ("gal", "real")
"""What the rank is made of."""

TITLES = {"gal_auc": "Galactic: AUC", "real_auc": "real: AUC", "aurak": "rank: AuRaK"}
"""What is measured, and its title in a figure."""

STEPS = 101
"""Of a curve of recall: shares 0, 0.01, … 1 of the alerts looked at."""

SCORES = ("rb_pix", "drb")
"""Features by which alerts are looked at where nothing is learned."""


@dataclass(frozen=True)
class Sample:
    """Alerts with their answers.

    Attributes
    ----------
    items, objects : ndarray (n,), object
        Name of each alert, and of what it is of.
    table : DataFrame (n, d) of float64
        Features.
    answers : ndarray (n,), object
        None where there is none.
    label_map : LabelMap
        What they mean.
    beliefs : Beliefs
        What is believed of the features before any answer.
    """

    items: np.ndarray
    objects: np.ndarray
    table: pd.DataFrame
    answers: np.ndarray
    label_map: LabelMap
    beliefs: Beliefs

    def __len__(self) -> int:
        """Count the alerts."""
        return len(self.items)

    def take(self, rows: np.ndarray) -> Sample:
        """Return some of the alerts, by places or by a mask."""
        return replace(
            self, items=self.items[rows], objects=self.objects[rows],
            table=self.table.iloc[rows], answers=self.answers[rows],
        )  # fmt: skip

    def label(self, target: str) -> np.ndarray:
        """Return the labels of a target, float64 (n,): 1, 0, or NaN."""
        return self.label_map.target(target, list(self.answers))

    def order(self) -> np.ndarray | None:
        """Return the survey's own real-bogus score (n,); None if there is none in the table."""
        names = [name for name in SCORES if name in self.table]
        return self.table[names[0]].fillna(-1).to_numpy() if names else None


def read_sample(table: Path, labels: Path, settings: Settings) -> Sample:
    """Read a table of features and its labels.

    Parameters
    ----------
    table : Path
        CSV of the ATLAS sample, or Parquet of ``skysift data build vra``.
    labels : Path
        CSV: ``ATLAS_ID`` and ``type``; or candid or objectId, and one of `ANSWER_COLUMNS`.
    settings : Settings
        Its label map, for our tables.

    Raises
    ------
    FileNotFoundError
        If one is not there.
    ValueError
        If columns are missing, or an answer is not in the label map.
    """
    for path in (table, labels):
        if not path.is_file():
            raise FileNotFoundError(f"there is no table {path}")
    if table.suffix == ".parquet":
        return _ours(table, labels, settings)
    if atlas.ID not in pd.read_csv(table, nrows=0):
        raise ValueError(
            f"{table} has no column {atlas.ID}: give a table of the ATLAS sample, or a .parquet "
            "file of `skysift data build vra`"
        )
    return _atlas(table, labels)


def contest(train: Sample, judged: Sample, fits: Mapping[str, Fit] | None = None) -> Contest:
    """Set up a replay: learn from one sample, be judged on another.

    Parameters
    ----------
    train, judged : Sample
        With the same features.
    fits : mapping of str to Fit, optional
        By target; by default ours.

    Raises
    ------
    ValueError
        If the features differ, or an object is in both samples.
    """
    _check(train, judged)
    features, shown = train.table.to_numpy(), judged.table.to_numpy()
    pool = Pool(train.items, train.objects, features, space_of(features))
    learned = fits or {target: _fitter(target, train) for target in TARGETS}
    tasks = {
        name: Task(_where(np.isfinite(train.label(name)), train.answers), fit)
        for name, fit in learned.items()
    }
    first = wanted(list(judged.answers), judged.label_map)
    labels = {name: judged.label(name) for name in tasks}
    return Contest(
        pool=pool,
        tasks=tasks,
        shown=shown,
        judge=_judge(first, labels),
        titles=TITLES,
        recall=lambda p: _recall(first, rank(p["real"], p["gal"])),
        levels=_levels(first, judged.order()),
    )


def read_contest(
    train: Path, train_labels: Path, validation: Path, validation_labels: Path, settings: Settings
) -> Contest:
    """Read the tables of a replay; alerts without an answer are not judged on."""
    judged = read_sample(validation, validation_labels, settings)
    known = np.array([answer is not None for answer in judged.answers], dtype=bool)
    return contest(read_sample(train, train_labels, settings), judged.take(known))


def _fitter(target: str, train: Sample) -> Fit:
    features, belief = train.table.to_numpy(), train.beliefs.of(target, list(train.table))
    return fitter(target, train.label_map, background=features, belief=belief)


def _where(known: np.ndarray, answers: np.ndarray) -> np.ndarray:
    """Keep the answers that say something; None stands for the others."""
    kept = np.full(len(answers), None, dtype=object)
    kept[known] = answers[known]
    return kept


def _judge(
    first: np.ndarray, labels: Mapping[str, np.ndarray]
) -> Callable[[Mapping[str, np.ndarray]], dict[str, float]]:
    def judge(p: Mapping[str, np.ndarray]) -> dict[str, float]:
        targets = {name: (label, p[name]) for name, label in labels.items()}
        figures = evaluate(first, rank(p["real"], p["gal"]), targets)
        return {name: figures[name] for name in TITLES}

    return judge


def _recall(first: np.ndarray, order: np.ndarray) -> np.ndarray:
    recall = np.append(0.0, recall_at_rank(first, order))
    return np.interp(np.linspace(0, 1, STEPS), np.linspace(0, 1, len(recall)), recall)


def _levels(first: np.ndarray, order: np.ndarray | None) -> dict[str, float]:
    return {} if order is None else {"aurak": aurak(first, order)}


def _check(train: Sample, judged: Sample) -> None:
    if list(train.table) != list(judged.table):
        differ = sorted(set(train.table) ^ set(judged.table))
        raise ValueError(f"the two tables must have the same features. They differ in: {differ}")
    both = sorted(set(train.objects) & set(judged.objects))
    if both:
        raise ValueError(
            f"no object may be learned from and judged on. Got {both[0]} and "
            f"{len(both) - 1} more in both tables"
        )


def _ours(table: Path, labels: Path, settings: Settings) -> Sample:
    label_map = settings.label_map()
    there = pd.read_csv(labels, nrows=0)
    column = next((name for name in ANSWER_COLUMNS if name in there), ANSWER_COLUMNS[0])
    features, names, answers, objects = read_labelled(table, labels, column)
    label_map.target(TARGETS[0], answers)  # refuses answers that the map does not have
    alerts = pd.read_parquet(table, columns=["candid", "status"])
    items = alerts["candid"][alerts["status"] == "ok"].astype(str).to_numpy(dtype=object)
    frame = pd.DataFrame(features, columns=names)
    known = np.array(answers, dtype=object)
    return Sample(items, objects.astype(object), frame, known, label_map, settings.believed())


def _atlas(table: Path, labels: Path) -> Sample:
    features = atlas.read_features(table)
    objects = features.index.astype(str).to_numpy(dtype=object)
    return Sample(
        items=_alert_names(objects, features),
        objects=objects,
        table=features,
        answers=atlas.read_types(labels, features.index),
        label_map=read_label_map(MAPS["atlas"]),
        beliefs=read_beliefs(atlas.BELIEFS),
    )


def _alert_names(objects: np.ndarray, features: pd.DataFrame) -> np.ndarray:
    """Name alerts by object; where it has several, by its day too, or else by number."""
    if len(set(objects)) == len(objects):
        return objects
    number = pd.Series(objects).groupby(objects).cumcount()
    days = features["dayN"].to_numpy() if "dayN" in features else number.to_numpy()
    names = np.array([f"{o}:{day:g}" for o, day in zip(objects, days, strict=True)], dtype=object)
    if len(set(names)) < len(names):
        names = np.array([f"{o}:{i}" for o, i in zip(objects, number, strict=True)], dtype=object)
    return names
