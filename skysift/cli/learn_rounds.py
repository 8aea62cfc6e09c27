"""``skysift learn tails --simulate``: rounds of labels on simulated frames, whose truth answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from skysift.cli.bars import stage_bars
from skysift.cli.console import err, out

SHOWN = (
    "round", "labels", "held_out", "recall_before", "recall", "threshold_before", "threshold",
    "false_at_half_before", "false_at_half", "label_auc_before", "label_auc",
)  # fmt: skip


def simulate(
    ctx: typer.Context,
    save: Annotated[
        Path, typer.Option("--save", "-o", help="Folder to write to, and to go on in.")
    ],
    frames: Annotated[
        int, typer.Option(help="Frames with known comets: learned from, and judged on.")
    ] = 60,
    night: Annotated[int, typer.Option(help="Frames that are searched and asked about.")] = 60,
    size: Annotated[int, typer.Option(help="Side of the frames [px].")] = 1024,
    confusers: Annotated[
        float, typer.Option(help="So many times the usual asteroids, streaks and blends.")
    ] = 6.0,
    seed: Annotated[int, typer.Option(min=0, help="Of all that is random.")] = 7,
    start: Annotated[
        str, typer.Option(help="Weights that each round begins with. Default: what ships.")
    ] = "",
    threshold: Annotated[
        float, typer.Option(help="Least score of what is asked about, between 0 and 1.")
    ] = 0.1,
    strategy: Annotated[
        str, typer.Option(help="strategy:selector of all rounds but the first.")
    ] = "margin:k_means",
    initial: Annotated[int, typer.Option(min=1, help="Answers of the first round.")] = 40,
    batch: Annotated[int, typer.Option(min=1, help="Answers of each other one.")] = 20,
    labels: Annotated[int, typer.Option(min=1, help="Answers in the end.")] = 100,
    epochs: Annotated[int, typer.Option(min=1, help="Of each round's training.")] = 4,
    steps: Annotated[int, typer.Option(min=1, help="Of each epoch.")] = 100,
    false_per_frame: Annotated[
        float, typer.Option(min=0, help="False detections a frame, at which recall is told.")
    ] = 0.1,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Take rounds of labels as if people answered: what do they bring?

    Told of each round, before (the weights that it began with) and after: the recall of comets at
    the false detections that are allowed, and at which threshold; false detections a frame at 0.5;
    and how well labelled detections are told apart that were not learned from.

    The folder is a campaign: `status` and `round` go on with it. Killed at any time, the same
    command goes on.

    Example: skysift learn tails --simulate --save out/learn

    Exit codes: 0 done, 2 bad input.
    """
    from skysift.campaigns import get

    asked: dict[str, Any] = {
        "frames": frames, "night": night, "size": size, "confusers": confusers, "seed": seed,
        "start": start, "threshold": threshold, "query": strategy, "initial": initial,
        "batch": batch, "labels": labels, "epochs": epochs, "steps": steps,
        "false_per_frame": false_per_frame,
    }  # fmt: skip
    work = get(ctx.obj).tools.simulate
    assert work is not None
    with stage_bars() as tell:
        told = work(asked, save, tell)
    if as_json:
        typer.echo(json.dumps(told))
    else:
        _show(told)
    err.print(f"rounds and result → {save}")


def _show(told: dict[str, Any]) -> None:
    """Print a row a round."""
    table = Table(*SHOWN, box=None, pad_edge=False)
    for row in told["rounds"]:
        table.add_row(*(_cell(row.get(name)) for name in SHOWN))
    out.print(table)


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
