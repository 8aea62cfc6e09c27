"""Train a network on a set of frames: build, fit, calibrate, write."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import keras
import numpy as np

from skysift.models import _keras_file, _tracking
from skysift.models._fitting.course import Course
from skysift.models._fitting.fingerprint import digest
from skysift.models._fitting.loop import Tick, fit
from skysift.models._fitting.precision import precision_of, resolve
from skysift.models._fitting.schedules import schedule
from skysift.models.tails import networks
from skysift.models.tails.batches import VALIDATION, WindowBatches
from skysift.models.tails.config import Config
from skysift.models.tails.finish import calibration
from skysift.models.tails.inputs import planes_of
from skysift.models.tails.losses import heat_map_loss, tails_loss
from skysift.models.tails.start import facts_of, give, read_start
from skysift.models.tails.training_set import FrameSet
from skysift.models.tails.windows import is_counted

STATE = "{name}.state.npz"
"""In the output folder while a training runs: what it goes on from after a kill."""

LOGITS = "fc_out"
"""Of `tails_v1`: the layer before the last sigmoid, which the loss is better computed without."""

Progress = Callable[[Tick], None]


def train(
    frames: FrameSet,
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
    frames : FrameSet
        Learned from is its train part; when to stop, and the calibration, come from its validation
        part; its test part is not touched.
    config : Config
    output : path-like
        Folder; gets ``NAME.keras``, ``NAME.json`` and ``NAME.history.csv``.
    name, trained_on : str
        For the sidecar; `trained_on` must say plainly what the frames are.
    progress : callable, optional
        Gets a `Tick` after each batch and each epoch.

    Returns
    -------
    dict
        The sidecar's content.

    Raises
    ------
    ValueError
        If a part has no comet that counts, or comets without a magnitude; if the network cannot be
        built, or begin, as the config says; if the loss stops being a number; or if the output
        folder holds the state of another training.
    """
    output = Path(output)
    output.mkdir(parents=True, exist_ok=True)
    parts = {part: frames.part(part) for part in ("train", "validation")}
    comets = {part: _check(members, part, config) for part, members in parts.items()}
    network = network_of(config)
    policy = resolve(config.training.precision)
    training = {**asdict(config.training), "precision": policy}
    start = read_start(config.network.start, network) if config.network.start else None
    begun = {"start": facts_of(start)} if start else {}
    decides = {
        **config.as_dict, **begun, "network": network, "training": training,
        "set": set_hash(frames),
        "frames": {part: len(members) for part, members in parts.items()},
    }  # fmt: skip
    fingerprint = digest(decides)
    state = output / STATE.format(name=name)

    keras.utils.set_random_seed(config.training.seed)
    learner = _learner(network, config, policy)
    if start:
        give(start, learner)
    tracker = _tracking.open_books(config.training, output, name, fingerprint, network["name"])
    course = _fit(learner, parts, config, state, fingerprint, tracker, progress)
    # The same weights in float32, whatever they were trained in.
    model = networks.build(network["name"], **network["settings"])
    model.set_weights(learner.get_weights())
    facts: dict[str, Any] = {
        "network": network,
        **asdict(config.inputs),
        "calibration": calibration(model, network, parts["validation"], config),
        "trained_on": trained_on,
        "windows": asdict(config.windows),
        "training": {
            **training, **begun, "set": decides["set"], "frames": decides["frames"],
            "comets": comets,
            "epochs_run": course.epoch, "best_epoch": course.best_epoch,
            "best_validation_loss": course.best_loss,
        },
    }  # fmt: skip
    facts = _keras_file.write(model, output, name, facts)
    tracker.end()
    state.unlink()
    return facts


def network_of(config: Config) -> dict[str, Any]:
    """Return the name and all settings of the network, as the sidecar has them."""
    name = config.network.name
    settings = {**networks.settings_of(name), **config.network.settings}
    settings["planes"] = planes_of(config.inputs.preprocessing, config.inputs.channels)
    if "side" in settings:
        settings["side"] = config.windows.tile
    return {"name": name, "settings": json.loads(json.dumps(settings))}


def set_hash(frames: FrameSet) -> str:
    """Return the sha256 of a set's manifest: which set a network learned from."""
    return digest(dict(frames.facts))


def _check(frames: FrameSet, part: str, config: Config) -> int:
    """Refuse a part that nothing can be learned from; count its comets."""
    if not len(frames):
        raise ValueError(f"the {part} part of the set holds no frame")
    counted = frames.comets[is_counted(frames.comets, config.windows)]
    if not len(counted):
        raise ValueError(
            f"the {part} part holds no comet of S/N {config.windows.min_snr} or more, in "
            f"{len(frames)} frames"
        )
    dark = counted["mag"].isna() | counted["id"].map(
        frames.frames.set_index("id")["zeropoint"].isna()
    )
    if dark.any() and config.network.name != "tails_v1":
        raise ValueError(
            f"{int(dark.sum())} comets of the {part} part have no magnitude, or their frame no "
            "zeropoint: the network cannot learn how bright they are"
        )
    return len(counted)


def _learner(network: dict[str, Any], config: Config, policy: str) -> keras.Model:
    """Build the network and make it ready to learn."""
    settings = config.training
    with precision_of(policy):
        model = networks.build(network["name"], **network["settings"])
    if network["name"] == "tails_v1":
        model = keras.Model(model.input, model.get_layer(LOGITS).output)
    loss = tails_loss if network["name"] == "tails_v1" else heat_map_loss
    kinds = {"adam": keras.optimizers.Adam, "adamw": keras.optimizers.AdamW}
    decay = {"weight_decay": settings.weight_decay} if settings.optimizer == "adamw" else {}
    optimizer = kinds[settings.optimizer](settings.learning_rate, **decay)
    model.compile(optimizer=optimizer, loss=loss, jit_compile=False)
    return model


def _fit(
    learner: keras.Model,
    parts: dict[str, FrameSet],
    config: Config,
    state: Path,
    fingerprint: str,
    tracker: _tracking.Tracker,
    progress: Progress | None,
) -> Course:
    """Run the loop on the train part, judged on windows of the validation part."""
    settings = config.training
    batches = WindowBatches(parts["train"], config, steps=settings.steps, changed=True)
    judged = WindowBatches(
        parts["validation"], config, steps=settings.validation_steps, changed=False
    )

    def judge() -> dict[str, float]:
        losses = []
        for inputs, target, weight in judged.epoch(VALIDATION):
            learner.reset_metrics()  # or Keras answers with the mean of all batches so far
            losses.append(learner.test_on_batch(inputs, target, sample_weight=weight))
        learner.reset_metrics()
        return {"val_loss": float(np.mean(losses))}

    course = schedule(
        settings.schedule,
        rate=settings.learning_rate, epochs=settings.epochs, warm_up=settings.warm_up,
    )  # fmt: skip
    return fit(
        learner, batches, judge, epochs=settings.epochs, patience=settings.patience,
        schedule=course, state=state, fingerprint=fingerprint, tracker=tracker, progress=progress,
    )  # fmt: skip
