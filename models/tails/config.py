"""What a config file may say about training Tails, checked before anything is computed."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from skysift.models._config_file import configs_in, read_sections, read_tables
from skysift.models._network_config import NetworkConfig, read_network
from skysift.models._settings import ConfigError, check_keys, choice, number
from skysift.models.tails import networks
from skysift.models.tails.inputs import PREPROCESSINGS

READY_MADE = Path(__file__).with_name("configs")
"""Folder of config files for the networks we know."""

NETWORK = NetworkConfig("heat_map")
"""Of a config file that names none."""


@dataclass(frozen=True)
class InputsConfig:
    """[inputs]: what the network sees.

    Attributes
    ----------
    preprocessing : str
        ``robust`` and ``binned``, ours, or ``tails``, as published; see `inputs`.
    channels : int
        3: science, reference and difference; 2: science and reference.
    """

    preprocessing: str = choice(*PREPROCESSINGS)
    channels: int = choice(3, 2)


@dataclass(frozen=True)
class WindowsConfig:
    """[windows]: what is cut out of the frames.

    Attributes
    ----------
    tile, stamp : int
        Sides [px]: of tiles, in which comets lie anywhere, and of stamps, in which they lie in the
        middle, as in alerts.
    stamps : float
        Share of the steps that are of stamps; 0 for `tails_v1`, which knows one size.
    comets, confusers : float
        Shares of the windows about a comet, and about something that may be taken for one, kinds
        alike; the others lie anywhere.
    shift : float
        Scatter of sources about the middle of a stamp [px], each way.
    min_snr, min_extent_snr, max_blocked : float
        Comets that are fainter, less unlike a point (S/N of what no point explains), or hidden
        more, need not be found: they are no fault either way.
    damage : float
        Share of the windows that lose a strip or a block of pixels.
    augment : bool
        Show windows in any of their eight orientations.
    """

    tile: int = number(256, low=32)
    stamp: int = number(63, low=32)
    stamps: float = number(0.4, low=0, high=1)
    comets: float = number(0.45, low=0, high=1)
    confusers: float = number(0.3, low=0, high=1)
    shift: float = number(2.0, low=0)
    min_snr: float = number(5.0, low=0)
    min_extent_snr: float = number(5.0, low=0)
    max_blocked: float = number(0.5, low=0, high=1)
    damage: float = number(0.05, low=0, high=1)
    augment: bool = True


@dataclass(frozen=True)
class TrainingConfig:
    """[training]: how the network learns.

    Attributes
    ----------
    epochs, steps, validation_steps : int
        Epochs at most; steps of each; and steps after each on which it is judged, always the same.
    batch, stamp_batch : int
        Tiles and stamps a step.
    learning_rate, optimizer, weight_decay : float, str, float
        Of Adam; the decay of ``adamw`` only. Published: 3e-4, ``adam``.
    schedule, warm_up, patience : str, int, int
        As for BTSbot: ``cosine`` falls to 1 % of the rate, after `warm_up` epochs of linear rise;
        it stops after `patience` epochs without a better validation loss and keeps the best.
    precision : str
        Of training only. ``auto``: bfloat16 where the CPU multiplies in it.
    seed : int
    tracking, tracking_uri : str
        Where metrics go besides the output folder.
    """

    epochs: int = number(40, low=1)
    steps: int = number(250, low=1)
    validation_steps: int = number(40, low=1)
    batch: int = number(8, low=1)
    stamp_batch: int = number(64, low=1)
    learning_rate: float = number(1e-3, above=0)
    optimizer: str = choice("adamw", "adam")
    weight_decay: float = number(1e-4, low=0)
    schedule: str = choice("cosine", "plateau", "constant")
    warm_up: int = number(1, low=0)
    patience: int = number(40, low=1)
    precision: str = choice("auto", "float32", "mixed_bfloat16")
    seed: int = number(2, low=0)
    tracking: str = choice("csv", "mlflow")
    tracking_uri: str = ""


@dataclass(frozen=True)
class CalibrationConfig:
    """[calibration]: how scores become probabilities, on the validation part."""

    method: str = choice("platt", "temperature", "isotonic", "none")


@dataclass(frozen=True)
class Config:
    """Everything that decides a training, given the set."""

    network: NetworkConfig = NETWORK
    inputs: InputsConfig = InputsConfig()
    windows: WindowsConfig = WindowsConfig()
    training: TrainingConfig = TrainingConfig()
    calibration: CalibrationConfig = CalibrationConfig()

    @property
    def as_dict(self) -> dict[str, Any]:
        """The config as JSON and TOML can hold it."""
        return {**asdict(self), "network": self.network.as_dict}


_SECTIONS: dict[str, Any] = {
    "inputs": InputsConfig,
    "windows": WindowsConfig,
    "training": TrainingConfig,
    "calibration": CalibrationConfig,
}


def read_config(source: str | os.PathLike[str] | Mapping[str, Any]) -> Config:
    """Read a config.

    Parameters
    ----------
    source : path-like or mapping
        A TOML file, the name of a ready-made config (see `ready_made`), or what such a
        file holds.

    Raises
    ------
    ConfigError
        Which names the key, the rule, the value and the nearest known key.
    """
    tables = read_tables(source, READY_MADE)
    check_keys(tables, Config.__dataclass_fields__, "the config")
    network = read_network(tables.get("network", {}), networks.FAMILY, NETWORK.name, start=True)
    config = Config(network=network, **read_sections(_SECTIONS, tables))
    _check(config)
    return config


def ready_made() -> tuple[str, ...]:
    """Return the names of the config files that come with the package."""
    return configs_in(READY_MADE)


def _check(config: Config) -> None:
    """Refuse what each table allows and both together do not."""
    windows = config.windows
    if windows.comets + windows.confusers > 1:
        raise ConfigError(
            "[windows] comets and confusers are shares of all windows and must add up to 1 or "
            f"less. Got: {windows.comets} and {windows.confusers}"
        )
    if config.network.name == "tails_v1" and windows.stamps:
        raise ConfigError(
            f"[windows] stamps must be 0 for tails_v1, which knows one size. Got: {windows.stamps}"
        )
