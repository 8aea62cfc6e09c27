"""A new head behind a trunk that stays as it is, learned in seconds from features kept in memory.

Where a network learns anew after each round of labelling, most of what it learns is what it knew
before. A trunk that learned galaxies from other questions, or from other galaxies, sees each image
once; a head of one layer learns from what it saw. What is learned is little, and so is what it
costs: whether the trunk sees what is asked about is for whoever chooses it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from skysift.models import _keras_file
from skysift.models._settings import choice, number
from skysift.models._weights import Weights, read_weights
from skysift.models.zoobot import networks
from skysift.models.zoobot.config import LOSSES, OF_CONCENTRATIONS
from skysift.models.zoobot.finetune import trunk_of
from skysift.models.zoobot.labels import Labels
from skysift.models.zoobot.losses import loss_of
from skysift.models.zoobot.networks import DROPOUT, LOGITS
from skysift.models.zoobot.networks.answers import CONCENTRATIONS, FRACTIONS
from skysift.models.zoobot.stored import rebuild


@dataclass(frozen=True)
class HeadConfig:
    """How a head learns.

    Attributes
    ----------
    loss : str
        See `losses`.
    steps, batch : int
        Steps of Adam, and galaxies of each; fewer galaxies are drawn more often.
    learning_rate : float
    spread : float
        How far logits are believed to scatter before there are votes: weights are normal about 0,
        and of features of mean square 1 they make logits of this standard deviation. Few galaxies
        have many votes, and would else be believed in every feature they happen to have.
    dropout : float
    """

    loss: str = choice("multinomial", *(name for name in LOSSES if name != "multinomial"))
    steps: int = number(600, low=1)
    batch: int = number(64, low=1)
    learning_rate: float = number(0.02, above=0)
    spread: float = number(2.0, above=0)
    dropout: float = number(0.5, low=0, high=0.9)


def learn_head(
    features: np.ndarray,
    votes: np.ndarray,
    labels: Labels,
    config: HeadConfig,
    output: str | os.PathLike[str],
    *,
    trunk: str | os.PathLike[str],
    name: str,
    trained_on: str,
    seed: int,
) -> dict[str, Any]:
    """Learn a head, and write trunk and head as one network with its sidecar.

    Parameters
    ----------
    features : ndarray (n, width), float32
        What the trunk sees: `Scorer.represent` of the galaxies.
    votes : ndarray (n, answers)
    labels : Labels
        What is asked; the order of the answers.
    config : HeadConfig
    output : path-like
        Folder that is there; gets ``NAME.keras`` and ``NAME.json``.
    trunk : path-like
        Weights of a network of any questions.
    name, trained_on : str
        For the sidecar; `trained_on` is of the head's galaxies, the trunk's own word is added.
    seed : int
        Of what is drawn: first weights, batches and dropout.

    Returns
    -------
    dict
        The sidecar's content.

    Raises
    ------
    ValueError
        If there is no galaxy, or the loss is not one of so many answers.
    WeightsError
        If `trunk` holds no network of ours.
    """
    if not len(features):
        raise ValueError("a head needs a galaxy to learn from. Got: none")
    earlier = read_weights(trunk)
    keras.utils.set_random_seed(seed)
    model = _network(earlier, labels, config)
    model.get_layer(LOGITS).set_weights(_fitted(features, votes, labels, config, seed))
    facts = {
        "network": {"name": earlier.facts["network"]["name"], "settings": _settings(
            earlier, labels, config)},
        "tree": labels.tree.as_table,
        "labels": [list(columns) for columns in labels.columns],
        "recalibration": None,
        "trained_on": f"{trained_on}; its trunk: {earlier.facts['trained_on']}",
        "training": {**vars(config), "seed": seed, "trunk": earlier.sha256, "galaxies": len(votes)},
    }  # fmt: skip
    return _keras_file.write(model, Path(output), name, facts)


def _settings(earlier: Weights, labels: Labels, config: HeadConfig) -> dict[str, Any]:
    kind = CONCENTRATIONS if config.loss in OF_CONCENTRATIONS else FRACTIONS
    new = {"answers": list(labels.counts), "kind": kind, "dropout": config.dropout}
    return {**earlier.facts["network"]["settings"], **new}


def _network(earlier: Weights, labels: Labels, config: HeadConfig) -> keras.Model:
    """Build the network, with a trunk that knows what the earlier one knew."""
    known = rebuild(earlier)
    settings = _settings(earlier, labels, config)
    model = networks.build(earlier.facts["network"]["name"], **settings)
    for layer, before in zip(trunk_of(model), trunk_of(known), strict=True):
        layer.set_weights(before.get_weights())
    return model


def _fitted(
    features: np.ndarray, votes: np.ndarray, labels: Labels, config: HeadConfig, seed: int
) -> list[np.ndarray]:
    """Return kernel (width, answers) and bias (answers,)."""
    scale = np.sqrt(np.mean(np.square(features, dtype=np.float64), axis=0)).astype(np.float32)
    scale[scale == 0] = 1.0  # a feature that no galaxy has: its weight stays near 0
    learner = _learner(features.shape[1], len(votes), labels, config)
    rng = np.random.default_rng(seed)
    for step in range(config.steps):
        learner.optimizer.learning_rate.assign(config.learning_rate * (1 - step / config.steps))
        rows = rng.choice(len(votes), config.batch, replace=len(votes) < config.batch)
        learner.train_on_batch(features[rows] / scale, np.asarray(votes[rows], np.float32))
    kernel, bias = learner.get_layer(LOGITS).get_weights()
    return [kernel / scale[:, None], bias]


def _learner(width: int, galaxies: int, labels: Labels, config: HeadConfig) -> keras.Model:
    """Make a head of features of mean square 1."""
    inputs = keras.Input((width,))
    x = keras.layers.Dropout(config.dropout, name=DROPOUT)(inputs)
    prior = keras.regularizers.L2(width / config.spread**2 / (2 * galaxies))
    x = keras.layers.Dense(sum(labels.counts), kernel_regularizer=prior, name=LOGITS)(x)
    learner = keras.Model(inputs, x)
    kind = CONCENTRATIONS if config.loss in OF_CONCENTRATIONS else FRACTIONS
    learner.compile(
        optimizer=keras.optimizers.Adam(config.learning_rate),
        loss=loss_of(config.loss, kind, labels.counts),
        jit_compile=False,
    )
    return learner
