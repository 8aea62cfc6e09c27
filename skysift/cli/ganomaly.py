"""What ``skysift train``, ``evaluate`` and ``predict`` do for GANomaly."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from skysift.cli.bars import counted, set_bar, stage_bars, training_bar
from skysift.cli.console import err, out
from skysift.cli.estimates import in_brackets

if TYPE_CHECKING:
    import pandas as pd

    from skysift.models.ganomaly.config import Config
    from skysift.models.ganomaly.scorer import Scorer
    from skysift.models.ganomaly.sources import Source

EXAMPLES = 3
"""Names of images that are told for each reason."""

Weights = Annotated[Path, typer.Option(help="Weights: NAME.keras, or the folder with it.")]


def train(
    data: Annotated[
        Path,
        typer.Option(help="Folder with train/0.normal, or any folder or file of images."),
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder to write to.")],
    config: Annotated[
        str, typer.Option(help="TOML file, or the name of one of ours: ours, parity.")
    ] = "ours",
    name: Annotated[str, typer.Option(help="Name of the weights.")] = "ganomaly-own",
    trained_on: Annotated[
        str, typer.Option(help="What the images are, in words; it goes wherever the network goes.")
    ] = "images of unstated origin",
    seed: Annotated[
        int | None, typer.Option(min=0, help="Of the training, instead of the config's.")
    ] = None,
    epochs: Annotated[
        int | None, typer.Option(min=1, help="Epochs at most, instead of the config's.")
    ] = None,
) -> None:
    """Train a network that says how strange images are; write NAME.keras and NAME.json.

    What was interrupted goes on where it was when the same command is given again; given with more
    epochs, what was finished goes on too.

    Example: skysift train ganomaly --data images/ --config ours --output weights/
    """
    from skysift.models import _backend

    _backend.import_keras()
    from skysift.models._keras_file import check_name
    from skysift.models.ganomaly.config import read_config
    from skysift.models.ganomaly.training import train as fit
    from skysift.models.ganomaly.training_set import read_training_set

    settings = _override(read_config(config), seed=seed, epochs=epochs)
    check_name(name)
    output.mkdir(parents=True, exist_ok=True)
    store = output / f"{name}.images"
    try:
        with set_bar("images") as reading:
            images = read_training_set(data, settings.inputs, store, progress=reading.update)
        _tell_left_out(images.left_out)
        with training_bar() as bar:
            facts = fit(
                images, settings, output, name=name, trained_on=trained_on, progress=bar.update
            )
    finally:
        store.unlink(missing_ok=True)
    learned = facts["training"]
    err.print(
        f"{facts['version']}: best of {learned['epochs_run']} epochs is {learned['best_epoch']}, "
        f"validation loss {learned['best_validation_loss']:.4f}, on {len(images):,} images "
        f"→ {output}"
    )
    if since := learned["discriminator"]["dead_since"]:
        err.print(f"[yellow]the discriminator is dead[/] since epoch {since}: what was learned is "
                  "an autoencoder")  # fmt: skip


def evaluate(
    data: Annotated[Path, typer.Option(help="Folder with test/0.normal and test/1.abnormal.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder to write to.")],
    weights: Weights,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Judge how well images of other classes are told from normal ones: ROC, AUPRC, EER, F1.

    Writes report.json, scores.parquet, evaluation.png and .pdf.

    Example: skysift evaluate ganomaly --weights weights/ --data images/ --output report/
    """
    from skysift.models import ganomaly
    from skysift.models.ganomaly.evaluation import judge
    from skysift.models.ganomaly.sources import Source

    ganomaly.check_weights(weights)
    source = Source(data, "test")
    scorer = ganomaly.load(weights)
    judged = {"version": scorer.version, "trained_on": scorer.trained_on}
    table = _scored(source, scorer)
    report = judge(table, output, about={"weights": judged, "set": {"part": "test"}})
    if as_json:
        typer.echo(json.dumps(report, indent=2))
    else:
        _print(report)
    err.print(f"{len(table):,} images judged → {output}")


def predict(
    folder: Annotated[Path, typer.Argument(help="Folder of images, or one file.")],
    weights: Weights,
    output: Annotated[Path, typer.Option("--output", "-o", help="CSV or Parquet file to write.")],
    panels: Annotated[
        Path | None,
        typer.Option(help="Folder for pictures of the strangest images and what is made of them."),
    ] = None,
    count: Annotated[int, typer.Option(min=1, help="How many of these pictures.")] = 20,
    spark: Annotated[
        bool, typer.Option("--spark", help="Score by a Spark job: for large sets.")
    ] = False,
) -> None:
    """Score every image of a folder; write a row an image.

    Columns: filename, label (its folder), status, artefact, raw (the published score), percentile
    (of a reference set that is kept with the weights), L1, and the scores that the percentile is
    made of.

    Example: skysift predict ganomaly images/ --weights weights/ -o scores.csv --panels panels/
    """
    if output.suffix.lower() not in (".csv", ".parquet"):
        raise ValueError(f"--output must be a .csv or .parquet file. Got: {output}")
    from skysift.models import ganomaly
    from skysift.models.ganomaly.sources import Source

    ganomaly.check_weights(weights)
    source = Source(folder)
    table = _by_spark(source, weights) if spark else _scored(source, ganomaly.load(weights))
    output.parent.mkdir(parents=True, exist_ok=True)
    if output.suffix.lower() == ".csv":
        table.to_csv(output, index=False)
    else:
        table.to_parquet(output, index=False)
    if panels:
        _write_panels(table, source, ganomaly.load(weights), panels, count)
    left = table[table["status"] != "ok"]
    _tell_left_out(dict(zip(left["filename"], left["status"], strict=True)))
    err.print(f"{len(table) - len(left):,} of {len(table):,} images scored → {output}")


def _scored(source: Source, scorer: Scorer) -> pd.DataFrame:
    """Score all images, with a count of those that are done."""
    from skysift.models.ganomaly.predictions import score_source, table_of

    with counted("scoring") as done:
        parts = [scored.table for scored in score_source(source, scorer, progress=done)]
    if not parts:
        raise ValueError(f"there is no image in {source.root}: its files are empty")
    return table_of(parts)


def _by_spark(source: Source, weights: Path) -> pd.DataFrame:
    """Have Spark score all images, with a bar."""
    from skysift.predictions.scoring import score_by_spark

    with stage_bars() as tell:
        return score_by_spark(source, weights, lambda done, of: tell("scoring", done, of))


def _write_panels(
    table: pd.DataFrame, source: Source, scorer: Scorer, folder: Path, count: int
) -> None:
    """Write the panels of the images that score highest."""
    from skysift.models.ganomaly.panels import panel_name, strangest, write_panel

    folder.mkdir(parents=True, exist_ok=True)
    rows = strangest(table, count)
    found = source.again({row["filename"] for row in rows}, scorer.inputs.channels)
    for place, row in enumerate(rows, start=1):
        image = scorer.prepare([found[row["filename"]]])[0]
        path = folder / panel_name(place, row["filename"])
        write_panel(path, row, image[0], scorer.reconstruct(image)[0])


def _tell_left_out(left_out: Mapping[str, str]) -> None:
    """Say how many images were left out for each reason, with the first few names."""
    by_reason: dict[str, list[str]] = {}
    for name, reason in left_out.items():
        by_reason.setdefault(reason.partition(":")[0], []).append(name)
    for reason, names in by_reason.items():
        more = ", …" if len(names) > EXAMPLES else ""
        err.print(f"[yellow]left out, {reason}:[/] {len(names):,}, "
                  f"{', '.join(names[:EXAMPLES])}{more}")  # fmt: skip


def _override(config: Config, **given: int | None) -> Config:
    """Set what the command line says instead of the file."""
    changes: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
    return replace(config, training=replace(config.training, **changes))


def _print(report: dict[str, Any]) -> None:
    table = Table("score", "AUC", "AUPRC", "EER", "best F1", box=None, pad_edge=False)
    for name, figures in report["scores"].items():
        table.add_row(name, in_brackets(figures["auc"]), in_brackets(figures["average_precision"]),
                      f"{figures['eer']:.3f}", f"{figures['f1']:.3f}")  # fmt: skip
    out.print(table)
    beyond = report["beyond"]
    out.print(
        f"beyond the {beyond['percentile']:g}th percentile: {beyond['tp']:,} of "
        f"{report['images']['abnormal']:,} abnormal and {beyond['fp']:,} of "
        f"{report['images']['normal']:,} normal images"
    )
