"""What a config file may say about training Zoobot, checked before anything is computed."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from skysift.models._settings import ConfigError, check_keys, choice, from_table, nearest, number
from skysift.models.zoobot import networks

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

READY_MADE = Path(__file__).with_name("configs")
"""Folder of config files for the networks we know."""

SET_BY_TRAINING = ("stored", "channels", "pixels", "answers", "kind")
"""Settings of networks that follow from the set and the other tables: not for a config file."""

LOSSES = (
    "dirichlet_multinomial", "multinomial", "binomial", "beta_binomial", "mse", "crossentropy"
)  # fmt: skip
"""Of `losses`; named here too, so that a config is checked without Keras."""

OF_CONCENTRATIONS = ("dirichlet_multinomial", "beta_binomial")


@dataclass(frozen=True)
class NetworkConfig:
    """[network]: which network, and its settings (see `networks.settings_of`)."""

    name: str = "efficientnet"
    settings: Mapping[str, Any] = field(default_factory=dict)


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

    network: NetworkConfig = NetworkConfig()
    labels: LabelsConfig = LabelsConfig()
    training: TrainingConfig = TrainingConfig()
    finetune: FinetuneConfig = FinetuneConfig()
    recalibration: RecalibrationConfig = RecalibrationConfig()

    @property
    def as_dict(self) -> dict[str, Any]:
        """The config as JSON and TOML can hold it."""
        whole = asdict(self)
        whole["network"] = {"name": self.network.name, **self.network.settings}
        return whole


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
    tables = dict(source) if isinstance(source, Mapping) else _read_file(source)
    check_keys(tables, Config.__dataclass_fields__, "the config")
    network = _network(tables.get("network", {}))
    simple = {
        section: from_table(kind, section, tables.get(section, {}))
        for section, kind in _SECTIONS.items()
    }
    config = Config(network=network, **simple)
    _check(config)
    return config


def ready_made() -> tuple[str, ...]:
    """Return the names of the config files that come with the package."""
    return tuple(sorted(path.stem for path in READY_MADE.glob("*.toml")))


def _read_file(source: str | os.PathLike[str]) -> dict[str, Any]:
    """Read a TOML file, or the ready-made one of that name."""
    path = READY_MADE / f"{source}.toml" if str(source) in ready_made() else Path(source)
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError:
        raise ConfigError(
            f"no config file {path}; ready-made ones are: {', '.join(ready_made())}"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not TOML: {error}") from None


def _network(table: Any) -> NetworkConfig:
    """Check the name and the names of the settings; values are checked by building it."""
    if not isinstance(table, Mapping):
        raise ConfigError(f"[network] must be a table. Got: {table!r}")
    settings = dict(table)
    name = settings.pop("name", NetworkConfig.name)
    if name not in networks.NAMES:
        hint = nearest(str(name), networks.NAMES)
        raise ConfigError(f"[network] name is not of a network: {name!r}{hint}")
    known = [key for key in networks.settings_of(name) if key not in SET_BY_TRAINING]
    check_keys(settings, ["name", *known], "[network]")
    return NetworkConfig(name, settings)


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
