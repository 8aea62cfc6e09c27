"""``skysift train``: labelled alerts in, a network with its card of facts out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from skysift.cli import ganomaly, tails, training_sets, zoobot
from skysift.cli.bars import training_bar
from skysift.cli.console import err

if TYPE_CHECKING:
    from skysift.models.btsbot.config import Config

SET = "set"
"""In the output folder: the training set that is built there."""

app = typer.Typer(help="Train a network on labelled alerts or frames.", no_args_is_help=True)
app.command("tails")(tails.train)
app.command("ganomaly")(ganomaly.train)
app.command("zoobot")(zoobot.train)


@app.command("btsbot")
def train(
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder to write to.")],
    config: Annotated[
        str, typer.Option(help="TOML file, or the name of one of ours: compact, mm_cnn, …")
    ] = "compact",
    alerts: training_sets.Alerts = None,
    labels: training_sets.Labels = None,
    hosts: training_sets.Hosts = None,
    folder: Annotated[
        Path | None,
        typer.Option("--set", help="Folder with a training set, ours or the published one."),
    ] = None,
    name: Annotated[str, typer.Option(help="Name of the weights.")] = "btsbot-own",
    trained_on: Annotated[
        str, typer.Option(help="What the alerts are, in words; it goes wherever the network goes.")
    ] = "alerts of unstated origin",
    seed: Annotated[
        int | None, typer.Option(min=0, help="Of the training, instead of the config's.")
    ] = None,
    epochs: Annotated[
        int | None, typer.Option(min=1, help="Passes over the alerts, instead of the config's.")
    ] = None,
    sweep: Annotated[
        int | None,
        typer.Option(min=1, help="Trials with settings drawn from the config's [sweep], instead."),
    ] = None,
) -> None:
    """Train a BTSbot network; write NAME.keras and NAME.json.

    The training set is built into OUTPUT/set, unless it is there already or --set names one.
    What was interrupted goes on where it was when the same command is given again.

    Example: skysift train btsbot --config config.toml --output weights/

    On a set that is there: skysift train btsbot --config mm_cnn --set set/ --output weights/

    Search for settings: skysift train btsbot --config config.toml --set set/ --output s/ --sweep 20
    """
    if folder is not None and (alerts or labels or hosts):
        raise ValueError("give --set, or --alerts and --labels: a set holds its alerts already")
    from skysift.models import _backend

    _backend.import_keras()
    from skysift.models._keras_file import check_name
    from skysift.models.btsbot.beforehand import inputs_of
    from skysift.models.btsbot.config import read_config
    from skysift.models.btsbot.sweep import check_sweep
    from skysift.models.btsbot.training_set import read_set

    settings = _override(read_config(config), seed=seed, epochs=epochs)
    # What cannot be is told before an hour of reading.
    check_name(name)
    if sweep is not None:
        check_sweep(settings)
    inputs = inputs_of(settings)
    if folder is None:
        folder = output / SET
        _build(config, folder, alerts or [], labels, hosts, inputs)
    if sweep is not None:
        _sweep(read_set(folder), settings, output, trials=sweep)
        return
    _fit(read_set(folder), settings, output, name=name, trained_on=trained_on)
    err.print(f"judge it: skysift evaluate btsbot --data {folder} --weights {output} -o report/")


def _override(config: Config, **given: int | None) -> Config:
    """Set what the command line says instead of the file."""
    changes = {key: value for key, value in given.items() if value is not None}
    return replace(config, training=replace(config.training, **changes))  # type: ignore[arg-type]


def _build(
    config: str,
    folder: Path,
    alerts: list[Path],
    labels: Path | None,
    hosts: Path | None,
    inputs: Sequence[str],
) -> None:
    from skysift.datasets import read_set_config
    from skysift.models.btsbot.config import ready_made
    from skysift.models.btsbot.hosts import INDEX
    from skysift.models.btsbot.training_set import NO_HOSTS

    source = None if config in ready_made() else Path(config)
    settings = read_set_config(source, alerts=alerts, labels=labels, hosts=hosts)
    if "host" in inputs and settings.hosts is None and not (folder / INDEX).is_file():
        raise ValueError(NO_HOSTS)
    training_sets.build(settings, folder)


def _fit(alerts: Any, config: Config, output: Path, *, name: str, trained_on: str) -> None:
    from skysift.models.btsbot import training

    with training_bar() as bar:
        facts = training.train(
            alerts, config, output, name=name, trained_on=trained_on, progress=bar.update
        )
    learned = facts["training"]
    err.print(
        f"{facts['version']}: best of {learned['epochs_run']} epochs is {learned['best_epoch']}, "
        f"validation loss {learned['best_validation_loss']:.4f}, on {len(alerts):,} alerts "
        f"→ {output}"
    )


def _sweep(alerts: Any, config: Config, output: Path, *, trials: int) -> None:
    from skysift.models.btsbot import sweep

    with training_bar() as bar:
        rows = sweep.training_sweep(alerts, config, output, trials=trials, progress=bar.update)
    best = min(rows, key=lambda row: row[sweep.LOSS])
    err.print(f"best of {len(rows)} trials: {best} → {output / sweep.BEST}")


@app.command("vra")
def train_vra(
    table: Annotated[Path, typer.Option(help="Parquet file from skysift data build vra.")],
    labels: Annotated[Path, typer.Option(help="CSV with candid or objectId, and the answers.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder to write to.")],
    column: Annotated[str, typer.Option(help="Column of the answers.")] = "label",
    label_map: Annotated[
        Path | None,
        typer.Option(help="TOML file: what answers mean, instead of the published map."),
    ] = None,
    most: Annotated[
        int, typer.Option(min=2, help="Labels that a target learns from, at most.")
    ] = 300,
    name: Annotated[str, typer.Option(help="Name of the weights.")] = "vra-own",
    trained_on: Annotated[
        str, typer.Option(help="What the alerts are, in words; it goes wherever the weights go.")
    ] = "alerts of unstated origin",
    seed: Annotated[int, typer.Option(min=0)] = 0,
) -> None:
    """Teach the VRA from a table of labels at once; write NAME.skops and NAME.json.

    Example: skysift train vra --table features.parquet --labels labels.csv --output weights/
    """
    from skysift.models.vra.labels import FILE, read_label_map
    from skysift.models.vra.training import read_labelled, train

    facts = train(
        *read_labelled(table, labels, column),
        output,
        label_map=read_label_map(label_map or FILE),
        name=name,
        trained_on=trained_on,
        labels=most,
        seed=seed,
    )
    for target, figures in facts["metrics"].items():
        area = "no AUC" if figures["auc"] is None else f"AUC {figures['auc']:.3f}"
        err.print(
            f"{target}: {figures['labels']} labels, {area} on {figures['alerts']:,} alerts of "
            f"other objects, {figures['positive']:,} of them yes"
        )
    err.print(f"{facts['version']} → {output}")
