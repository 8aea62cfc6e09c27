"""``skysift learn MODEL collect``: what was found in frames, into a pool to label."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from skysift.cli.bars import stage_bars
from skysift.cli.console import err

NOTHING = 3


def collect(
    ctx: typer.Context,
    source: Annotated[
        Path,
        typer.Option(
            help="Folder that `skysift frames` wrote, or a set of `skysift data build tails`, "
            "which is searched."
        ),
    ],
    config: Annotated[
        Path | None, typer.Option("--config", "-c", help="A campaign's file, for its pool.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Folder of the pool. Default: the campaign's."),
    ] = None,
    weights: Annotated[
        Path | None, typer.Option(help="Weights that search a set. Default: what ships.")
    ] = None,
    threshold: Annotated[
        float, typer.Option(help="Least score of what is taken, between 0 and 1.")
    ] = 0.1,
) -> None:
    """Keep detections with their images in a pool, each place of a frame once.

    Detections of `skysift frames` are taken as they were found: search with a low --threshold
    there, so that there is something to ask about. Of a set its train part is searched, and what
    its truth says of each detection is written to truth.csv in the pool: for --oracle truth, if the
    truth is to be trusted. Killed, the same command goes on.

    Examples:

      skysift frames run frames/ --threshold 0.1 --output comets

      skysift learn tails collect --config mine/campaign.toml --source comets

    Exit codes: 0 done, 2 bad input, 3 nothing was found.
    """
    from skysift.campaigns import get
    from skysift.campaigns.config import read_config

    kind = get(ctx.obj)
    if kind.tools.collect is None:
        raise ValueError(f"{kind.name} cannot collect{_instead(kind.filled_by)}")
    if output is None:
        if config is None:
            raise ValueError("give --output, the pool's folder; or --config, a campaign's file")
        output = read_config(config, kind).pool
    with stage_bars() as tell:
        done = kind.tools.collect(
            source, output, {"weights": weights, "threshold": threshold}, tell
        )
    err.print(
        f"{done.frames:,} frames, {done.detections:,} detections not seen before, {done.new:,} at "
        f"new places; {done.known:,} with a known answer in all → {output}"
    )
    if not done.detections and not any(output.glob("*.parquet")):
        raise typer.Exit(NOTHING)


def _instead(verb: str | None) -> str:
    return f"; see {verb}" if verb else ""
