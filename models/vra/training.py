"""Learn all targets from a table of features and its labels, judge them, and write weights."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from skysift.models._metrics import Ranking
from skysift.models.vra import stored
from skysift.models.vra.importance import permutation_importance
from skysift.models.vra.labels import TARGETS, LabelMap
from skysift.models.vra.learner import OneClassError, TargetModel, learn

HELD_OUT = 0.3
"""Share of the objects that the figures are measured on."""


NOT_FEATURES = ("candid", "objectId", "jd", "status", "sherlock_class", "sherlock_status")
"""Columns of the table that say which alert it is, and where its numbers come from."""


def read_labelled(
    table: Path, labels: Path, column: str
) -> tuple[np.ndarray, list[str], list[str | None], np.ndarray]:
    """Read a table of features, and find the answer to each alert.

    Parameters
    ----------
    table : Path
        Parquet, as ``skysift data build vra`` writes it. Alerts whose ``status`` is not ``ok`` are
        passed over.
    labels : Path
        CSV with ``candid`` (a row an alert) or else ``objectId`` (a row an object).
    column : str
        Of the answers.

    Returns
    -------
    features, names, answers, objects
        As `train` takes them.

    Raises
    ------
    ValueError
        If a column is missing, or an alert or object has more than one row of labels.
    """
    alerts = pd.read_parquet(table)
    alerts = alerts[alerts["status"] == "ok"]
    answers = pd.read_csv(labels, dtype={"objectId": str})
    key = "candid" if "candid" in answers else "objectId"
    for name in (key, column):
        if name not in answers:
            raise ValueError(f"{labels} has no column {name!r}; it has: {', '.join(answers)}")
    if answers[key].duplicated().any():
        twice = answers[key][answers[key].duplicated()].iloc[0]
        raise ValueError(f"{labels} must have one row for each {key}. Got {twice} more than once")
    found = alerts[key].map(answers.set_index(key)[column])
    names = [name for name in alerts if name not in NOT_FEATURES]
    known = [None if pd.isna(answer) else str(answer) for answer in found]
    return alerts[names].to_numpy(np.float64), names, known, alerts["objectId"].to_numpy()


def train(
    features: np.ndarray,
    names: Sequence[str],
    answers: Sequence[str | None],
    objects: np.ndarray,
    output: Path,
    *,
    label_map: LabelMap,
    name: str,
    trained_on: str,
    labels: int,
    seed: int = 0,
) -> dict[str, Any]:
    """Learn each target that labels of both classes allow, and write ``NAME.skops``.

    Parameters
    ----------
    features : ndarray (n, d), float64
        NaN is missing.
    names : sequence of d str
        Of the features.
    answers : sequence of n str or None
        Of the label map; None is no answer. Alerts without one still tell how features spread.
    objects : ndarray (n,)
        Object of each alert. No object is both learned from and judged on, and of each at most one
        alert is learned from.
    output : Path
        Folder, made if absent; gets ``NAME.skops`` and ``NAME.json``.
    label_map : LabelMap
    name : str
    trained_on : str
        What the alerts are, in words.
    labels : int
        Labels that a target learns from, drawn at random; fewer if there are no more.
    seed : int

    Returns
    -------
    dict
        What the sidecar says: among it ``metrics`` by target, measured on the objects held out.

    Raises
    ------
    OneClassError
        If no target has labels of both classes.
    """
    rng = np.random.default_rng(seed)
    held_out = _held_out(objects, rng)
    chosen = _one_each(objects, rng) & ~held_out
    models: dict[str, TargetModel] = {}
    metrics: dict[str, dict[str, Any]] = {}
    for target in TARGETS:
        label = label_map.target(target, list(answers))
        rows = rng.permutation(np.flatnonzero(chosen & np.isfinite(label)))[:labels]
        try:
            models[target] = learn(
                features[rows], label[rows], target=target, background=features[~held_out],
                classes=label_map.classes(target), kinds=[answers[row] for row in rows], seed=seed,
            )  # fmt: skip
        except OneClassError:
            continue
        judged = held_out & np.isfinite(label)
        metrics[target] = _judge(models[target], features[judged], label[judged] == 1, names, rng)
        metrics[target]["labels"] = len(rows)
    if not models:
        raise OneClassError(f"no target of {', '.join(TARGETS)} has labels of both classes")
    facts = {
        "version": f"{name}-{'-'.join(model.version[-8:] for model in models.values())}",
        "trained_on": trained_on,
        "features": list(names),
        "metrics": metrics,
        "seed": seed,
    }
    output.mkdir(parents=True, exist_ok=True)
    stored.save(models, output / f"{name}{stored.SUFFIX}", facts)
    return facts


def _held_out(objects: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    known, inverse = np.unique(np.asarray(objects).astype(str), return_inverse=True)
    return (rng.random(len(known)) < HELD_OUT)[inverse]


def _one_each(objects: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Choose an alert of each object, by chance."""
    order = rng.permutation(len(objects))
    _, first = np.unique(np.asarray(objects).astype(str)[order], return_index=True)
    chosen = np.zeros(len(objects), dtype=bool)
    chosen[order[first]] = True
    return chosen


def _judge(
    model: TargetModel,
    features: np.ndarray,
    label: np.ndarray,
    names: Sequence[str],
    rng: np.random.Generator,
) -> dict[str, Any]:
    """Measure a target on alerts of objects that it has not seen; of one class there is no area."""
    counts = {"alerts": len(label), "positive": int(label.sum())}
    if label.all() or not label.any():
        return {**counts, "auc": None, "average_precision": None, "importance": {}}
    p = model.predict(features)[:, 1]
    auc, precision = Ranking(label, p).areas()
    importance = permutation_importance(model, features, label, names, rng)
    return {**counts, "auc": auc, "average_precision": precision, "importance": importance}
