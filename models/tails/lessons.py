"""What each network learns, from what, and which part of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import keras

from skysift.models._fitting.loop import Batches, Tick, heads_crossentropy
from skysift.models.tails import networks
from skysift.models.tails.batches import WindowBatches
from skysift.models.tails.candidates import CandidateBatches, candidates
from skysift.models.tails.config import Config
from skysift.models.tails.detector import Detector
from skysift.models.tails.losses import heat_map_loss, tails_loss
from skysift.models.tails.networks.two_looks import FINDER, SECOND
from skysift.models.tails.training_set import FrameSet

LOGITS = "fc_out"
"""Of `tails_v1`: the layer before the last sigmoid, which the loss is better computed without."""

LOWER = 0.3
"""The second look learns from what scores this share of its gate, too: there is more of that."""

Progress = Callable[[Tick], None]


@dataclass(frozen=True)
class Lesson:
    """What is learned.

    Attributes
    ----------
    learner : keras.Model
        The network, or the part of it that learns; they share their weights.
    loss : callable
        For Keras.
    batches, judged : Batches
        Of the train and the validation part.
    """

    learner: keras.Model
    loss: Callable[[Any, Any], Any]
    batches: Batches
    judged: Batches


def lesson_of(
    whole: keras.Model,
    network: Mapping[str, Any],
    parts: Mapping[str, FrameSet],
    config: Config,
    progress: Progress | None,
) -> Lesson:
    """Make the lesson of a network.

    Parameters
    ----------
    whole : keras.Model
        The network.
    network : mapping
        Its name and settings.
    parts : mapping of str to FrameSet
        ``train`` and ``validation``.
    config : Config
    progress : callable, optional
        Gets a `Tick` of epoch 0 after each frame that is searched beforehand.

    Raises
    ------
    ValueError
        If there is nothing to learn from.
    """
    if network["name"] == "two_looks":
        return _second_look(whole, network["settings"], parts, config, progress)
    steps = config.training.steps, config.training.validation_steps
    batches, judged = (
        WindowBatches(parts[part], config, steps=count, changed=part == "train")
        for part, count in zip(("train", "validation"), steps, strict=True)
    )
    if network["name"] == "tails_v1":
        logits = keras.Model(whole.input, whole.get_layer(LOGITS).output)
        return Lesson(logits, tails_loss, batches, judged)
    return Lesson(whole, heat_map_loss, batches, judged)


def _second_look(
    whole: keras.Model,
    settings: Mapping[str, Any],
    parts: Mapping[str, FrameSet],
    config: Config,
    progress: Progress | None,
) -> Lesson:
    """Search all frames with the quick network, which learns no more; the second learns."""
    finder = networks.build(FINDER, **settings["finder"])
    finder.set_weights(whole.get_layer(FINDER).get_weights())
    named = {"name": FINDER, "settings": settings["finder"]}
    detector = Detector(finder, named, config.inputs.preprocessing, config.inputs.channels)
    total = sum(len(frames) for frames in parts.values())
    before, batches = 0, []
    for part, steps in (
        ("train", config.training.steps), ("validation", config.training.validation_steps),
    ):  # fmt: skip
        frames = parts[part]

        def searched(done: int, before: int = before) -> None:
            if progress:
                tick = {"frames searched": before + done}
                progress(Tick(0, config.training.epochs, before + done, total, tick))

        least = LOWER * settings["gate"]
        table = candidates(frames, config, detector, least, progress=searched)
        changed = part == "train"
        batches.append(CandidateBatches(frames, table, config, steps=steps, changed=changed))
        before += len(frames)
    return Lesson(whole.get_layer(SECOND), heads_crossentropy, *batches)
