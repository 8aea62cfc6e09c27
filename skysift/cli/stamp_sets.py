"""``skysift data build ganomaly``: a set of stamps."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from skysift.cli import training_sets
from skysift.cli.bars import set_bar
from skysift.cli.console import err


def build(
    alerts: Annotated[
        list[Path], typer.Option(help="Alert file, folder or tarball; may be repeated.")
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder to write to.")],
    survey: Annotated[str, typer.Option(help="Survey of the alerts: ztf or lsst.")] = "ztf",
    side: Annotated[
        int | None,
        typer.Option(min=8, help="Of the images (px), 64 if none; stamps are cut or mirrored."),
    ] = None,
    truth: Annotated[
        Path | None, typer.Option(help="CSV or Parquet with candid and class.")
    ] = None,
    abnormal: Annotated[
        str | None,
        typer.Option(metavar="CLASS,…", help="Classes of the truth that are not learned from."),
    ] = None,
) -> None:
    """Make images of alerts' template and difference stamps, an alert an object, to train on.

    Example: skysift data build ganomaly --alerts night/packets --output set/

    To judge with: --truth night/truth.csv --abnormal oddity

    Then: skysift train ganomaly --config stamps --data set/ --output weights/
    """
    from skysift.datasets.stamp_set import build_stamp_set
    from skysift.models.ganomaly.stamps import SIDE

    if survey not in ("ztf", "lsst"):
        raise ValueError(f"--survey must be ztf or lsst. Got: {survey!r}")
    classes = [name.strip() for name in abnormal.split(",")] if abnormal else []
    with set_bar() as bar:
        manifest = build_stamp_set(
            alerts, output, survey=survey, side=side or SIDE, truth=truth, abnormal=classes,
            progress=bar.update,
        )  # fmt: skip
    if manifest["exclusions"]:
        err.print(training_sets.exclusions_table(manifest["exclusions"]))
    told = ", ".join(f"{count:,} {label}" for label, count in manifest["images"].items())
    err.print(f"{told} of {manifest['read']:,} alerts → {output}")
