"""``skysift evaluate``: labelled alerts and weights in, a report of how good the scores are out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from skysift.cli import ganomaly, tails, zoobot
from skysift.cli.bars import bar_to
from skysift.cli.console import err, out

if TYPE_CHECKING:
    import pandas as pd

    from skysift.models.btsbot.training_set import TrainingSet

SHOWN = ("auc", "average_precision", "balanced_accuracy", "tpr", "tnr", "precision", "f1", "ece")

app = typer.Typer(help="Judge a network on labelled alerts or frames.", no_args_is_help=True)
app.command("tails")(tails.evaluate)
app.command("ganomaly")(ganomaly.evaluate)
app.command("zoobot")(zoobot.evaluate)


@app.command("btsbot")
def evaluate(
    data: Annotated[
        Path, typer.Option(help="Folder with a training set, ours or the published one.")
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder to write to.")],
    weights: Annotated[
        Path | None, typer.Option(help="Weights to judge; by default those that ship.")
    ] = None,
    scores: Annotated[
        Path | None,
        typer.Option(help="Parquet that `skysift score` wrote, instead of scoring now."),
    ] = None,
    part: Annotated[str, typer.Option(help="train, validation or test.")] = "test",
    policies: Annotated[
        Path | None, typer.Option(help="TOML with policies; by default the published ones.")
    ] = None,
    junk: Annotated[
        Path | None, typer.Option(help="Text file of objectIds to leave out, one a line.")
    ] = None,
    cascade: Annotated[
        bool, typer.Option(help="Let the weights' gate settle what it can, as on the stream.")
    ] = True,
    record: Annotated[
        bool, typer.Option(help="Write the headline figures into the weights' sidecar too.")
    ] = False,
    embedding: Annotated[
        int | None,
        typer.Option(
            min=1, help="Lay out so many alerts, at random, as the network's last layers see them."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Judge BTSbot scores: alert metrics, policies source by source, one figure, the mistakes.

    Writes report.json, metrics.csv, alerts.parquet, sources.csv, misclassified.csv, pictures of
    the surest mistakes, and evaluation.png and .pdf; with --embedding also embedding.csv and .png.

    Example: skysift evaluate btsbot --weights weights/ --data set/ --output report/
    """
    if weights is not None and scores is not None:
        raise ValueError("give --weights or --scores, not both")
    if embedding is not None and scores is not None:
        raise ValueError("--embedding needs the network: give --weights, not --scores")
    if record and weights is None:
        raise ValueError("--record needs --weights: it writes into their sidecar")
    from skysift.models.btsbot.evaluation import embedding as latent
    from skysift.models.btsbot.evaluation import headline, judge
    from skysift.models.btsbot.evaluation.policies import read_policies
    from skysift.models.btsbot.evaluation.scores import read_history, read_scores
    from skysift.models.btsbot.training_set import read_set

    if embedding is not None:
        latent.check(embedding)
    chosen = read_policies(policies)
    left_out = frozenset(junk.read_text(encoding="utf-8").split()) if junk else frozenset()
    alerts = read_set(data).part(part)
    if not len(alerts):
        raise ValueError(f"the {part} part of {data} holds no alert")
    if scores is None:
        scored, judged = _score(alerts, weights, cascade)
    else:
        scored, version = read_scores(alerts, scores)
        judged = {"version": version, "trained_on": "see the weights of that version"}
    about = {"weights": judged, "set": {"part": part, "preprocessing": alerts.preprocessing}}
    with err.status("judging and drawing …"):
        report = judge(
            alerts, scored, output, about=about, policies=chosen, junk=left_out,
            history=read_history(weights) if weights else None,
        )  # fmt: skip
    if embedding is not None:
        from skysift.models import btsbot

        with bar_to("embedding", min(embedding, len(alerts))) as done:
            latent.write_embedding(
                alerts, scored, btsbot.load(weights), output, most=embedding, progress=done
            )
    if record and weights is not None:
        headline.record(report, weights)
    if as_json:
        typer.echo(json.dumps(report, indent=2))
    else:
        _print(report)
    if unscored := report["alerts"]["unscored"]:
        err.print(f"[yellow]without a score:[/] {unscored:,} of {len(alerts):,} alerts; they count "
                  "for no policy")  # fmt: skip
    err.print(f"{len(alerts):,} alerts judged → {output}")


def _score(
    alerts: TrainingSet, weights: Path | None, cascade: bool
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Score with a bar; return the scores and what is known of the weights."""
    from skysift.models import btsbot
    from skysift.models.btsbot.evaluation.scores import score_set

    scorer = btsbot.load(weights)
    if scorer.preprocessing != alerts.preprocessing:
        err.print(
            f"[yellow]careful:[/] the triplets were prepared as {alerts.preprocessing!r}, the "
            f"network expects {scorer.preprocessing!r}: damaged and cut stamps look different"
        )
    with bar_to("scoring", len(alerts)) as done:
        scored = score_set(alerts, scorer, cascade=cascade, progress=done)
    return scored, {"version": scorer.version, "trained_on": scorer.trained_on}


def _print(report: dict[str, Any]) -> None:
    metrics = Table("alerts", "", "95 % interval", box=None, pad_edge=False)
    for name in SHOWN:
        metrics.add_row(name.replace("_", " "), *_cells(report["alerts"]["metrics"][name]))
    out.print(metrics, "")
    table = Table("policy", "completeness", "95 % interval", "purity", "95 % interval",
                  box=None, pad_edge=False)  # fmt: skip
    for name, policy in report["sources"]["policies"].items():
        table.add_row(name, *_cells(policy["completeness"]), *_cells(policy["purity"]))
    out.print(table)


def _cells(number: dict[str, Any]) -> tuple[str, str]:
    value, low, high = (
        "–" if number[key] is None else f"{number[key]:.4f}" for key in ("value", "low", "high")
    )
    return value, f"{low} – {high}"
