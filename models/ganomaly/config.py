"""What a config file may say about training GANomaly, checked before anything is computed."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from skysift.models._config_file import configs_in, read_sections, read_tables
from skysift.models._network_config import NetworkConfig, read_network
from skysift.models._settings import ConfigError, check_keys, choice, number
from skysift.models.ganomaly import networks
from skysift.models.ganomaly.inputs import SCALES

READY_MADE = Path(__file__).with_name("configs")
"""Folder of config files for the networks we know."""

NETWORK = NetworkConfig("steady")
"""Of a config file that names none."""


@dataclass(frozen=True)
class InputsConfig:
    """[inputs]: what the network sees; see `inputs.prepare`.

    Attributes
    ----------
    side : int
        To which images are made smaller or larger [px]; a power of two, 32 or more.
    channels : int
        That all images have.
    scale : str
        ``range``: numbers over the largest that their type holds, as published; ``sky``: fluxes,
        above their sky and in its noise.
    """

    side: int = 64
    channels: int = number(3, low=1)
    scale: str = choice(*SCALES)


@dataclass(frozen=True)
class LossesConfig:
    """[losses]: what is asked of the two networks; see `losses`.

    Attributes
    ----------
    adversarial, contextual, latent : float
        Weights in the generator's loss.
    discriminator : str
        Loss of the discriminator: ``hinge``, ``logits``, or ``bce`` as published.
    """

    adversarial: float = number(1.0, low=0)
    contextual: float = number(50.0, low=0)
    latent: float = number(1.0, low=0)
    discriminator: str = choice("hinge", "logits", "bce")


@dataclass(frozen=True)
class TrainingConfig:
    """[training]: how the networks learn.

    Attributes
    ----------
    epochs, batch, patience : int
        Epochs at most; images a step; epochs without a better ``val_loss`` before it stops.
    learning_rate, discriminator_rate, beta_1 : float
        Of the two Adam optimisers, the same throughout. Published: 2e-4, 2e-4, 0.5.
    average : float
        Decay of the running average of the weights that is judged and kept; 0 for none.
    augment : bool
        Show images in any of their eight orientations.
    validation : float
        Share of the training images that is not learned from: the best epoch and the percentiles
        come from it.
    restart_below : float
        The discriminator's weights are drawn anew after a batch with a smaller loss; 0 for never.
        Published: 1e-5.
    restart_optimizer : bool
        Let its optimiser forget then, too. Published: false, which kills it (see `health`).
    precision : str
        Of training only. ``auto``: bfloat16 where the CPU multiplies in it.
    seed : int
    tracking, tracking_uri : str
        Where metrics go besides the output folder.
    """

    epochs: int = number(50, low=1)
    batch: int = number(64, low=1)
    patience: int = number(50, low=1)
    learning_rate: float = number(2e-4, above=0)
    discriminator_rate: float = number(2e-4, above=0)
    beta_1: float = number(0.5, low=0, high=0.999)
    average: float = number(0.995, low=0, high=0.99999)
    augment: bool = True
    validation: float = number(0.1, above=0, high=0.5)
    restart_below: float = number(0.0, low=0)
    restart_optimizer: bool = True
    precision: str = choice("auto", "float32", "mixed_bfloat16")
    seed: int = number(2, low=0)
    tracking: str = choice("csv", "mlflow")
    tracking_uri: str = ""


@dataclass(frozen=True)
class Config:
    """Everything that decides a training, given the images."""

    network: NetworkConfig = NETWORK
    inputs: InputsConfig = InputsConfig()
    losses: LossesConfig = LossesConfig()
    training: TrainingConfig = TrainingConfig()

    @property
    def as_dict(self) -> dict[str, Any]:
        """The config as JSON and TOML can hold it."""
        return {**asdict(self), "network": self.network.as_dict}


_SECTIONS: dict[str, Any] = {
    "inputs": InputsConfig,
    "losses": LossesConfig,
    "training": TrainingConfig,
}


def read_config(source: str | os.PathLike[str] | Mapping[str, Any]) -> Config:
    """Read a config.

    Parameters
    ----------
    source : path-like or mapping
        A TOML file, the name of a ready-made config (``ours``, ``parity``), or what such a file
        holds.

    Raises
    ------
    ConfigError
        Which names the key, the rule, the value and the nearest known key.
    """
    tables = read_tables(source, READY_MADE)
    check_keys(tables, Config.__dataclass_fields__, "the config")
    network = read_network(tables.get("network", {}), networks.FAMILY, NETWORK.name)
    config = Config(network=network, **read_sections(_SECTIONS, tables))
    try:
        networks.check_side(config.inputs.side)
    except ValueError as error:
        raise ConfigError(f"[inputs] {error}") from None
    return config


def ready_made() -> tuple[str, ...]:
    """Return the names of the config files that come with the package."""
    return configs_in(READY_MADE)
