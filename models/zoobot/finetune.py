"""Let a network that knows galaxies learn new questions: its head first, then its last blocks.

References
----------
Walmsley et al. 2022, MNRAS 513, 1581 (arXiv 2110.12735): representations learned from all questions
of a tree serve others with few labels.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras

from skysift.models import _keras_file, _tracking
from skysift.models._fitting.fingerprint import digest
from skysift.models._network_config import NetworkConfig
from skysift.models._weights import Weights, WeightsError, read_weights
from skysift.models.zoobot import networks
from skysift.models.zoobot.config import Config
from skysift.models.zoobot.networks import DROPOUT
from skysift.models.zoobot.stored import rebuild
from skysift.models.zoobot.task import task_of
from skysift.models.zoobot.training import STATE, Progress, learner_of, ready, run, write
from skysift.models.zoobot.training_set import GalaxySet

HEAD = "{name}.head"
"""Name of the first stage: of its state and its history."""

OF_THE_SET = ("stored", "channels", "pixels")
"""Settings that must not change, for the trunk knows pixels of that kind only."""


def finetune(
    galaxies: GalaxySet,
    config: Config,
    output: str | os.PathLike[str],
    *,
    start: str | os.PathLike[str],
    name: str,
    trained_on: str,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Give a network a new head and teach it; then its last blocks too, at a lower rate.

    The network is that of `start`, whatever the config says. Batch normalisations of blocks that do
    not learn stay as they are. Otherwise as `training.train`: interrupted, it goes on.

    Parameters
    ----------
    galaxies, config, output, name, trained_on, progress
        As for `training.train`; ``NAME.head.history.csv`` is written too.
    start : path-like
        Weights of a network of any questions.

    Returns
    -------
    dict
        The sidecar's content.

    Raises
    ------
    ValueError
        As from `training.train`; or if the set's images are of another kind than those of `start`,
        or there are fewer blocks than asked for.
    """
    output = Path(output)
    _keras_file.check_name(name)
    earlier, settings = read_weights(start), config.finetune
    task = task_of(galaxies, replace(config, network=_network_of(earlier)))
    _check(earlier, task.network)
    decides = {**task.decides, "start": earlier.sha256}
    fingerprint = digest(decides)

    keras.utils.set_random_seed(config.training.seed)
    learner = learner_of(task)
    trunk = trunk_of(learner)
    for layer, known in zip(trunk, trunk_of(rebuild(earlier)), strict=True):
        layer.set_weights(known.get_weights())
    blocks = blocks_of(trunk)
    if settings.blocks > len(blocks):
        raise ValueError(
            f"[finetune] blocks must be {len(blocks)} or less for {task.network['name']}. Got: "
            f"{settings.blocks}"
        )
    output.mkdir(parents=True, exist_ok=True)
    stages = [(HEAD.format(name=name), 0, settings.head_epochs, 1.0)]
    if settings.blocks:
        stages.append((name, settings.blocks, config.training.epochs, settings.rate))
    states = []
    for stage, learning, epochs, share in stages:
        for number, block in enumerate(blocks):
            for layer in block:
                layer.trainable = number >= len(blocks) - learning
        rate = config.training.learning_rate * share
        ready(learner, task, rate)
        tracker = _tracking.open_books(
            config.training, output, stage, digest([fingerprint, stage]), task.network["name"]
        )
        states.append(output / STATE.format(name=stage))
        course = run(
            learner, task, epochs=epochs, rate=rate, state=states[-1],
            fingerprint=digest([fingerprint, stage]), tracker=tracker, progress=progress,
        )  # fmt: skip
        tracker.end()
    facts = write(learner, task, course, output, name=name, trained_on=trained_on, more=decides)
    for state in states:
        state.unlink()
    return facts


def trunk_of(model: keras.Model) -> list[keras.Layer]:
    """Return the layers before the head that have weights, from the image on."""
    whole = model.layers
    before = whole[: whole.index(model.get_layer(DROPOUT))]
    return [layer for layer in before if layer.weights]


def blocks_of(trunk: list[keras.Layer]) -> list[list[keras.Layer]]:
    """Group layers that follow each other by what their names begin with, up to ``_``."""
    blocks: dict[str, list[keras.Layer]] = {}
    for layer in trunk:
        blocks.setdefault(layer.name.removesuffix("_bn").split("_")[0], []).append(layer)
    return list(blocks.values())


def _network_of(earlier: Weights) -> NetworkConfig:
    network = earlier.facts.get("network")
    if not isinstance(network, dict) or network.get("name") not in networks.NAMES:
        raise WeightsError(f"{earlier.path} holds no network of ours: {network!r}")
    return NetworkConfig(network["name"], network["settings"])


def _check(earlier: Weights, network: dict[str, Any]) -> None:
    known, wanted = earlier.facts["network"]["settings"], network["settings"]
    for key in OF_THE_SET:
        if known[key] != wanted[key]:
            raise WeightsError(
                f"{earlier.path} learned images with {key} {known[key]}, those of the set have "
                f"{wanted[key]}: build the set anew"
            )
