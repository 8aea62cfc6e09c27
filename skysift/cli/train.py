"""``skysift train``: labelled alerts in, a network with its card of facts out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from skysift.cli.console import err

app = typer.Typer(help="Train a network on labelled alerts.", no_args_is_help=True)


@app.callback()
def _several() -> None:
    """Keep ``btsbot`` a word of its own while it is the only model that trains here."""


@app.command("btsbot")
def train(
    alerts: Annotated[Path, typer.Option(help="Alert file, folder, nightly tarball or Parquet.")],
    truth: Annotated[Path, typer.Option(help="CSV or Parquet with objectId and label, 1 or 0.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder to write to.")],
    name: Annotated[str, typer.Option(help="Name of the weights.")] = "btsbot-own",
    trained_on: Annotated[
        str, typer.Option(help="What the alerts are, in words; it goes wherever the network goes.")
    ] = "alerts of unstated origin",
    epochs: Annotated[int, typer.Option(min=1, help="Passes over the alerts, at most.")] = 60,
    seed: Annotated[int, typer.Option(help="Of the split, the start and the augmentation.")] = 2,
) -> None:
    """Train our compact BTSbot network; write NAME.keras and NAME.json.

    Alerts are split by object. The network is judged on objects it never saw.

    Example: skysift train btsbot --alerts night/ --truth truth.csv --output weights/ --epochs 30
    """
    from skysift.cli.labelled import read_labelled
    from skysift.models import _backend

    with err.status("reading alerts …") as status:
        arrays, left_out = read_labelled(
            alerts, truth, progress=lambda n: status.update(f"read {n:,} alerts")
        )
    for reason, count in left_out.items():
        err.print(f"[yellow]left out:[/] {count:,} alerts, {reason}")
    _backend.import_keras()
    from skysift.models.btsbot import training

    facts = training.train(
        training.Alerts(**arrays), output, name=name, trained_on=trained_on, seed=seed,
        epochs=epochs, verbose=1,
    )  # fmt: skip
    metrics = facts["metrics"]
    err.print(
        f"{facts['version']}: AUC {metrics['auc']:.4f}, calibration error {metrics['ece']:.4f} on "
        f"{metrics['alerts']:,} alerts of {metrics['objects']:,} other objects → {output}"
    )
