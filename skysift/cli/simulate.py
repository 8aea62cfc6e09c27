"""``skysift simulate``: alerts with known truth."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from skysift.cli.console import err

app = typer.Typer(help="Simulate data with known truth, from a seed.", no_args_is_help=True)


@app.callback()
def _simulate() -> None:
    """Simulate data with known truth, from a seed."""


@app.command()
def alerts(
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder to write into.")],
    count: Annotated[int, typer.Option("--count", min=1, help="Alerts to simulate.")] = 400,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Same seed, same alerts.")] = 0,
    mix: Annotated[
        str | None,
        typer.Option(
            "--mix", metavar="KIND=SHARE,…", help="Shares of the kinds among objects, by comma."
        ),
    ] = None,
    night: Annotated[
        float | None, typer.Option("--night", help="Julian date of the night; 2024-09-29 if none.")
    ] = None,
    alerts_per_object: Annotated[
        int, typer.Option("--alerts-per-object", min=1, help="Earlier alerts of an object count.")
    ] = 3,
    tarball: Annotated[
        bool, typer.Option("--tarball", help="Write packets.tar.gz, as ZTF publishes its nights.")
    ] = False,
) -> None:
    """Simulate a night of ZTF alert packets: packets/CANDID.avro, and truth.csv beside them.

    Example: skysift simulate alerts --count 400 --seed 7 --output night/

    With other shares: --mix supernova=0.5,bogus=0.5
    """
    from skysift.simulate import DEFAULT_MIX, DEFAULT_NIGHT, write_night

    columns = (TextColumn("simulating"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True) as progress:
        task = progress.add_task("alerts", total=count)
        packets = write_night(
            count,
            seed,
            output,
            mix=_shares(mix) if mix else DEFAULT_MIX,
            night=DEFAULT_NIGHT if night is None else night,
            alerts_per_object=alerts_per_object,
            tarball=tarball,
            progress=lambda done: progress.update(task, completed=done),
        )
    err.print(f"{count:,} simulated alerts → {packets}; truth → {output / 'truth.csv'}")


def _shares(text: str) -> dict[str, float]:
    try:
        pairs = [pair.split("=") for pair in text.split(",")]
        return {kind.strip(): float(share) for kind, share in pairs}
    except ValueError:
        raise ValueError(f"--mix takes KIND=SHARE,…, e.g. supernova=0.5; got {text!r}") from None
