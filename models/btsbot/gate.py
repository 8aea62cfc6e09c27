"""The gate: a small network of the features alone that settles clear negatives.

It runs before any stamp is decoded. Once a network is fitted::

    gate = train_gate(train.metadata, train.label, validation.metadata, validation.label, seed=2)
    table = validation.table
    facts["gate"] = {
        "settings": settings_of(gate),
        **choose_threshold(
            label=validation.label,
            gate=probability(gate, validation.metadata),
            score=score,
            magpsf=table["magpsf"],
            group=validation.group,
            kind=table["class"],
        ),
    }
    model = attach(model, gate)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from skysift.models.btsbot.inputs import FEATURES
from skysift.models.btsbot.networks.compact import USED, feature_statistics, normalise

WIDTHS = (64, 32)
"""Of the two hidden layers."""

LEARNING_RATE = 2e-3

SCORED_AS_POSITIVE = 0.5
"""Score from which the published policies call an alert a bright transient."""

LOSS = 0.001
"""The completeness, of alerts and of sources, that settling alerts may cost at most."""

FAINT_LIMIT, PEAK_LIMIT, ALERTS_NEEDED = 19.0, 18.5, 2
"""Policy bts_p2 of Rehemtulla et al. (2024): two alerts that are scored as positive and brighter
than 19 mag, and a peak of 18.5 mag or brighter."""

ROUNDING = 1e-4
"""By how much, relatively, a threshold stays below the alert that it must not settle: scores
differ a little from one batch size to another."""


def build_gate(mean: Sequence[float], variance: Sequence[float]) -> keras.Model:
    """Build the gate: 6,000 multiply-accumulates an alert.

    Parameters
    ----------
    mean, variance : sequence of float (23,)
        Of the features it uses, from `feature_statistics`.

    Returns
    -------
    keras.Model
        ``metadata`` (n, 25), raw → probability (n, 1).
    """
    metadata = keras.Input((len(FEATURES),), name="metadata")
    x = normalise(ops.take(metadata, list(USED), axis=1), mean, variance)
    for width in WIDTHS:
        x = layers.Dense(width, activation="relu")(x)
    p = layers.Dense(1, activation="sigmoid")(x)
    return keras.Model({"metadata": metadata}, p, name="gate")


def settings_of(gate: keras.Model) -> dict[str, list[float]]:
    """Return what `build_gate` needs to build it again."""
    scale = gate.get_layer("normalise")
    return {
        name: ops.convert_to_numpy(getattr(scale, name)).ravel().tolist()
        for name in ("mean", "variance")
    }


def train_gate(
    metadata: np.ndarray,
    label: np.ndarray,
    other_metadata: np.ndarray,
    other_label: np.ndarray,
    *,
    seed: int,
    epochs: int = 40,
    batch: int = 256,
) -> keras.Model:
    """Train the gate, keeping what does best on the other alerts.

    Parameters
    ----------
    metadata : ndarray (n, 25), float32
        Raw features of the training part.
    label : ndarray (n,), bool
    other_metadata, other_label : ndarray
        The same of the validation part.
    seed : int
    epochs, batch : int
    """
    keras.utils.set_random_seed(seed)
    gate = build_gate(*feature_statistics(metadata))
    gate.compile(keras.optimizers.Adam(LEARNING_RATE), "binary_crossentropy", jit_compile=False)
    gate.fit(
        {"metadata": metadata},
        label[:, None].astype(np.float32),
        validation_data=({"metadata": other_metadata}, other_label[:, None].astype(np.float32)),
        epochs=epochs,
        batch_size=batch,
        verbose=0,
        callbacks=[
            keras.callbacks.EarlyStopping(patience=6, restore_best_weights=True),
            keras.callbacks.ReduceLROnPlateau(factor=0.3, patience=2),
        ],
    )
    return gate


def probability(gate: keras.Model, metadata: np.ndarray) -> np.ndarray:
    """Return the gate's probability of n alerts, float32 (n,)."""
    return gate.predict({"metadata": metadata}, batch_size=1024, verbose=0)[:, 0]


def attach(model: keras.Model, gate: keras.Model) -> keras.Model:
    """Join a network and its gate into one model, to be saved in one file.

    Returns
    -------
    keras.Model
        The network's inputs → ``heads``, what it answers, and ``gate``.
    """
    inputs = {"metadata": gate.input["metadata"], **model.input}
    outputs = {"heads": model.output, "gate": gate({"metadata": inputs["metadata"]})}
    return keras.Model(inputs, outputs, name=model.name)


def choose_threshold(
    *,
    label: np.ndarray,
    gate: np.ndarray,
    score: np.ndarray,
    magpsf: np.ndarray,
    group: np.ndarray,
    kind: np.ndarray,
) -> dict[str, Any]:
    """Find the largest threshold that costs at most 0.1 % of the completeness.

    An alert whose gate probability is below the threshold is settled as negative. Completeness is
    that of the network alone, of alerts (score ≥ 0.5) and of sources (policy bts_p2, of positive
    sources with two alerts or more and a peak of 18.5 mag or brighter); that of the cascade may
    lack `LOSS` of either. Both fall in steps as the threshold rises, at the gate probability of
    one alert each: the threshold follows without a search.

    Parameters
    ----------
    label : ndarray (n,), bool
        All alerts of the validation part.
    gate, score : ndarray (n,), float
        Of the gate and of the calibrated network.
    magpsf : ndarray (n,), float
    group, kind : ndarray (n,)
        Object and class of each alert.

    Returns
    -------
    dict
        ``threshold``; ``settled``, the share of all alerts below it; ``settled_of_class``;
        ``completeness``: of ``alerts`` and ``sources``, of the network and of the cascade.
    """
    positive = score >= SCORED_AS_POSITIVE
    per_alert = np.where(positive, gate, -np.inf)[label]
    per_source = _last_chance(label, np.where(positive, gate, -np.inf), magpsf, group)
    threshold = min(_step(per_alert), _step(per_source), SCORED_AS_POSITIVE)
    settled = gate < threshold
    return {
        "threshold": threshold,
        "settled": float(settled.mean()),
        "settled_of_class": {
            str(name): float(settled[kind == name].mean()) for name in np.unique(kind.astype(str))
        },
        "completeness": {
            name: {"network": _share(held > -np.inf), "cascade": _share(held >= threshold)}
            for name, held in (("alerts", per_alert), ("sources", per_source))
        },
    }


def _last_chance(
    label: np.ndarray, gate: np.ndarray, magpsf: np.ndarray, group: np.ndarray
) -> np.ndarray:
    """Return, for each source that counts, the threshold above which bts_p2 loses it.

    That is the second largest gate probability among its bright alerts that are scored as
    positive, for two of them are needed; −infinity if the network alone does not select it.
    """
    chances = []
    for rows in _by_source(group):
        if label[rows[0]] and len(rows) > 1 and magpsf[rows].min() <= PEAK_LIMIT:
            bright = np.sort(gate[rows][magpsf[rows] < FAINT_LIMIT])
            chances.append(bright[-ALERTS_NEEDED] if len(bright) >= ALERTS_NEEDED else -np.inf)
    return np.array(chances)


def _by_source(group: np.ndarray) -> list[np.ndarray]:
    _, place = np.unique(group.astype(str), return_inverse=True)
    order = np.argsort(place, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(place[order])) + 1)


def _step(held: np.ndarray) -> float:
    """Return the largest threshold below which at most `LOSS` of all, of those found, fall."""
    found = np.sort(held[held > -np.inf])
    allowed = int(LOSS * len(held))
    return float(found[allowed]) * (1 - ROUNDING) if allowed < len(found) else np.inf


def _share(which: np.ndarray) -> float | None:
    return float(which.mean()) if len(which) else None
