"""Train a network on a set of frames: build, fit, calibrate, write."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

import keras
import numpy as np

from skysift.models import _keras_file, _tracking
from skysift.models._fitting.course import Course
from skysift.models._fitting.fingerprint import digest
from skysift.models._fitting.loop import fit
from skysift.models._fitting.precision import precision_of, resolve
from skysift.models._fitting.schedules import schedule
from skysift.models._settings import ConfigError
from skysift.models._weights import Weights, read_weights
from skysift.models.tails import networks
from skysift.models.tails.config import Config
from skysift.models.tails.finish import calibration
from skysift.models.tails.inputs import padded, planes_of
from skysift.models.tails.lessons import Lesson, Progress, lesson_of
from skysift.models.tails.points import SHAPE
from skysift.models.tails.second_look import SIDE
from skysift.models.tails.start import check_start, facts_of, finder_of, give
from skysift.models.tails.training_set import FrameSet
from skysift.models.tails.windows import is_counted

STATE = "{name}.state.npz"
"""In the output folder while a training runs: what it goes on from after a kill."""

VALIDATION = 0
"""Number of the epoch whose batches are judged; those of training are counted from 1."""


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
    start = read_weights(config.network.start) if config.network.start else None
    network = network_of(config, start)
    policy = resolve(config.training.precision)
    training = {**asdict(config.training), "precision": policy}
    begun = {"start": facts_of(start)} if start else {}
    decides = {
        **config.as_dict, **begun, "network": network, "training": training,
        "set": set_hash(frames),
        "frames": {part: len(members) for part, members in parts.items()},
    }  # fmt: skip
    fingerprint = digest(decides)
    state = output / STATE.format(name=name)

    keras.utils.set_random_seed(config.training.seed)
    with precision_of(policy):
        whole = networks.build(network["name"], **network["settings"])
    if start:
        give(start, whole)
    lesson = lesson_of(whole, network, parts, config, progress)
    tracker = _tracking.open_books(config.training, output, name, fingerprint, network["name"])
    course = _fit(lesson, config, state, fingerprint, tracker, progress)
    # The same weights in float32, whatever they were trained in.
    model = networks.build(network["name"], **network["settings"])
    model.set_weights(whole.get_weights())
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


def network_of(config: Config, start: Weights | None) -> dict[str, Any]:
    """Return the name and all settings of the network, as the sidecar has them.

    Raises
    ------
    WeightsError
        If the training cannot begin with these weights.
    ConfigError
        If it cannot begin without any.
    """
    name = config.network.name
    settings = {**networks.settings_of(name), **config.network.settings}
    if name == "two_looks":
        if start is None:
            raise ConfigError("a second look needs what it looks after: [network] start, weights")
        settings |= {
            "finder": finder_of(start),
            "stamp": padded(SIDE),
            "shape": SHAPE,
        }
    follows = {
        "planes": planes_of(config.inputs.preprocessing, config.inputs.channels),
        "side": config.windows.tile,
        "binned": config.inputs.preprocessing == "binned",
    }
    settings |= {key: value for key, value in follows.items() if key in settings}
    network = {"name": name, "settings": json.loads(json.dumps(settings))}
    if start:
        check_start(start, network, asdict(config.inputs))
    return network


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


def _fit(
    lesson: Lesson,
    config: Config,
    state: Path,
    fingerprint: str,
    tracker: _tracking.Tracker,
    progress: Progress | None,
) -> Course:
    """Run the loop on the train part, judged on batches of the validation part."""
    settings, learner = config.training, lesson.learner
    kinds = {"adam": keras.optimizers.Adam, "adamw": keras.optimizers.AdamW}
    decay = {"weight_decay": settings.weight_decay} if settings.optimizer == "adamw" else {}
    optimizer = kinds[settings.optimizer](settings.learning_rate, **decay)
    learner.compile(optimizer=optimizer, loss=lesson.loss, jit_compile=False)

    def judge() -> dict[str, float]:
        losses = []
        for inputs, target, weight in lesson.judged.epoch(VALIDATION):
            learner.reset_metrics()  # or Keras answers with the mean of all batches so far
            losses.append(learner.test_on_batch(inputs, target, sample_weight=weight))
        learner.reset_metrics()
        return {"val_loss": float(np.mean(losses))}

    course = schedule(
        settings.schedule,
        rate=settings.learning_rate, epochs=settings.epochs, warm_up=settings.warm_up,
    )  # fmt: skip
    return fit(
        learner, lesson.batches, judge, epochs=settings.epochs, patience=settings.patience,
        schedule=course, state=state, fingerprint=fingerprint, tracker=tracker, progress=progress,
    )  # fmt: skip
