"""``skysift learn MODEL replay``: how queries would have done on labels that are known."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from skysift.cli import choices
from skysift.cli.console import err, out

OUTPUT = Path("out/replay")


def replay(
    ctx: typer.Context,
    train: Annotated[Path, typer.Option(help="Table of features to learn from.")],
    train_labels: Annotated[Path, typer.Option(help="Its labels.")],
    validation: Annotated[Path, typer.Option(help="Table to judge on, of other objects.")],
    validation_labels: Annotated[Path, typer.Option(help="Its labels.")],
    initial: Annotated[int, typer.Option(min=2, help="Labels of the first round.")] = 30,
    batch: Annotated[int, typer.Option(min=1, help="Labels of each other one.")] = 10,
    labels: Annotated[int, typer.Option(min=2, help="Labels in the end.")] = 70,
    seeds: Annotated[int, typer.Option(min=1, help="Runs of each strategy.")] = 10,
    strategies: Annotated[
        str, typer.Option(help="strategy:selector, several by comma; the first is reported.")
    ] = "margin:k_means,random",
    config: Annotated[
        Path | None, typer.Option("--config", "-c", help="A campaign's file, for its label map.")
    ] = None,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder to write to.")] = OUTPUT,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Learn as if people answered, with paired seeds: which strategy learns most from how many?

    Each target has labels of its own. Figures are means over the seeds on the validation table,
    with their standard deviation; and against random sampling, the mean difference at the same
    seeds with its standard error.

    Example: skysift learn vra replay --train X.csv --train-labels y.csv --validation Xv.csv
      --validation-labels yv.csv --seeds 10 --json

    Tables: CSV of the ATLAS sample (day 1 or day N), or Parquet of `skysift data build vra` with
    CSV labels by candid or objectId. OUTPUT gets rounds.csv, asked.csv, summary.csv, recall.csv,
    curves.png and replay.json, as they come.
    """
    from skysift.active_learning.query import Query
    from skysift.campaigns import get
    from skysift.campaigns.config import read_config
    from skysift.campaigns.replaying import run_replay

    kind = get(ctx.obj)
    if kind.tools.contest is None:
        raise ValueError(f"{kind.name} cannot replay")
    queries = [Query.named(name) for name in choices.names(strategies) or []]
    if not queries:
        raise ValueError("--strategies needs one at least, e.g. margin:k_means")
    if labels < initial:
        raise ValueError(f"--labels must be at least --initial ({initial}). Got: {labels}")
    settings = read_config(config, kind).settings if config else kind.settings()
    contest = kind.tools.contest(train, train_labels, validation, validation_labels, settings)
    columns = (TextColumn("replaying"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True) as progress:
        task = progress.add_task("", total=len(queries) * seeds)
        told = run_replay(
            contest, queries, range(seeds), output, initial=initial, batch=batch, labels=labels,
            progress=lambda: progress.advance(task),
        )  # fmt: skip
    if as_json:
        typer.echo(json.dumps(told))
    else:
        _show(told, list(contest.titles))
    err.print(f"logs and curves → {output}")


def _show(told: dict[str, Any], metrics: list[str]) -> None:
    """Print mean ± sd of each strategy and metric at each number of labels."""
    for metric in metrics:
        sizes = told["curves"][told["strategy"]]["labels"]
        table = Table(metric, *map(str, sizes), box=None, pad_edge=False)
        for name, curve in told["curves"].items():
            pairs = zip(curve[metric]["mean"], curve[metric]["sd"], strict=True)
            table.add_row(name, *(_figure(mean, sd) for mean, sd in pairs))
        out.print(table)
    for name, gains in told["gain"].items():
        shown = ", ".join(f"{m} {g['mean']:+.3f} ± {g['sem'] or 0:.3f}" for m, g in gains.items())
        out.print(f"{name} against random at {told['labels']}: {shown} (mean ± standard error)")


def _figure(mean: float | None, sd: float | None) -> str:
    if mean is None:
        return "–"
    return f"{mean:.3f}" if sd is None else f"{mean:.3f} ± {sd:.3f}"
