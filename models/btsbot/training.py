"""Train a network on labelled alerts: split by object, augment, stop early, judge, write."""

from __future__ import annotations

import os
from dataclasses import dataclass, fields
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import keras
import numpy as np

from skysift.models._weights import SUFFIX, sha256_of, write_sidecar
from skysift.models.btsbot.evaluation import evaluate
from skysift.models.btsbot.inputs import FEATURES
from skysift.models.btsbot.network import USED, build_compact, compress, is_missing

SHARES = {"train": 0.75, "validation": 0.10, "test": 0.15}
"""Of the objects of each class."""

LEARNING_RATE = 2e-3


@dataclass(frozen=True)
class Alerts:
    """Labelled alerts, ready for the network.

    Attributes
    ----------
    triplet : ndarray (n, 63, 63, 3), float
        From `inputs.triplets` with ``preprocessing="centred"``.
    metadata : ndarray (n, 25), float
        From `inputs.metadata`; −999 allowed, NaN not.
    label : ndarray (n,), bool
        True for a bright extragalactic transient.
    group : ndarray (n,)
        Object of each alert: all alerts of an object fall into the same part of the split.
    kind : ndarray (n,)
        Class of each alert's object, for the evaluation only; empty where unknown.
    """

    triplet: np.ndarray
    metadata: np.ndarray
    label: np.ndarray
    group: np.ndarray
    kind: np.ndarray

    def __post_init__(self) -> None:
        lengths = {field.name: len(getattr(self, field.name)) for field in fields(self)}
        if len(set(lengths.values())) != 1:
            raise ValueError(f"every array must have one entry an alert. Got: {lengths}")
        if self.label.all() or not self.label.any():
            raise ValueError(f"both classes are needed. Got: {self.label.sum()} positive alerts")

    def __len__(self) -> int:
        return len(self.label)

    def take(self, rows: np.ndarray) -> Alerts:
        """Return the alerts at `rows` (a mask or indices)."""
        return Alerts(*(getattr(self, field.name)[rows] for field in fields(self)))

    @property
    def network_inputs(self) -> dict[str, np.ndarray]:
        """What the networks take."""
        return {"triplet": self.triplet, "metadata": self.metadata}


def train(
    alerts: Alerts,
    output: str | os.PathLike[str],
    *,
    name: str,
    trained_on: str,
    seed: int,
    epochs: int = 60,
    batch: int = 128,
    patience: int = 10,
    verbose: int = 0,
) -> dict[str, Any]:
    """Train the compact network and write it with its sidecar.

    Parameters
    ----------
    alerts : Alerts
        Split by object into `SHARES`, each class on its own.
    output : path-like
        Folder; gets ``name.keras`` and ``name.json``.
    name, trained_on : str
        For the sidecar; `trained_on` must say plainly what the alerts are.
    seed : int
        Of the split, the start, the augmentation and the order.
    epochs, batch, patience : int
        At most so many passes, alerts per step, and passes without a better validation loss
        before it stops; the best is kept.
    verbose : int
        Keras' progress: 0 none, 1 bar, 2 line per epoch.

    Returns
    -------
    dict
        The sidecar's content; ``metrics`` are of the test objects, never seen in training.
    """
    rng = np.random.default_rng(seed)
    keras.utils.set_random_seed(seed)
    parts = {part: alerts.take(rows) for part, rows in split(alerts, rng=rng).items()}
    model = build_compact(*feature_statistics(parts["train"].metadata))
    history = _fit(model, parts, rng=rng, epochs=epochs, batch=batch, patience=patience,
                   verbose=verbose)  # fmt: skip
    test = parts["test"]
    score = model.predict(test.network_inputs, batch_size=256, verbose=0)[:, 0]
    facts = {
        "network": model.name,
        "preprocessing": "centred",
        "features": list(FEATURES),
        "trained_on": trained_on,
        "training": {
            "seed": seed,
            "epochs": len(history["loss"]),
            "alerts": {part: len(rows) for part, rows in parts.items()},
            "objects": {part: len(np.unique(rows.group)) for part, rows in parts.items()},
            "best_validation_loss": min(history["val_loss"]),
        },
        "metrics": evaluate(test.label, score, test.group, test.kind),
    }
    return _write(model, Path(output), name, facts)


def split(alerts: Alerts, *, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Part the objects of each class at random into `SHARES`.

    Returns
    -------
    dict of str to ndarray (n,), bool
        Masks of alerts.

    Raises
    ------
    ValueError
        If a class has too few objects for one in each part.
    """
    part_of: dict[Any, str] = {}
    for positive in (True, False):
        objects = rng.permutation(np.unique(alerts.group[alerts.label == positive]))
        cuts = np.rint(np.cumsum(list(SHARES.values()))[:-1] * len(objects)).astype(int)
        for part, members in zip(SHARES, np.split(objects, cuts), strict=True):
            if not len(members):
                raise ValueError(
                    f"the {part} part gets no {'positive' if positive else 'negative'} object: "
                    f"there are only {len(objects)}"
                )
            part_of.update(dict.fromkeys(members, part))
    parts = np.array([part_of[member] for member in alerts.group])
    return {part: parts == part for part in SHARES}


def feature_statistics(metadata: np.ndarray) -> tuple[list[float], list[float]]:
    """Return mean and variance of the compressed features that are not missing.

    Parameters
    ----------
    metadata : ndarray (n, 25), float

    Returns
    -------
    mean, variance : list of float (23,)
        Of the features that `build_compact` uses; variance 1 where a feature never varies.
    """
    used = metadata[:, USED]
    present = keras.ops.convert_to_numpy(is_missing(used)) == 0
    values = np.where(present, keras.ops.convert_to_numpy(compress(used)), np.nan)
    known = present.any(axis=0)
    mean, variance = np.zeros(len(USED)), np.ones(len(USED))
    mean[known] = np.nanmean(values[:, known], axis=0, dtype=np.float64)
    variance[known] = np.nanvar(values[:, known], axis=0, dtype=np.float64)
    variance[variance == 0] = 1.0
    return mean.tolist(), variance.tolist()


def class_weights(label: np.ndarray) -> np.ndarray:
    """Weigh each alert by 1 / number of its class, scaled so that the rarer class weighs 1."""
    positives = np.count_nonzero(label)
    counts = np.where(label, positives, len(label) - positives)
    return (counts.min() / counts).astype(np.float32)


def flip_and_turn(triplet: np.ndarray, *, rng: np.random.Generator) -> np.ndarray:
    """Show each alert's stamps in one of the eight orientations of a square, at random.

    Parameters
    ----------
    triplet : ndarray (n, side, side, channels)
        Not changed.
    """
    turned = np.empty_like(triplet)
    orientation = rng.integers(8, size=len(triplet))
    for which in range(8):
        rows = np.flatnonzero(orientation == which)
        stamps = np.rot90(triplet[rows], which % 4, axes=(1, 2))
        turned[rows] = stamps[:, ::-1] if which >= 4 else stamps
    return turned


class Batches(keras.utils.PyDataset):
    """Augmented batches of alerts, in a new order each epoch."""

    def __init__(self, alerts: Alerts, *, batch: int, rng: np.random.Generator) -> None:
        super().__init__()
        self.alerts = alerts
        self.weights = class_weights(alerts.label)
        self.batch = batch
        self.rng = rng
        self.on_epoch_end()

    def __len__(self) -> int:
        return -(-len(self.alerts) // self.batch)

    def __getitem__(self, index: int) -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]:
        rows = self.order[index * self.batch : (index + 1) * self.batch]
        inputs = {
            "triplet": flip_and_turn(self.alerts.triplet[rows], rng=self.rng),
            "metadata": self.alerts.metadata[rows],
        }
        return inputs, self.alerts.label[rows, None].astype(np.float32), self.weights[rows]

    def on_epoch_end(self) -> None:
        """Shuffle."""
        self.order = self.rng.permutation(len(self.alerts))


def _fit(
    model: keras.Model,
    parts: dict[str, Alerts],
    *,
    rng: np.random.Generator,
    epochs: int,
    batch: int,
    patience: int,
    verbose: int,
) -> dict[str, list[float]]:
    """Train in place, leaving the best weights; return the losses."""
    validation = parts["validation"]
    model.compile(optimizer=keras.optimizers.Adam(LEARNING_RATE), loss="binary_crossentropy")
    history = model.fit(
        Batches(parts["train"], batch=batch, rng=rng),
        validation_data=(
            validation.network_inputs,
            validation.label[:, None].astype(np.float32),
            class_weights(validation.label),
        ),
        epochs=epochs,
        verbose=verbose,
        callbacks=[
            keras.callbacks.EarlyStopping(patience=patience, restore_best_weights=True),
            keras.callbacks.ReduceLROnPlateau(factor=0.4, patience=max(1, patience // 3)),
        ],
    )
    return history.history


def _write(model: keras.Model, output: Path, name: str, facts: dict[str, Any]) -> dict[str, Any]:
    """Write the network, without the optimiser's state, and its sidecar."""
    output.mkdir(parents=True, exist_ok=True)
    path = output / f"{name}{SUFFIX}"
    bare = keras.Model.from_config(model.get_config())
    bare.set_weights(model.get_weights())
    bare.save(path)
    facts = {
        "version": f"{name}+{sha256_of(path)[:8]}",
        **facts,
        "created": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "keras": keras.__version__,
        "backend": keras.backend.backend(),
    }
    write_sidecar(path, facts)
    return facts
