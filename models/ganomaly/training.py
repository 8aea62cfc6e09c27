"""Train a pair of networks on images: build, fit, measure a reference, write."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import keras

from skysift.models import _keras_file, _tracking
from skysift.models._fitting.course import Course
from skysift.models._fitting.loop import Tick
from skysift.models._fitting.precision import precision_of, resolve
from skysift.models.ganomaly import health, networks
from skysift.models.ganomaly.batches import ImageBatches
from skysift.models.ganomaly.config import Config
from skysift.models.ganomaly.contest import Contest, fit
from skysift.models.ganomaly.finish import finished
from skysift.models.ganomaly.reference import LEAST
from skysift.models.ganomaly.step import Pair, Rules
from skysift.models.ganomaly.training_set import ImageSet

STATE = "{name}.state.npz"
"""In the output folder: the last weights, the best, and the memories of both optimisers. It stays,
so that more epochs can be had; whoever wants none may delete it."""

PICTURES = "{name}.pictures"
"""In the output folder: what the network makes of images."""

ADAM_EPSILON = 1e-8
"""As published; Keras' own is 1e-7."""

Progress = Callable[[Tick], None]


def train(
    images: ImageSet,
    config: Config,
    output: str | os.PathLike[str],
    *,
    name: str,
    trained_on: str,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Train a network and write it with its sidecar.

    Interrupted in whatever way, the same call goes on after the last finished epoch and ends with
    the same network; called again with more epochs, a finished training goes on as well. The same
    seed gives the same network on the same machine.

    Parameters
    ----------
    images : ImageSet
        Normal ones; a share of them is held back to judge epochs by and to measure scores with.
    config : Config
    output : path-like
        Folder; gets ``NAME.keras``, ``NAME.json``, ``NAME.history.csv``, ``NAME.pictures/`` and
        ``NAME.state.npz``.
    name, trained_on : str
        For the sidecar; `trained_on` must say plainly what the images are.
    progress : callable, optional
        Gets a `Tick` after each batch and each epoch.

    Returns
    -------
    dict
        The sidecar's content.

    Raises
    ------
    ValueError
        If there are too few images, the network cannot be built as the config says, a loss stops
        being a number, or the output folder holds the state of another training.
    """
    output = Path(output)
    output.mkdir(parents=True, exist_ok=True)
    settings = config.training
    network = network_of(config)
    learned, held = images.parted(settings.validation, settings.seed)
    batches = ImageBatches(
        images, learned, batch=settings.batch, turned=settings.augment, seed=settings.seed
    )
    _check_held(len(held), len(images))
    policy = resolve(settings.precision)
    decides = {
        **config.as_dict, "network": network, "set": images.sha256,
        "training": {**asdict(settings), "precision": policy},
    }  # fmt: skip
    fingerprint = _fingerprint(decides)

    keras.utils.set_random_seed(settings.seed)
    pair = _pair(network, config, policy)
    tracker = _tracking.open_books(settings, output, name, fingerprint, network["name"])
    contest = Contest(
        pair, Rules(_weights(config), config.losses.discriminator), settings, images, held,
        output / PICTURES.format(name=name),
    )  # fmt: skip
    course = fit(
        contest, batches, state=output / STATE.format(name=name), fingerprint=fingerprint,
        tracker=tracker, progress=progress,
    )  # fmt: skip
    pair.served.set_weights(course.best)
    model, measured = finished(pair.served, images, learned, held, seed=settings.seed)
    facts: dict[str, Any] = {
        "network": {"name": network["name"], "settings": _served(network)["settings"]},
        **asdict(config.inputs),
        **measured,
        "trained_on": trained_on,
        "losses": asdict(config.losses),
        "training": {**decides["training"], **_told(course, images, len(learned), len(held))},
    }
    facts = _keras_file.write(model, output, name, facts)
    tracker.end()
    return facts


def network_of(config: Config) -> dict[str, Any]:
    """Return the name and all settings of the network that learns, as JSON has them."""
    name = config.network.name
    settings = {**networks.settings_of(name), **config.network.settings}
    settings.update(side=config.inputs.side, channels=config.inputs.channels)
    return {"name": name, "settings": json.loads(json.dumps(settings))}


def _served(network: dict[str, Any]) -> dict[str, Any]:
    """Return the network that scores: that which learned, with nothing that looks at a batch."""
    alone = {"per_image": True} if "per_image" in network["settings"] else {}
    return {"name": network["name"], "settings": {**network["settings"], **alone}}


def _pair(network: dict[str, Any], config: Config, policy: str) -> Pair:
    """Build both networks and their optimisers."""
    with precision_of(policy):
        learner = networks.build(network["name"], **network["settings"])
    served = _served(network)
    settings = config.training
    optimizers = [
        keras.optimizers.Adam(rate, beta_1=settings.beta_1, beta_2=0.999, epsilon=ADAM_EPSILON)
        for rate in (settings.learning_rate, settings.discriminator_rate)
    ]
    pair = Pair(learner, networks.build(served["name"], **served["settings"]), *optimizers)
    pair.begin()
    return pair


def _weights(config: Config) -> dict[str, float]:
    losses = config.losses
    return {
        "adversarial": losses.adversarial, "contextual": losses.contextual, "latent": losses.latent
    }  # fmt: skip


def _check_held(held: int, whole: int) -> None:
    if held < LEAST:
        raise ValueError(
            f"of {whole:,} images {held} are held back, and percentiles need {LEAST} or more: give "
            "more images, or raise validation in [training]"
        )


def _fingerprint(decides: dict[str, Any]) -> str:
    """Digest all that decides a training but for its end: more epochs go on where fewer ended."""
    course = {
        key: value
        for key, value in decides["training"].items()
        if key not in ("epochs", "patience")
    }
    text = json.dumps({**decides, "training": course}, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _told(course: Course, images: ImageSet, learned: int, held: int) -> dict[str, Any]:
    """Return what the sidecar says of a training's course."""
    return {
        "set": images.sha256,
        "images": {"train": learned, "validation": held, "left_out": images.reasons},
        "epochs_run": course.epoch,
        "best_epoch": course.best_epoch,
        "best_validation_loss": course.best_loss,
        "discriminator": health.report(course.history),
    }
