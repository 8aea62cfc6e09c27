"""From a fitted network to weights that can be served: calibrated, described, written."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import keras
import numpy as np

from skysift.models import _calibration
from skysift.models._weights import SUFFIX, sha256_of, write_sidecar
from skysift.models.btsbot import networks
from skysift.models.btsbot.batches import Reader, outputs
from skysift.models.btsbot.config import Config
from skysift.models.btsbot.inputs import FEATURES
from skysift.models.btsbot.training_set import TrainingSet


def finished(
    model: keras.Model, network: dict[str, Any], validation: TrainingSet, config: Config
) -> tuple[keras.Model, dict[str, Any]]:
    """Add to a network, in float32, what it needs besides its weights.

    Each step takes the network and the facts so far, on the validation part, and adds to either.
    Order matters: the gate and the guard look at calibrated scores.

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
        "embedding": networks.EMBEDDING[name],
        "calibration": _calibrated(validation, p.mean(axis=1), config.calibration.method),
    }
    return model, facts


def _calibrated(validation: TrainingSet, p: np.ndarray, method: str) -> dict[str, Any] | None:
    """Fit the calibration on the mean of the heads; None if none is wanted."""
    return None if method == "none" else _calibration.fit(method, validation.label, p)


def write(model: keras.Model, output: Path, name: str, facts: dict[str, Any]) -> dict[str, Any]:
    """Write NAME.keras, without the optimiser's state, and its sidecar NAME.json."""
    path = output / f"{name}{SUFFIX}"
    model.save(path)
    facts = {
        "version": f"{name}+{sha256_of(path)[:8]}",
        **facts,
        "created": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "keras": keras.__version__,
        "backend": keras.backend.backend(),
    }
    write_sidecar(path, facts)
    return facts
