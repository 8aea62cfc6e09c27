"""What ``skysift data build``, ``train`` and ``evaluate`` do for Tails."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from skysift.cli.bars import set_bar, training_bar
from skysift.cli.console import err, out
from skysift.cli.estimates import in_brackets
from skysift.cli.shares import read_shares

if TYPE_CHECKING:
    from skysift.models.tails.config import Config


def build(
    frames: Annotated[
        list[Path], typer.Option(help="Folder of skysift simulate frames; may be repeated.")
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder to write to.")],
    shares: Annotated[
        str | None,
        typer.Option(
            metavar="PART=SHARE,…", help="Of the fields; train=0.7,validation=0.1,test=0.2"
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the split.")] = 2,
) -> None:
    """Build a set of frames with known comets: images aligned, and tables of what is in them.

    Frames that are in the set already are not read again.

    Example: skysift data build tails --frames frames/ --output set/
    """
    from skysift.datasets.frame_set import build_frame_set

    split = read_shares(shares, "--shares", "train=0.8,validation=0.2") if shares else None
    with set_bar("frames") as bar:
        manifest = build_frame_set(frames, output, shares=split, seed=seed, progress=bar.update)
    for part, count in manifest["frames"].items():
        err.print(f"{part}: {count:,} frames, {manifest['comets'][part]:,} comets")
    for name, reason in manifest["left_out"].items():
        err.print(f"[yellow]left out:[/] {name}: {reason}")


def mine(
    folder: Annotated[Path, typer.Option("--set", help="Folder of skysift data build tails.")],
    weights: Annotated[Path, typer.Option(help="Weights that are to search it.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder of the new set.")],
    threshold: Annotated[
        float, typer.Option(help="Least score of what is taken, between 0 and 1.")
    ] = 0.1,
) -> None:
    """Search a set's train part, and write a set that knows what was wrongly taken for comets.

    A training on it, begun with the same weights, sees more of that.

    Example: skysift data mine tails --set set/ --weights weights/ --output mined/

    Then: skysift train tails --set mined/ --start weights/ --output better/
    """
    import pandas as pd

    from skysift.datasets.mined_set import write_mined_set
    from skysift.models import tails
    from skysift.models.tails.config import WindowsConfig
    from skysift.models.tails.mining import mine as search
    from skysift.models.tails.training_set import read_frame_set

    frames, scorer = read_frame_set(folder), tails.load(weights)
    learned_from = frames.part("train")

    def detect(frame: int) -> pd.DataFrame:
        return pd.DataFrame(scorer.detect(learned_from.images(frame), threshold=threshold))

    with _searching(len(learned_from)) as done:
        rows = search(
            learned_from, WindowsConfig(), detect, threshold=threshold, progress=done
        )  # fmt: skip
    mined = {"weights": scorer.version, "threshold": threshold, "frames": len(learned_from)}
    manifest = write_mined_set(frames, rows, output, mined=mined)
    err.print(
        f"{len(learned_from):,} frames searched: {len(rows):,} are no comets, "
        f"{manifest['mined'][-1]['added']:,} of them new → {output}"
    )


@contextmanager
def _searching(count: int) -> Iterator[Callable[[int], None]]:
    """Show frames being searched; the answer takes the number that is done."""
    columns = TextColumn("searching"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task("", total=count)
        yield lambda done: bar.update(task, completed=done)


def train(
    folder: Annotated[Path, typer.Option("--set", help="Folder of skysift data build tails.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder to write to.")],
    config: Annotated[
        str,
        typer.Option(
            help="TOML file, or the name of one of ours: finder, second_look (with --start), "
            "heat_map, tails_v1."
        ),
    ] = "finder",
    name: Annotated[str, typer.Option(help="Name of the weights.")] = "tails-own",
    trained_on: Annotated[
        str, typer.Option(help="What the frames are, in words; it goes wherever the network goes.")
    ] = "frames of unstated origin",
    seed: Annotated[
        int | None, typer.Option(min=0, help="Of the training, instead of the config's.")
    ] = None,
    epochs: Annotated[
        int | None, typer.Option(min=1, help="Epochs at most, instead of the config's.")
    ] = None,
    start: Annotated[
        Path | None,
        typer.Option(
            help="Weights of the same network to go on from; for second_look, what it looks after."
        ),
    ] = None,
) -> None:
    """Train a network that finds comets; write NAME.keras and NAME.json.

    What was interrupted goes on where it was when the same command is given again.

    Example: skysift train tails --set set/ --config finder --output finder/

    Then: skysift train tails --set set/ --config second_look --start finder/ --output weights/
    """
    from skysift.models import _backend

    _backend.import_keras()
    from skysift.models.tails.config import read_config
    from skysift.models.tails.training import train as fit
    from skysift.models.tails.training_set import read_frame_set

    settings = _override(read_config(config), seed=seed, epochs=epochs)
    if start is not None:
        settings = replace(settings, network=replace(settings.network, start=str(start)))
    frames = read_frame_set(folder)
    with training_bar() as bar:
        facts = fit(frames, settings, output, name=name, trained_on=trained_on, progress=bar.update)
    learned = facts["training"]
    err.print(
        f"{facts['version']}: best of {learned['epochs_run']} epochs is {learned['best_epoch']}, "
        f"validation loss {learned['best_validation_loss']:.4f}, on {len(frames):,} frames "
        f"→ {output}"
    )
    err.print(f"judge it: skysift evaluate tails --data {folder} --weights {output} -o report/")


def evaluate(
    data: Annotated[Path, typer.Option(help="Folder of skysift data build tails.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder to write to.")],
    weights: Annotated[Path, typer.Option(help="Weights to judge.")],
    part: Annotated[str, typer.Option(help="train, validation or test.")] = "test",
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Judge how well comets are found: recall, false positives, places, calibration.

    Writes report.json, curve.csv, detections.parquet, comets.parquet, evaluation.png and .pdf.

    Example: skysift evaluate tails --weights weights/ --data set/ --output report/
    """
    from skysift.models import tails
    from skysift.models.tails.evaluation import judge
    from skysift.models.tails.training_set import read_frame_set

    frames = read_frame_set(data).part(part)
    scorer = tails.load(weights)
    judged = {"version": scorer.version, "trained_on": scorer.trained_on}
    with _searching(len(frames)) as done:
        report = judge(
            frames, scorer, output, about={"weights": judged, "set": {"part": part}}, progress=done
        )
    if as_json:
        typer.echo(json.dumps(report, indent=2))
    else:
        _print(report)
    err.print(f"{len(frames):,} frames, {report['comets']:,} comets judged → {output}")


def _override(config: Config, **given: int | None) -> Config:
    """Set what the command line says instead of the file."""
    changes: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
    return replace(config, training=replace(config.training, **changes))


def _print(report: dict[str, Any]) -> None:
    table = Table("threshold", "recall", "recall, bright", "whether they count or not",
                  "false a tile", "false a frame", box=None, pad_edge=False)  # fmt: skip
    for name in ("at_half", "at_allowed"):
        at = report[name]
        table.add_row(
            f"{at['threshold']:.4f}", in_brackets(at["recall"]), in_brackets(at["recall_bright"]),
            in_brackets(at["recall_bright_any"]), f"{at['false_per_tile']:.2e}",
            f"{at['false_per_frame']:.3f}",
        )  # fmt: skip
    out.print(table)
    places = report["places"]
    out.print(
        f"radial RMSE {in_brackets(places['radial_rmse'])} px, to {report['bright']} mag "
        f"{in_brackets(places['radial_rmse_bright'])} px"
    )
