"""BTSbot scoring against Keras' ``predict``, alert by alert (as Kowalski does) and in batches."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks import _alerts
from benchmarks._timing import Side, UnequalError, compare
from skysift.alerts.batch import AlertBatch
from skysift.models import _calibration, btsbot
from skysift.models._presets import default_weights
from skysift.models._weights import read_weights
from skysift.models.btsbot.importing import import_published
from skysift.science_modules import get
from skysift.science_modules.btsbot import model_inputs

EACH, BATCHES = "model.predict, alert by alert", "model.predict(batch_size=256)"
TARGETS = {EACH: 20.0, BATCHES: 1.0}
TOLERANCE = 1e-5
HALF_TOLERANCE = 1e-3
"""Of scores in half precision, which the published network runs in where that is faster."""

FEW = 32
"""Alerts that are scored one by one: `predict` takes tens of milliseconds for each."""


def run(night: Path, *, count: int = 512, turns: int = 5) -> list[dict[str, object]]:
    """Time each way on the same inputs.

    Parameters
    ----------
    night : Path
        Folder of simulated packets.
    count : int
        Alerts to take from it; those that cannot be scored are left out.
    turns : int
    """
    shipped = default_weights(Path(btsbot.__file__).parent)
    rows = _race("the shipped network", shipped, night, count, turns)
    if not _alerts.PUBLISHED.is_dir():
        return rows
    with tempfile.TemporaryDirectory() as folder:
        published = import_published(_alerts.PUBLISHED, folder)
        return rows + _race("the published network", published, night, count, turns)


def _race(what: str, weights: Path, night: Path, count: int, turns: int) -> list[dict[str, object]]:
    scorer = btsbot.load(weights)  # starts Keras, which `stored` imports
    arrays = scorable(night, count, scorer)
    predict = _predict(weights)
    n = len(arrays["metadata"])
    few = min(FEW, n)
    one_by_one = [{name: a[i : i + 1] for name, a in arrays.items()} for i in range(few)]

    def each() -> np.ndarray:
        return np.concatenate([predict(row, batch_size=1) for row in one_by_one])

    def batches() -> np.ndarray:
        return predict(arrays, batch_size=256)

    def ours() -> np.ndarray:
        return scorer.score(**arrays)["score"]

    exact = scorer.score(**arrays, exact=True)["score"]
    _check(max(_difference(each(), exact[:few]), _difference(batches(), exact)), TOLERANCE)
    worst = _difference(batches(), ours())
    _check(worst, HALF_TOLERANCE)
    today = {EACH: Side(each, few), BATCHES: Side(batches, n)}
    rows = compare(f"{n} alerts, {what}", Side(ours, n), today, turns=turns, targets=TARGETS)
    return [{**row, "largest difference": worst} for row in rows]


def _predict(weights: Path) -> Callable[..., np.ndarray]:
    """Make ``predict(arrays, batch_size)`` of Keras' own, with the calibration of the weights."""
    import keras

    from skysift.models.btsbot.stored import rebuild

    stored = read_weights(weights)
    network = rebuild(stored)
    heads = network.output["heads"] if isinstance(network.output, dict) else network.output
    model = keras.Model(network.input, heads)

    def predict(arrays: dict[str, np.ndarray], batch_size: int) -> np.ndarray:
        p = model.predict(arrays, batch_size=batch_size, verbose=0)
        return _calibration.apply(stored.facts.get("calibration"), p.mean(axis=1))

    return predict


def scorable(night: Path, count: int, scorer: btsbot.Scorer) -> dict[str, np.ndarray]:
    """Build the inputs of the alerts that can be scored."""
    wanted = get("btsbot").columns
    batch = AlertBatch(_alerts.decode_packets(_alerts.read_packets(night, count), wanted))
    columns = {name: batch.column(name) for name in wanted}
    stamps, light_curve = columns.pop("stamps"), columns.pop("light_curve")
    triplet, metadata, status, _ = model_inputs(
        stamps,
        light_curve,
        columns,
        preprocessing=scorer.preprocessing,
        may_miss=scorer.may_miss,
    )
    good = status == "ok"
    return {"triplet": triplet[good], "metadata": metadata[good]}


def _difference(theirs: np.ndarray, ours: np.ndarray) -> float:
    return float(np.abs(theirs - ours).max())


def _check(difference: float, tolerance: float) -> None:
    if not difference <= tolerance:
        raise UnequalError(f"scores differ by {difference}")
