"""Train a network on galaxies with votes: build, fit, recalibrate, write."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops

from skysift.models import _keras_file, _tracking
from skysift.models._fitting.course import Course
from skysift.models._fitting.fingerprint import digest
from skysift.models._fitting.loop import Tick, fit
from skysift.models._fitting.precision import precision_of
from skysift.models._fitting.schedules import schedule
from skysift.models._settings import ConfigError
from skysift.models._weights import WeightsError, read_weights
from skysift.models.zoobot import finish, networks
from skysift.models.zoobot.batches import GalaxyBatches
from skysift.models.zoobot.config import Config
from skysift.models.zoobot.losses import loss_of
from skysift.models.zoobot.stored import rebuild
from skysift.models.zoobot.task import Task, task_of
from skysift.models.zoobot.training_set import GalaxySet
from skysift.models.zoobot.uncertainty.passes import fractions_of

STATE = "{name}.state.npz"
"""In the output folder while a training runs: what it goes on from after a kill."""

Progress = Callable[[Tick], None]


def train(
    galaxies: GalaxySet,
    config: Config,
    output: str | os.PathLike[str],
    *,
    name: str,
    trained_on: str,
    start: str | os.PathLike[str] | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Train a network and write it with its sidecar.

    Interrupted in whatever way, the same call goes on after the last finished epoch and ends with
    the same network. The same seed gives the same network on the same machine.

    Parameters
    ----------
    galaxies : GalaxySet
        Learned from is its train part; when to stop, and how posteriors are widened, come from its
        validation part; its test part is not touched.
    config : Config
    output : path-like
        Folder; gets ``NAME.keras``, ``NAME.json`` and ``NAME.history.csv``.
    name, trained_on : str
        For the sidecar; `trained_on` must say plainly what the galaxies are.
    start : path-like, optional
        Weights of the same network to go on from, as after a round of labelling.
    progress : callable, optional
        Gets a `Tick` after each batch and each epoch.

    Returns
    -------
    dict
        The sidecar's content.

    Raises
    ------
    ValueError
        If a part has no galaxy with votes, the network cannot be built as the config says, `start`
        is of another network, the loss stops being a number, or the output folder holds the state
        of another training.
    """
    output = Path(output)
    _keras_file.check_name(name)
    task = task_of(galaxies, config)
    earlier = read_weights(start) if start is not None else None
    decides = {**task.decides, "start": earlier.sha256 if earlier else None}
    keras.utils.set_random_seed(config.training.seed)
    learner = learner_of(task)
    if earlier:
        if earlier.facts["network"] != task.network:
            raise WeightsError(
                f"{earlier.path} is of another network than the config's: finetune it instead, or "
                "train from nothing"
            )
        learner.set_weights(rebuild(earlier).get_weights())
    output.mkdir(parents=True, exist_ok=True)
    state = output / STATE.format(name=name)
    tracker = _tracking.open_books(
        config.training, output, name, digest(decides), task.network["name"]
    )
    ready(learner, task, config.training.learning_rate)
    course = run(
        learner, task, epochs=config.training.epochs, rate=config.training.learning_rate,
        state=state, fingerprint=digest(decides), tracker=tracker, progress=progress,
    )  # fmt: skip
    facts = write(learner, task, course, output, name=name, trained_on=trained_on, more=decides)
    tracker.end()
    state.unlink()
    return facts


def learner_of(task: Task) -> keras.Model:
    """Build the network in the numbers that it is trained in; its output is logits.

    Raises
    ------
    ConfigError
        If it cannot be built as the config says.
    """
    name = task.network["name"]
    try:
        with precision_of(task.decides["training"]["precision"]):
            model = networks.build(name, **task.network["settings"])
    except (IndexError, TypeError, ValueError, ZeroDivisionError) as error:
        told = str(error).strip().splitlines()[:1] or [type(error).__name__]
        raise ConfigError(f"[network] a {name} cannot be built so: {told[0]}") from error
    return keras.Model(model.input, model.get_layer(networks.LOGITS).output)


def ready(learner: keras.Model, task: Task, rate: float) -> None:
    """Make a learner ready to learn what is not frozen."""
    settings = task.config.training
    kinds = {"adam": keras.optimizers.Adam, "adamw": keras.optimizers.AdamW}
    decay = {"weight_decay": settings.weight_decay} if settings.optimizer == "adamw" else {}
    learner.compile(
        optimizer=kinds[settings.optimizer](rate, **decay),
        loss=loss_of(settings.loss, task.network["settings"]["kind"], task.labels.counts),
        jit_compile="auto" if keras.backend.backend() == "jax" else False,
    )


def run(
    learner: keras.Model,
    task: Task,
    *,
    epochs: int,
    rate: float,
    state: Path,
    fingerprint: str,
    tracker: _tracking.Tracker,
    progress: Progress | None,
) -> Course:
    """Run the loop on the train part, judged on the whole validation part."""
    settings = task.config.training
    batches = GalaxyBatches(
        task.parts["train"], task.labels, batch=settings.batch, steps=settings.steps,
        seed=settings.seed,
    )  # fmt: skip
    course = schedule(settings.schedule, rate=rate, epochs=epochs, warm_up=settings.warm_up)
    return fit(
        learner, batches, _judge(learner, task), epochs=epochs, patience=settings.patience,
        schedule=course, state=state, fingerprint=fingerprint, tracker=tracker, progress=progress,
    )  # fmt: skip


def _judge(learner: keras.Model, task: Task) -> Callable[[], dict[str, float]]:
    """Return what tells the loss, and the RMSE of fractions, without dropout or chance."""
    settings, kind = task.config.training, task.network["settings"]["kind"]
    batches = GalaxyBatches(
        task.parts["validation"], task.labels, batch=settings.batch, steps=0, seed=settings.seed
    )
    loss_function = loss_of(settings.loss, kind, task.labels.counts)
    answers = networks.answers.Answers(kind, task.labels.counts)

    def judge() -> dict[str, float]:
        losses, errors = [], []
        for inputs, votes, _ in batches.in_order():
            logits = learner.predict_on_batch(inputs)
            losses.append(ops.convert_to_numpy(loss_function(votes, logits)))
            told = ops.convert_to_numpy(answers(logits))
            errors.append(_errors(told, votes, task))
        return {
            "val_loss": float(np.concatenate(losses).mean()),
            "val_rmse": float(np.sqrt(np.mean(np.concatenate(errors) ** 2))),
        }

    return judge


def _errors(told: np.ndarray, votes: np.ndarray, task: Task) -> np.ndarray:
    """Errors of the fractions, where there are votes, in one row."""
    errors = []
    fractions = fractions_of(told, task.labels.tree)
    for part in task.labels.tree.slices.values():
        total = votes[:, part].sum(axis=1, keepdims=True)
        asked = total[:, 0] > 0
        errors.append((fractions[asked, part] - votes[asked, part] / total[asked]).ravel())
    return np.concatenate(errors)


def write(
    learner: keras.Model,
    task: Task,
    course: Course,
    output: Path,
    *,
    name: str,
    trained_on: str,
    more: dict[str, Any],
) -> dict[str, Any]:
    """Write what was learned, in float32, with all that is needed to use it."""
    model = networks.build(task.network["name"], **task.network["settings"])
    model.set_weights(learner.get_weights())
    facts = {
        "network": task.network,
        "tree": task.labels.tree.as_table,
        "labels": [list(columns) for columns in task.labels.columns],
        "recalibration": finish.recalibration(model, task),
        "trained_on": trained_on,
        "training": {
            **more["training"], "min_votes": task.config.labels.min_votes, "set": more["set"],
            "start": more["start"],
            "galaxies": {part: len(members) for part, members in task.parts.items()},
            "left_out": task.left_out, "epochs_run": course.epoch,
            "best_epoch": course.best_epoch, "best_validation_loss": course.best_loss,
            "validation_rmse": course.history[course.best_epoch - 1]["val_rmse"],
        },
    }  # fmt: skip
    return _keras_file.write(model, output, name, facts)
