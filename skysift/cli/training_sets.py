"""What ``skysift train`` and ``skysift data`` share: build a training set, tell what it holds."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import pandas as pd
import typer
from rich.table import Column, Table

from skysift.cli.bars import set_bar
from skysift.cli.console import err

if TYPE_CHECKING:
    from skysift.datasets import SetConfig
    from skysift.datasets.sherlock import Sherlock

Alerts = Annotated[
    list[Path] | None,
    typer.Option(help="Alert file or folder, instead of the config's; may be repeated."),
]
Labels = Annotated[
    Path | None,
    typer.Option(help="CSV or Parquet with objectId and label, class or source_set."),
]
Hosts = Annotated[
    Path | None,
    typer.Option(help="Folder of colour images of the hosts: objectId.jpg, .png or .npy."),
]

COUNTED = ("objects", "alerts", "kept")
SHOWN_EXAMPLES = 3


def build(config: SetConfig, output: Path) -> dict[str, Any]:
    """Build a set, or find the same one there, and print its account to standard error."""
    from skysift.datasets import build_set

    with set_bar() as bar:
        manifest = build_set(config, output, progress=bar.update)
    show(manifest, output)
    return manifest


def sherlock(file: Path, token: Path | None, rate: float, endpoint: str | None) -> Sherlock:
    """Open the file of Sherlock's answers, and get ready to ask for those that it lacks."""
    from skysift.datasets.lasair_calls import ENDPOINT, Caller
    from skysift.datasets.sherlock import Sherlock, read_token

    known = read_token(token)
    caller = Caller(known, endpoint=endpoint or ENDPOINT, per_second=rate) if known else None
    return Sherlock(file, caller)


def ask_sherlock(table: pd.DataFrame, asked: Sherlock) -> pd.DataFrame:
    """Put Sherlock's answers into a table of features, and print what it said."""
    from skysift.datasets.sherlock import with_sherlock

    with set_bar("objects") as bar:
        table = with_sherlock(table, asked, lambda done, total: bar.update(total, done))
    counts = table["sherlock_status"].value_counts()
    told = ", ".join(f"{n:,} {str(status).replace('_', ' ')}" for status, n in counts.items())
    err.print(f"Sherlock: {told or 'nothing to ask about'}")
    return table


def show(manifest: Mapping[str, Any], folder: Path) -> None:
    """Print what a set holds and what was left out of it."""
    err.print(_counts(manifest))
    if manifest["exclusions"]:
        err.print(exclusions_table(manifest["exclusions"]))
    if "hosts" in manifest:
        show_hosts(manifest["hosts"], folder)
    err.print(
        f"{manifest['alerts']:,} alerts of {manifest['objects']:,} objects "
        f"({manifest['one_alert_objects']:,} with one alert), of {manifest['read']:,} read "
        f"→ {folder}"
    )


def show_hosts(hosts: Mapping[str, Any], folder: Path) -> None:
    """Print how many objects have a host image, and what pictures were left out."""
    if hosts["exclusions"]:
        err.print(exclusions_table(hosts["exclusions"]))
    objects = hosts["with"] + hosts["without"]
    err.print(f"host images of {hosts['with']:,} of {objects:,} objects → {folder}")


def _counts(manifest: Mapping[str, Any]) -> Table:
    """Count by part and source set: objects, alerts, and alerts after thinning."""
    counts = pd.DataFrame(manifest["counts"])
    groups = counts.groupby(["split", "source_set", "label"], sort=True)[list(COUNTED)].sum()
    numbers = [Column(name, justify="right") for name in COUNTED]
    table = Table("part", "source set", "label", *numbers, box=None, pad_edge=False)
    for (part, name, label), row in groups.iterrows():
        table.add_row(part, name, str(int(label)), *(f"{row[column]:,}" for column in COUNTED))
    return table


def exclusions_table(exclusions: Mapping[str, Any]) -> Table:
    """Show what was left out: reason, number, unit, a few of them."""
    number = Column("", justify="right")
    table = Table("[yellow]left out[/]", number, "", "for example", box=None, pad_edge=False)
    for reason, entry in exclusions.items():
        examples = ", ".join(entry["examples"][:SHOWN_EXAMPLES])
        table.add_row(reason, f"{entry['count']:,}", entry["unit"], examples)
    return table
