"""``skysift simulate``: alerts, frames and galaxies with known truth."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from skysift.cli.console import err
from skysift.cli.shares import read_shares

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
    comets: Annotated[
        int, typer.Option("--comets", min=0, help="Alerts of comets to add to the others.")
    ] = 0,
    oddities: Annotated[
        int, typer.Option("--oddities", min=0, help="Alerts with odd stamps to add to the others.")
    ] = 0,
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

    total = count + comets + oddities
    columns = (TextColumn("simulating"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True) as progress:
        task = progress.add_task("alerts", total=total)
        packets = write_night(
            count,
            seed,
            output,
            mix=read_shares(mix, "--mix", "supernova=0.5") if mix else DEFAULT_MIX,
            comets=comets,
            oddities=oddities,
            night=DEFAULT_NIGHT if night is None else night,
            alerts_per_object=alerts_per_object,
            tarball=tarball,
            progress=lambda done: progress.update(task, completed=done),
        )
    err.print(f"{total:,} simulated alerts → {packets}; truth → {output / 'truth.csv'}")


@app.command()
def frames(
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder to write into.")],
    count: Annotated[int, typer.Option("--count", min=1, help="Frames to simulate.")] = 8,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Same seed, same frames.")] = 0,
    size: Annotated[
        int | None,
        typer.Option("--size", help="Side of the frames (px); 3080 x 3072, a quadrant, if none."),
    ] = None,
    comets: Annotated[
        int | None,
        typer.Option("--comets", min=0, help="Comets on a frame; 16 on a whole quadrant if none."),
    ] = None,
    visits: Annotated[
        int, typer.Option("--visits", min=1, help="Exposures of a field in one night.")
    ] = 1,
    night: Annotated[
        float | None, typer.Option("--night", help="Julian date of all frames' night; any if none.")
    ] = None,
    confusers: Annotated[
        float,
        typer.Option("--confusers", help="So many times the usual asteroids, streaks and blends."),
    ] = 1.0,
) -> None:
    """Simulate survey frames with comets: science, difference and reference images, and the truth.

    Frames that are there already are left: started again, it goes on where it was stopped.

    Example: skysift simulate frames --count 8 --seed 1 --output frames/

    Small ones, in pairs: --size 1024 --visits 2

    To learn from: --size 1024 --comets 18 --confusers 12
    """
    try:
        from skysift.simulate.frames import COMETS, FULL, Settings, write_frames
    except ImportError as error:
        told = f"simulating frames needs {error.name}: pip install 'skysift[frames]'"
        raise ImportError(told) from None

    shape = FULL if size is None else (size, size)
    if comets is None:
        comets = max(1, round(COMETS * shape[0] * shape[1] / (FULL[0] * FULL[1])))
    settings = Settings(seed, shape, comets, visits, night, confusers)
    columns = (TextColumn("simulating"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True) as progress:
        task = progress.add_task("frames", total=count)
        write_frames(
            count, output, settings, progress=lambda done: progress.update(task, completed=done)
        )
    err.print(f"{count:,} simulated frames → {output}; truth → {output / 'truth.csv'}")


@app.command()
def galaxies(
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder to write into.")],
    count: Annotated[int, typer.Option("--count", min=1, help="Galaxies to simulate.")] = 1000,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Same seed, same galaxies.")] = 0,
    size: Annotated[int, typer.Option("--size", help="Side of the pictures (px).")] = 128,
    tree: Annotated[
        str, typer.Option("--tree", help="Questions: gz2, decals or decals-dr12.")
    ] = "gz2",
    survey: Annotated[
        str, typer.Option("--survey", help="Camera: sdss, decals or ztf; the tree's if none.")
    ] = "",
    field: Annotated[
        float, typer.Option("--field", help="Side of a picture over the galaxy's r90.")
    ] = 4.0,
    pixel: Annotated[
        float | None,
        typer.Option("--pixel", help="One width of pixels for all (arcsec), instead of --field."),
    ] = None,
    volunteers: Annotated[
        float, typer.Option("--volunteers", help="People who look at a galaxy, on average.")
    ] = 43.0,
    overdispersion: Annotated[
        float,
        typer.Option("--overdispersion", help="How alike opinions are; 0 for binomial votes."),
    ] = 0.0,
    mix: Annotated[
        str | None,
        typer.Option("--mix", metavar="KIND=SHARE,…", help="Shares of the kinds, by comma."),
    ] = None,
    workers: Annotated[
        int | None, typer.Option("--workers", min=1, help="Processes; one a core if none.")
    ] = None,
) -> None:
    """Simulate galaxies with votes: images/, votes.csv, and what they are in truth.parquet.

    Galaxies that are there already are left: started again, it goes on where it was stopped.

    Example: skysift simulate galaxies --count 5000 --seed 1 --size 64 --output galaxies/

    As SDSS cuts them out, mostly spirals: --pixel 0.396 --mix spiral=0.8,elliptical=0.2

    As template stamps of ZTF's alerts: --survey ztf --tree decals --size 63
    """
    try:
        from skysift.simulate.galaxies import DEFAULT_MIX, Settings, write_galaxies
    except ImportError as error:
        told = f"simulating galaxies needs {error.name}: pip install 'skysift[frames]'"
        raise ImportError(told) from None

    settings = Settings(
        seed, size, tree, survey, field, pixel, volunteers, overdispersion,
        read_shares(mix, "--mix", "spiral=0.5") if mix else dict(DEFAULT_MIX),
    )  # fmt: skip
    columns = (TextColumn("simulating"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True) as progress:
        task = progress.add_task("galaxies", total=count)
        write_galaxies(
            count, output, settings, workers=workers,
            progress=lambda done: progress.update(task, completed=done),
        )  # fmt: skip
    err.print(f"{count:,} simulated galaxies → {output}; truth → {output / 'truth.parquet'}")
