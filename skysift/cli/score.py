"""``skysift score``: alerts in, a table of scores out; no stream, no Spark."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from skysift.cli import choices
from skysift.cli.console import err

NOTHING = 3
SHOWN_DEAD = 5


def score(
    path: Annotated[Path, typer.Argument(help="Alert file, folder, nightly tarball or Parquet.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Parquet file to write.")],
    modules: choices.Modules = None,
    weights: choices.Weights = None,
    settings: choices.Settings = None,
    compat: choices.Compat = False,
    survey: choices.Survey = "auto",
) -> None:
    """Score alerts and write one row an alert, with a struct column a module.

    Example: skysift score night.tar.gz --modules btsbot --output scores.parquet

    Exit codes: 0 scored, 2 bad input, 3 no alert found.
    """
    from skysift.stream.offline import ScoreReport, score_path

    plan = choices.plan_for(
        str(path),
        modules=modules,
        filters="",
        weights=weights,
        compat=compat,
        settings=settings,
        survey=survey,
    )
    with err.status("scoring …") as status:

        def show(report: ScoreReport) -> None:
            status.update(f"scored {report.alerts:,} alerts")

        report = score_path(path, plan, output, show)
    for letter in report.dead[:SHOWN_DEAD]:
        err.print(f"[yellow]not decoded:[/] {letter.source}#{letter.offset}: {letter.reason}")
    if len(report.dead) > SHOWN_DEAD:
        err.print(f"[yellow]… and {len(report.dead) - SHOWN_DEAD} more[/]")
    for module, counts in report.statuses.items():
        told = ", ".join(f"{status} {number:,}" for status, number in counts.most_common())
        err.print(f"{module}: {told}")
    err.print(f"{report.alerts:,} alerts → {output}")
    if not report.alerts:
        raise typer.Exit(NOTHING)
