"""Train a network on a training set: build, fit, finish, write."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import keras
import numpy as np

from skysift.models import _keras_file, _tracking
from skysift.models._fitting.course import Course
from skysift.models._fitting.fingerprint import digest
from skysift.models._fitting.loop import Tick, fit, heads_crossentropy
from skysift.models._fitting.precision import precision_of, resolve
from skysift.models._fitting.schedules import schedule
from skysift.models._weights import read_weights
from skysift.models.btsbot import finish, networks
from skysift.models.btsbot.batches import Reader, TrainingBatches, outputs
from skysift.models.btsbot.beforehand import build
from skysift.models.btsbot.config import Config
from skysift.models.btsbot.inputs import FEATURES
from skysift.models.btsbot.sampling import some_objects
from skysift.models.btsbot.start import read_start
from skysift.models.btsbot.stored import rebuild
from skysift.models.btsbot.training_set import NO_HOSTS, TrainingSet
from skysift.models.btsbot.weighing import class_weights

STATE = "{name}.state.npz"
"""In the output folder while a training runs: what it goes on from after a kill."""

Progress = Callable[[Tick], None]


def train(
    alerts: TrainingSet,
    config: Config,
    output: str | os.PathLike[str],
    *,
    name: str,
    trained_on: str,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Train a network and write it with its sidecar.

    Interrupted in whatever way, the same call goes on after the last finished epoch and ends with
    the same network. The same seed gives the same network on the same machine.

    Parameters
    ----------
    alerts : TrainingSet
        Learned from is its train part; when to stop, and the calibration, come from its
        validation part; its test part is not touched.
    config : Config
    output : path-like
        Folder; gets ``NAME.keras``, ``NAME.json`` and ``NAME.history.csv``.
    name, trained_on : str
        For the sidecar; `trained_on` must say plainly what the alerts are.
    progress : callable, optional
        Gets a `Tick` after each batch and each epoch.

    Returns
    -------
    dict
        The sidecar's content.

    Raises
    ------
    ValueError
        If `name` is no name of a file; if a part has no alert of a class, or a feature is NaN; if
        the network cannot be built, or begin, as the config says, or looks at hosts that the set
        has not; if the loss stops being a number; or if the output folder holds the state of
        another training.
    """
    _keras_file.check_name(name)
    output = Path(output)
    output.mkdir(parents=True, exist_ok=True)
    train_part = some_objects(alerts.part("train"), config.training.object_share)
    parts = {"train": train_part, "validation": alerts.part("validation")}
    for part, members in parts.items():
        check(members, part)
    network = network_of(config, parts["train"])
    start = read_start(config.network.start, network["name"]) if config.network.start else None
    if start:
        network = start.network(network)
    policy = resolve(config.training.precision)
    decides: dict[str, Any] = {
        "network": network,
        "training": {**asdict(config.training), "precision": policy},
        "set": set_hash(alerts),
        "alerts": {part: len(members) for part, members in parts.items()},
    }
    if start:
        decides["start"] = start.facts
    fingerprint = digest(decides)

    keras.utils.set_random_seed(config.training.seed)
    learner = _learner(network, config, policy)
    if "host" in learner.input and alerts.hosts is None:
        raise ValueError(NO_HOSTS)
    if start:
        decides["start"] |= {"branches": start.give(learner, network["name"])}
    tracker = _tracking.open_books(config.training, output, name, fingerprint, network["name"])
    course = _fit(learner, parts, network, config, output / STATE.format(name=name), fingerprint,
                  tracker, progress)  # fmt: skip
    # The same weights in float32, whatever they were trained in, and without the dropouts' seeds.
    model = networks.build(network["name"], **network["settings"])
    model.set_weights(learner.get_weights())

    model, facts = finish.finished(model, network, parts["train"], parts["validation"], config)
    facts |= {"trained_on": trained_on, "training": _history(course, parts, decides)}
    facts = _keras_file.write(model, output, name, facts)
    tracker.end()
    (output / STATE.format(name=name)).unlink()
    return facts


def check(alerts: TrainingSet, part: str) -> None:
    """Refuse a part that nothing can be learned from, saying why.

    Raises
    ------
    ValueError
        If it is empty, has one class only, or has NaN among the features.
    """
    label = alerts.label
    if not len(alerts):
        raise ValueError(f"the {part} part of the training set is empty")
    if label.all() or not label.any():
        raise ValueError(
            f"the {part} part needs alerts of both classes. Got: {np.count_nonzero(label)} "
            f"positive of {len(label)}"
        )
    missing = np.isnan(alerts.metadata).sum(axis=0)
    if missing.any():
        counts = ", ".join(
            f"{feature} in {'all' if count == len(alerts) else count}"
            for feature, count in zip(FEATURES, missing, strict=True)
            if count
        )
        raise ValueError(f"features of the {part} part are NaN, of {len(alerts)} alerts: {counts}")


def network_of(config: Config, alerts: TrainingSet) -> dict[str, Any]:
    """Return the name and all settings of the network, as the sidecar has them.

    What a config cannot know is added: the side of the stamps, the statistics of the features,
    and what the weights files of a fusion hold.
    """
    from skysift.models.btsbot.networks.compact import feature_statistics

    name = config.network.name
    settings = {**networks.settings_of(name), **config.network.settings}
    if "side" in settings:
        settings["side"] = config.training.crop
    if "mean" in settings:
        settings["mean"], settings["variance"] = feature_statistics(alerts.metadata)
    if name == "frozen_fusion":
        for branch in ("image", "metadata"):
            settings[branch] = _trained(branch, settings[branch], alerts, config)
    return {"name": name, "settings": json.loads(json.dumps(settings))}


def _trained(branch: str, path: str, alerts: TrainingSet, config: Config) -> dict[str, Any]:
    """Return what a branch's weights file holds; refuse one that sees other stamps."""
    facts = read_weights(path).facts
    seen = (facts["preprocessing"], facts.get("crop", config.training.crop))
    if seen != (alerts.preprocessing, config.training.crop) and branch == "image":
        raise ValueError(
            f"{path} was trained on stamps {seen[0]}, {seen[1]} px; the set and the config give "
            f"{alerts.preprocessing}, {config.training.crop} px"
        )
    return dict(facts["network"])


def _learner(network: dict[str, Any], config: Config, policy: str) -> keras.Model:
    """Build the network up to its logits and make it ready to learn."""
    settings = config.training
    with precision_of(policy):
        model = build(network)
    if network["name"] == "frozen_fusion":
        for branch in ("image", "metadata"):
            _transplant(model, branch, config.network.settings[branch])
    learner = keras.Model(model.input, model.get_layer(networks.LOGIT).output)
    kinds = {"adam": keras.optimizers.Adam, "adamw": keras.optimizers.AdamW}
    decay = {"weight_decay": settings.weight_decay} if settings.optimizer == "adamw" else {}
    optimizer = kinds[settings.optimizer](
        settings.learning_rate, beta_1=settings.beta_1, beta_2=settings.beta_2, **decay
    )
    # XLA would take the convolutions from oneDNN, which is faster on CPUs.
    learner.compile(optimizer=optimizer, loss=heads_crossentropy, jit_compile=False)
    return learner


def _transplant(model: keras.Model, branch: str, path: str) -> None:
    """Give a fusion's branch the weights of the trained network."""
    from skysift.models.btsbot.networks.frozen_fusion import body_of

    weights = read_weights(path)
    body = body_of(rebuild(weights), weights.facts["network"]["name"])
    model.get_layer(f"{branch}_body").set_weights(body.get_weights())


def _fit(
    learner: keras.Model,
    parts: Mapping[str, TrainingSet],
    network: dict[str, Any],
    config: Config,
    state: Path,
    fingerprint: str,
    tracker: _tracking.Tracker,
    progress: Progress | None,
) -> Course:
    """Run the loop on the train part, judged on the validation part."""
    settings = config.training
    names = list(learner.input)
    batches = TrainingBatches(
        parts["train"], names, settings, heads=learner.output_shape[1],
        may_miss=networks.MAY_MISS.get(network["name"], ()),
    )  # fmt: skip
    validation = parts["validation"]
    weight = class_weights(validation.label, validation.group, settings.class_weight)
    reader = Reader(validation, names, settings.crop)

    def judge() -> dict[str, float]:
        return {"val_loss": weighted_loss(outputs(learner, reader), validation.label, weight)}

    course = schedule(
        settings.schedule,
        rate=settings.learning_rate, epochs=settings.epochs, warm_up=settings.warm_up,
    )  # fmt: skip
    return fit(
        learner, batches, judge, epochs=settings.epochs, patience=settings.patience,
        schedule=course, state=state, fingerprint=fingerprint, tracker=tracker, progress=progress,
    )  # fmt: skip


def weighted_loss(logits: np.ndarray, label: np.ndarray, weight: np.ndarray) -> float:
    """Return the mean over alerts and heads of the weighted binary cross-entropy.

    Parameters
    ----------
    logits : ndarray (n, K), float64
    label : ndarray (n,), bool
    weight : ndarray (n,), float
        Divided by n, not by their sum, as the training loss is.
    """
    loss = np.logaddexp(0, np.where(label[:, None], -logits, logits))
    return float((loss.mean(axis=1) * weight).mean())


def set_hash(alerts: TrainingSet) -> str:
    """Return the sha256 of a training set's manifest: which set a network learned from."""
    return digest(dict(alerts.facts))


def _history(
    course: Course, parts: Mapping[str, TrainingSet], decides: Mapping[str, Any]
) -> dict[str, Any]:
    """Tell how it went, for the sidecar."""
    return {
        **decides["training"],
        "start": decides.get("start"),
        "set": decides["set"],
        "alerts": decides["alerts"],
        "objects": {part: len(np.unique(rows.group)) for part, rows in parts.items()},
        "epochs_run": course.epoch,
        "best_epoch": course.best_epoch,
        "best_validation_loss": course.best_loss,
    }
