"""What a config file may say about training Zoobot, checked before anything is computed."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from skysift.models._config_file import configs_in, read_sections, read_tables
from skysift.models._network_config import NetworkConfig, read_network
from skysift.models._settings import ConfigError, check_keys, choice, number
from skysift.models.zoobot import networks

READY_MADE = Path(__file__).with_name("configs")
"""Folder of config files for the networks we know."""

NETWORK = NetworkConfig("efficientnet")
"""Of a config file that names none."""

LOSSES = (
    "dirichlet_multinomial", "multinomial", "binomial", "beta_binomial", "mse", "crossentropy"
)  # fmt: skip
"""Of `losses`; named here too, so that a config is checked without Keras."""

OF_CONCENTRATIONS = ("dirichlet_multinomial", "beta_binomial")


@dataclass(frozen=True)
class LabelsConfig:
    """[labels]: what is asked, and of which galaxies.

    Attributes
    ----------
    question, answer : str
        See `labels.labels_of`; by default all questions of the set's tree.
    min_votes : int
        Galaxies are learned from, and judged, if as many people or more answered some question.
        Published, for one question: 37 for smooth, 11 for bars.
    """

    question: str = ""
    answer: str = ""
    min_votes: int = number(1, low=1)


@dataclass(frozen=True)
class TrainingConfig:
    """[training]: how the network learns.

    Attributes
    ----------
    loss : str
        See `losses`.
    published_concentrations : bool
        Concentrations from 1 to 101, as published; otherwise from 0.02 to 1000.
    epochs, steps, batch : int
        Epochs at most; steps of each, 0 for once through all galaxies; and galaxies a step.
    learning_rate, optimizer, weight_decay : float, str, float
        Of Adam; the decay of ``adamw`` only.
    schedule, warm_up, patience : str, int, int
        As for BTSbot: ``cosine`` falls to 1 % of the rate, after `warm_up` epochs of linear rise;
        it stops after `patience` epochs without a better validation loss and keeps the best.
    precision : str
        Of training only. ``auto``: bfloat16 where the CPU multiplies in it.
    seed : int
    tracking, tracking_uri : str
        Where metrics go besides the output folder.
    """

    loss: str = choice(*LOSSES)
    published_concentrations: bool = False
    epochs: int = number(60, low=1)
    steps: int = number(0, low=0)
    batch: int = number(64, low=1)
    learning_rate: float = number(1e-3, above=0)
    optimizer: str = choice("adam", "adamw")
    weight_decay: float = number(1e-4, low=0)
    schedule: str = choice("cosine", "plateau", "constant")
    warm_up: int = number(1, low=0)
    patience: int = number(15, low=1)
    precision: str = choice("auto", "float32", "mixed_bfloat16")
    seed: int = number(2, low=0)
    tracking: str = choice("csv", "mlflow")
    tracking_uri: str = ""


@dataclass(frozen=True)
class FinetuneConfig:
    """[finetune]: how a network learns new questions, see `finetune`.

    Attributes
    ----------
    head_epochs : int
        With a new head alone.
    blocks : int
        Blocks of the trunk, the last ones, that learn afterwards with it; 0 for none.
    rate : float
        Of the learning rate, for these.
    """

    head_epochs: int = number(20, low=1)
    blocks: int = number(3, low=0)
    rate: float = number(0.1, above=0)


@dataclass(frozen=True)
class RecalibrationConfig:
    """[recalibration]: whether posteriors are widened as the validation part demands.

    Attributes
    ----------
    enabled : bool
    passes : int
        With dropout, of which a posterior is made.
    """

    enabled: bool = True
    passes: int = number(15, low=1)


@dataclass(frozen=True)
class Config:
    """Everything that decides a training, given the set."""

    network: NetworkConfig = NETWORK
    labels: LabelsConfig = LabelsConfig()
    training: TrainingConfig = TrainingConfig()
    finetune: FinetuneConfig = FinetuneConfig()
    recalibration: RecalibrationConfig = RecalibrationConfig()

    @property
    def as_dict(self) -> dict[str, Any]:
        """The config as JSON and TOML can hold it."""
        return {**asdict(self), "network": self.network.as_dict}


_SECTIONS: dict[str, Any] = {
    "labels": LabelsConfig,
    "training": TrainingConfig,
    "finetune": FinetuneConfig,
    "recalibration": RecalibrationConfig,
}


def read_config(source: str | os.PathLike[str] | Mapping[str, Any]) -> Config:
    """Read a config.

    Parameters
    ----------
    source : path-like or mapping
        A TOML file, the name of a ready-made config (see `ready_made`), or what such a file holds.

    Raises
    ------
    ConfigError
        Which names the key, the rule, the value and the nearest known key.
    """
    tables = read_tables(source, READY_MADE)
    check_keys(tables, Config.__dataclass_fields__, "the config")
    network = read_network(tables.get("network", {}), networks.FAMILY, NETWORK.name)
    config = Config(network=network, **read_sections(_SECTIONS, tables))
    _check(config)
    return config


def ready_made() -> tuple[str, ...]:
    """Return the names of the config files that come with the package."""
    return configs_in(READY_MADE)


def _check(config: Config) -> None:
    """Refuse what each table allows and both together do not."""
    labels, training = config.labels, config.training
    if labels.answer and not labels.question:
        raise ConfigError(f"[labels] answer {labels.answer!r} needs its question too")
    if training.published_concentrations and training.loss not in OF_CONCENTRATIONS:
        raise ConfigError(
            f"[training] published_concentrations needs the loss {' or '.join(OF_CONCENTRATIONS)}. "
            f"Got: {training.loss!r}"
        )
