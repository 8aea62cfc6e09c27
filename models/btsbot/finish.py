"""From a fitted network to weights that can be served: calibrated, gated, guarded, written."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from skysift.models import _calibration
from skysift.models.btsbot import gate, guard, networks
from skysift.models.btsbot.batches import Reader, outputs
from skysift.models.btsbot.config import Config
from skysift.models.btsbot.inputs import FEATURES, crop
from skysift.models.btsbot.training_set import TrainingSet

GUARDED_ON = 3000
"""Alerts of the validation part on which the guard is measured, at random: each is damaged many
times over."""


def finished(
    model: keras.Model,
    network: dict[str, Any],
    train: TrainingSet,
    validation: TrainingSet,
    config: Config,
) -> tuple[keras.Model, dict[str, Any]]:
    """Add to a network, in float32, what it needs besides its weights.

    Each step takes the network and the facts so far and adds to either. Only the gate learns from
    the train part; all else is chosen on the validation part. Order matters: the gate and the
    guard look at calibrated scores.

    Returns
    -------
    model : keras.Model
        To be saved.
    facts : dict
        For the sidecar.
    """
    name, crop = network["name"], config.training.crop
    p = outputs(model, Reader(validation, list(model.input), crop))
    facts: dict[str, Any] = {
        "network": network,
        "preprocessing": validation.preprocessing,
        "crop": crop,
        "features": list(FEATURES),
        "may_miss": list(networks.MAY_MISS.get(name, ())),
        "needs": ["host"] if "host" in model.input else [],
        "embedding": networks.EMBEDDING[name],
        "calibration": _calibrated(validation, p.mean(axis=1), config.calibration.method),
    }
    if config.guard.enabled and facts["may_miss"]:
        facts["guard"] = _guarded(model, facts, validation, config.training.seed)
    if config.gate.enabled and "metadata" in model.input:
        score = _calibration.apply(facts["calibration"], p.mean(axis=1))
        model, facts["gate"] = _gated(model, score, train, validation, config.training.seed)
    return model, facts


def _calibrated(validation: TrainingSet, p: np.ndarray, method: str) -> dict[str, Any] | None:
    """Fit the calibration on the mean of the heads; None if none is wanted."""
    return None if method == "none" else _calibration.fit(method, validation.label, p)


def _guarded(
    model: keras.Model, facts: dict[str, Any], validation: TrainingSet, seed: int
) -> dict[str, Any]:
    """Measure how far damage moves the calibrated score."""
    rng = np.random.default_rng(seed)
    rows = np.sort(rng.permutation(len(validation))[:GUARDED_ON])

    def score(triplet: np.ndarray, metadata: np.ndarray) -> np.ndarray:
        given = {"triplet": crop(triplet, facts["crop"]), "metadata": metadata}
        p = model.predict_on_batch({name: given[name] for name in model.input})
        return _calibration.apply(facts["calibration"], p.mean(axis=1))

    return guard.measure(
        score, validation.triplet(rows), validation.metadata[rows],
        may_miss=facts["may_miss"], rng=rng,
    )  # fmt: skip


def _gated(
    model: keras.Model,
    score: np.ndarray,
    train: TrainingSet,
    validation: TrainingSet,
    seed: int,
) -> tuple[keras.Model, dict[str, Any]]:
    """Train a gate, choose its threshold, and put it into the model."""
    small = gate.train_gate(
        train.metadata, train.label, validation.metadata, validation.label, seed=seed
    )
    facts = gate.choose_threshold(
        label=validation.label,
        gate=gate.probability(small, validation.metadata),
        score=score,
        magpsf=validation.table["magpsf"].to_numpy(),
        group=validation.group,
        kind=validation.table["class"].to_numpy(),
    )
    return gate.attach(model, small), {"settings": gate.settings_of(small), **facts}
