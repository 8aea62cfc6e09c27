"""Search for better settings: random trials over given ranges, on this machine.

References
----------
Bergstra & Bengio 2012, JMLR 13, 281: at equal cost, random trials find better settings than a grid.
"""

from __future__ import annotations

import csv
import json
import math
import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from skysift.models._fitting.loop import Tick
from skysift.models.btsbot.config import (
    CalibrationConfig,
    Config,
    GateConfig,
    GuardConfig,
    SweepConfig,
    read_config,
)
from skysift.models.btsbot.training import set_hash, train
from skysift.models.btsbot.training_set import TrainingSet

TRIALS, BEST = "trials.csv", "best.toml"

DECIDES = {"drawn": "ranges", "config": "settings", "set": "alerts"}
"""What a trial's result follows from, and what it is called where it differs."""

LOSS = "best_validation_loss"
"""By which trials are compared."""


def training_sweep(
    alerts: TrainingSet,
    config: Config,
    output: str | os.PathLike[str],
    *,
    trials: int,
    progress: Callable[[Tick], None] | None = None,
) -> list[dict[str, Any]]:
    """Train with settings drawn at random, and write down which did best.

    Trial `i` draws the same settings whatever came before, so that a sweep goes on where it was
    when the same call is given again; a larger `trials` adds to it. Trials are neither calibrated
    nor gated: train once more with the best settings.

    Parameters
    ----------
    alerts : TrainingSet
    config : Config
        With a [sweep]; what it does not name stays as it is.
    output : path-like
        Folder; gets ``trials.csv``, ``best.toml`` and a folder ``trial-NNN`` each.
    trials : int
        How many, all in all.
    progress : callable, optional
        Gets each training's ticks.

    Returns
    -------
    list of dict
        Of each trial: ``trial``, its settings, ``best_validation_loss``, ``best_epoch``.

    Raises
    ------
    ValueError
        If the config has no [sweep], or the folder holds trials of another.
    """
    check_sweep(config)
    output = Path(output)
    output.mkdir(parents=True, exist_ok=True)
    rows = []
    for number in range(trials):
        drawn = draw(config.sweep.ranges, config.training.seed, number)
        rows.append(_trial(alerts, with_settings(config, drawn), drawn, output, number, progress))
        _write_table(output / TRIALS, rows)
        best = min(rows, key=lambda row: row[LOSS])
        settings = draw(config.sweep.ranges, config.training.seed, best["trial"])
        tables = replace(with_settings(config, settings), sweep=SweepConfig()).as_dict
        (output / BEST).write_text(to_toml(tables), encoding="utf-8")
    return rows


def check_sweep(config: Config) -> None:
    """Refuse a config without ranges.

    Raises
    ------
    ValueError
    """
    if not config.sweep.ranges:
        raise ValueError("the config has no [sweep]: name ranges in [sweep.training] or .network")


def draw(ranges: Mapping[str, Any], seed: int, number: int) -> dict[str, Any]:
    """Draw the settings of a trial.

    Examples
    --------
    >>> draw({"training.batch": [32]}, seed=2, number=0)
    {'training.batch': 32}
    """
    rng = np.random.default_rng([seed, number])
    return {key: _draw_one(ranges[key], rng) for key in sorted(ranges)}


def _draw_one(span: Any, rng: np.random.Generator) -> Any:
    """Draw a choice, an integer or a number."""
    if isinstance(span, list):
        return span[rng.integers(len(span))]
    low, high = span["low"], span["high"]
    if span.get("log", False):
        value = math.exp(rng.uniform(math.log(low), math.log(high)))
    elif isinstance(low, int) and isinstance(high, int):
        return int(rng.integers(low, high, endpoint=True))
    else:
        value = float(rng.uniform(low, high))
    return round(value) if isinstance(low, int) and isinstance(high, int) else value


def with_settings(config: Config, drawn: Mapping[str, Any]) -> Config:
    """Return a config with settings replaced, checked like any other."""
    tables = config.as_dict
    for key, value in drawn.items():
        section, name = key.split(".")
        tables[section][name] = value
    return read_config(tables)


def _trial(
    alerts: TrainingSet,
    config: Config,
    drawn: Mapping[str, Any],
    output: Path,
    number: int,
    progress: Callable[[Tick], None] | None,
) -> dict[str, Any]:
    """Train once, or read what an earlier call has trained."""
    name = f"trial-{number:03d}"
    folder = output / name
    done = folder / "result.json"
    bare = replace(
        config,
        calibration=CalibrationConfig("none"),
        gate=GateConfig(enabled=False),
        guard=GuardConfig(enabled=False),
        sweep=SweepConfig(),
    )
    asked = {"drawn": drawn, "config": bare.as_dict, "set": set_hash(alerts)}
    asked = json.loads(json.dumps(asked))
    if done.exists():
        result = json.loads(done.read_text(encoding="utf-8"))
        for what, told in DECIDES.items():
            if result.get(what) != asked[what]:
                raise ValueError(f"{folder} is of a sweep with other {told}: choose another output")
        return _row(number, result)
    facts = train(
        alerts, bare, folder, name=name, trained_on="a trial of a sweep", progress=progress
    )
    result = {**asked, **{key: facts["training"][key] for key in (LOSS, "best_epoch")}}
    done.write_text(json.dumps(result), encoding="utf-8")
    return _row(number, result)


def _row(number: int, result: Mapping[str, Any]) -> dict[str, Any]:
    """Return a line of the table."""
    rest = {key: value for key, value in result.items() if key not in DECIDES}
    return {"trial": number, **result["drawn"], **rest}


def _write_table(path: Path, rows: list[dict[str, Any]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def to_toml(tables: Mapping[str, Mapping[str, Any]]) -> str:
    """Write tables of texts, numbers, truth values and lists of them, which JSON writes alike."""
    blocks = [
        "\n".join([f"[{section}]", *(f"{k} = {json.dumps(v)}" for k, v in table.items())])
        for section, table in tables.items()
        if table
    ]
    return "\n\n".join(blocks) + "\n"
