"""``skysift data``: training sets, built, checked, or fetched as they were published."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from skysift.cli import galaxies, stamp_sets, tails, training_sets
from skysift.cli.bars import fetch_bar, set_bar
from skysift.cli.console import err

app = typer.Typer(help="Build, check or fetch training sets.", no_args_is_help=True)
build_app = typer.Typer(
    help="Build a training set of alerts, frames or galaxies.", no_args_is_help=True
)
fetch_app = typer.Typer(help="Fetch a published training set.", no_args_is_help=True)
mine_app = typer.Typer(help="Add what a model gets wrong to a training set.", no_args_is_help=True)
app.add_typer(build_app, name="build")
app.add_typer(mine_app, name="mine")
app.add_typer(fetch_app, name="fetch")
check_app = typer.Typer(help="Verify a training set.", no_args_is_help=True)
app.add_typer(check_app, name="check")
build_app.command("ganomaly")(stamp_sets.build)
build_app.command("tails")(tails.build)
build_app.command("zoobot")(galaxies.build)
check_app.command("zoobot")(galaxies.check)
fetch_app.command("zoobot")(galaxies.fetch)


@mine_app.callback()
def _models() -> None:
    """Keep ``tails`` a word of its own while it is the only set that can be mined."""


mine_app.command("tails")(tails.mine)


@check_app.callback()
def _several() -> None:
    """Keep ``zoobot`` a word of its own while it is the only set that can be checked."""


@build_app.command("btsbot")
def build(
    config: Annotated[Path, typer.Option(help="TOML file with a table [set].")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder to write to.")],
    alerts: training_sets.Alerts = None,
    labels: training_sets.Labels = None,
    hosts: training_sets.Hosts = None,
) -> None:
    """Build a training set: alerts.parquet, triplets.npy and manifest.json.

    With --hosts also hosts.npy and hosts.json, which a network with `host = true` looks at.

    Example: skysift data build btsbot --config config.toml --output set/
    """
    from skysift.datasets import read_set_config

    settings = read_set_config(config, alerts=alerts or [], labels=labels, hosts=hosts)
    training_sets.build(settings, output)


@build_app.command("hosts")
def build_hosts(
    pictures: Annotated[
        Path, typer.Option(help="Folder of colour images: objectId.jpg, .png or .npy.")
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder of the training set.")],
) -> None:
    """Add host images to a training set, ours or the published one: hosts.npy and hosts.json.

    In a folder without a set, it makes them of all pictures, for scoring in Python.

    Example: skysift data build hosts --pictures cutouts/ --output btsbot-v10/
    """
    from skysift.datasets import add_hosts

    with set_bar("pictures") as bar:
        facts = add_hosts(pictures, output, progress=bar.update)
    training_sets.show_hosts(facts, output)


@build_app.command("vra")
def build_table(
    alerts: Annotated[
        list[Path], typer.Option(help="Alert file, folder or tarball; may be repeated.")
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="Parquet file to write.")],
    dust: Annotated[
        Path | None, typer.Option(help="Folder with the dust maps of Schlegel et al. 1998.")
    ] = None,
    sherlock: Annotated[
        Path | None,
        typer.Option(help="Ask Lasair for Sherlock's verdicts; SQLite file to keep them in."),
    ] = None,
    lasair_token: Annotated[
        Path | None,
        typer.Option(help="File with the token of a Lasair account; else LASAIR_TOKEN."),
    ] = None,
    lasair_rate: Annotated[float, typer.Option(help="Calls of Lasair a second, at most.")] = 5.0,
    lasair_endpoint: Annotated[
        str | None, typer.Option(help="Address of Lasair's API, instead of that for ZTF.")
    ] = None,
) -> None:
    """Make the VRA's features of alerts: a row an alert.

    Example: skysift data build vra --alerts night/ --output features.parquet

    With Sherlock: LASAIR_TOKEN=… skysift data build vra … --sherlock sherlock.sqlite
    """
    from skysift.datasets import feature_table

    asking = None
    if sherlock is not None:
        asking = training_sets.sherlock(sherlock, lasair_token, lasair_rate, lasair_endpoint)
    with set_bar() as bar:
        table = feature_table(alerts, dust=str(dust) if dust else None, progress=bar.update)
    if asking is not None:
        table = training_sets.ask_sherlock(table, asking)
    output.parent.mkdir(parents=True, exist_ok=True)
    table.to_parquet(output, index=False)
    err.print(f"{len(table):,} alerts, {table['objectId'].nunique():,} objects → {output}")


@fetch_app.command("btsbot")
def fetch(
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder to write to.")],
    base_url: Annotated[
        str | None, typer.Option(help="Mirror of the record, instead of Zenodo.")
    ] = None,
) -> None:
    """Fetch BTSbot's published training set from Zenodo: 20 GB, and 37 GB once unpacked.

    What was interrupted goes on where it was; what is there already is not fetched again.

    Example: skysift data fetch btsbot --output btsbot-v10/
    """
    from skysift import datasets

    record = datasets.registered("btsbot")
    with fetch_bar() as bar:
        folder = datasets.fetch(record, output, base_url=base_url, progress=bar.update)
    err.print(f"the published training set → {folder}")
