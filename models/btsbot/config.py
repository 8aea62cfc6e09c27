"""What a config file may say about training BTSbot, checked before anything is computed."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from skysift.models._config_file import Tables, configs_in, read_sections, read_tables
from skysift.models._network_config import NetworkConfig
from skysift.models._settings import ConfigError, check_keys, choice, number
from skysift.models.btsbot import networks
from skysift.models.btsbot.inputs import SIDE
from skysift.models.btsbot.network_config import NETWORK, read_network

READY_MADE = Path(__file__).with_name("configs")
"""Folder of config files for the networks we know; each has [network] and [training] only."""


@dataclass(frozen=True)
class TrainingConfig:
    """[training]: how the network learns.

    Attributes
    ----------
    object_share : float
        Of the training part's objects, that are learned from: to see what more would bring. Of a
        smaller share they are some of those of a larger one.
    epochs, batch : int
        Passes over the training part at most; alerts a step.
    learning_rate, beta_1, beta_2 : float
        Of Adam. The published network used 1e-4, 0.99, 0.99.
    optimizer : str
    weight_decay : float
        Of ``adamw``.
    schedule, warm_up : str, int
        ``cosine`` falls to 1 % of the rate, after `warm_up` epochs (at most all) of linear rise;
        ``plateau`` multiplies by 0.4 after 20 epochs without a better validation loss.
    patience : int
        Epochs without a better validation loss before it stops; the best epoch is kept.
    class_weight : str
        ``alert``: classes weigh the same in alerts; ``source``: as the objects' numbers ask.
    augment : bool
        Show an alert's images in any of their eight orientations.
    mask : float
        Share of training alerts whose features that the network may miss are masked; as many
        lose their host image, where the network looks at one.
    damage : float
        Share of training alerts that lose a strip of pixels at an edge.
    precision : str
        Of training only; weights are float32. ``auto``: bfloat16 where the CPU multiplies in it.
    seed : int
    tracking, tracking_uri : str
        Where metrics go besides the output folder; with ``mlflow``, the server, by default a
        local store in the output folder.
    crop : int
        Side of the central window of the stamps that the network sees, pixels.
    """

    object_share: float = number(1.0, above=0, high=1)
    epochs: int = number(60, low=1)
    batch: int = number(64, low=1)
    learning_rate: float = number(1e-3, above=0)
    beta_1: float = number(0.9, low=0, high=0.9999)
    beta_2: float = number(0.999, low=0, high=0.99999)
    optimizer: str = choice("adam", "adamw")
    weight_decay: float = number(4e-3, low=0)
    schedule: str = choice("cosine", "plateau", "constant")
    warm_up: int = number(1, low=0)
    patience: int = number(10, low=1)
    class_weight: str = choice("alert", "source", "none")
    augment: bool = True
    mask: float = number(0.1, low=0, high=1)
    damage: float = number(0.03, low=0, high=1)
    precision: str = choice("auto", "float32", "mixed_bfloat16")
    seed: int = number(2, low=0)
    tracking: str = choice("csv", "mlflow")
    tracking_uri: str = ""
    crop: int = number(SIDE, low=1, high=SIDE)


@dataclass(frozen=True)
class CalibrationConfig:
    """[calibration]: how scores become probabilities, on the validation part."""

    method: str = choice("temperature", "platt", "isotonic", "none")


@dataclass(frozen=True)
class GateConfig:
    """[gate]: whether features alone settle the clear cases."""

    enabled: bool = True


@dataclass(frozen=True)
class GuardConfig:
    """[guard]: whether scores near the threshold are held back on damaged input."""

    enabled: bool = True


@dataclass(frozen=True)
class SweepConfig:
    """[sweep]: ranges for a random search, in the tables [sweep.network] and [sweep.training].

    Attributes
    ----------
    ranges : mapping
        By key, such as ``training.batch``: a list of choices, or ``{low, high}``, between which
        values are drawn uniformly, or uniformly in the logarithm with ``log = true``.
    """

    ranges: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Config:
    """Everything that decides a training, given the set."""

    network: NetworkConfig = NETWORK
    training: TrainingConfig = TrainingConfig()
    calibration: CalibrationConfig = CalibrationConfig()
    gate: GateConfig = GateConfig()
    guard: GuardConfig = GuardConfig()
    sweep: SweepConfig = SweepConfig()

    @property
    def as_dict(self) -> dict[str, Any]:
        """The config as JSON and TOML can hold it."""
        whole = asdict(self)
        sweep: dict[str, Any] = {}
        for key, span in whole["sweep"]["ranges"].items():
            section, name = key.split(".")
            sweep.setdefault(section, {})[name] = span
        return {**whole, "network": self.network.as_dict, "sweep": sweep}


OTHERS_SECTIONS = ("set",)
"""Tables of the same file that other code reads."""


def read_config(source: str | os.PathLike[str] | Mapping[str, Any]) -> Config:
    """Read a config.

    Parameters
    ----------
    source : path-like or mapping
        A TOML file, the name of a ready-made config (``compact``, ``mm_cnn``, …), or what such a
        file holds. The table [set] is somebody else's and ignored.

    Raises
    ------
    ConfigError
        Which names the key, the rule, the value and the nearest known key.
    """
    tables = read_tables(source, READY_MADE, _anchored)
    check_keys(tables, [*Config.__dataclass_fields__, *OTHERS_SECTIONS], "the config")
    network = read_network(tables.get("network", {}))
    sweep = _sweep(tables.get("sweep", {}), network)
    return Config(network=network, sweep=sweep, **read_sections(_SECTIONS, tables))


def ready_made() -> tuple[str, ...]:
    """Return the names of the config files that come with the package."""
    return configs_in(READY_MADE)


_SECTIONS: dict[str, Any] = {
    "training": TrainingConfig,
    "calibration": CalibrationConfig,
    "gate": GateConfig,
    "guard": GuardConfig,
}


def _anchored(tables: Tables, folder: Path) -> Tables:
    """Make the paths of earlier weights relative to the file's folder."""
    network = tables.get("network", {})
    if not isinstance(network, dict):
        return tables
    fused = network.get("name") == "frozen_fusion"
    for key in ("start", "image", "metadata") if fused else ("start",):
        if isinstance(network.get(key), str):
            network[key] = str((folder / network[key]).absolute())
    return tables


def _sweep(table: Mapping[str, Any], network: NetworkConfig) -> SweepConfig:
    """Check that every range is of a setting there is, and is one."""
    ranges: dict[str, Any] = {}
    _check_table("[sweep]", table)
    for section, spans in table.items():
        check_keys([section], ["network", "training"], "[sweep]")
        _check_table(f"[sweep.{section}]", spans)
        ranges |= {f"{section}.{name}": span for name, span in spans.items()}
    known = [f"training.{name}" for name in TrainingConfig.__dataclass_fields__]
    known += [f"network.{name}" for name in networks.FAMILY.configurable(network.name)]
    check_keys(ranges, known, "[sweep]")
    if "training.class_weight" in ranges:
        raise ConfigError(
            "[sweep] training.class_weight cannot be searched for: it changes the loss itself, by "
            "which trials are compared"
        )
    for key, span in ranges.items():
        if not (_is_choice(span) or _is_range(span)):
            raise ConfigError(
                f"[sweep] {key} must be a list of choices, or {{low, high}} with low < high "
                f"(> 0 with log = true). Got: {span!r}"
            )
    return SweepConfig(ranges)


def _check_table(where: str, value: Any) -> None:
    if not isinstance(value, Mapping):
        raise ConfigError(f"{where} must be a table. Got: {value!r}")


def _is_choice(span: Any) -> bool:
    return isinstance(span, list) and len(span) > 0


def _is_range(span: Any) -> bool:
    if not (isinstance(span, Mapping) and {"low", "high"} <= span.keys() <= {"low", "high", "log"}):
        return False
    low, high = span["low"], span["high"]
    numbers = all(isinstance(x, (int, float)) and math.isfinite(x) for x in (low, high))
    return numbers and low < high and (low > 0 or not span.get("log", False))
