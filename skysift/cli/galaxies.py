"""``skysift data build zoobot``, ``check zoobot`` and ``fetch zoobot``: galaxies with votes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from skysift.cli.bars import fetch_bar, set_bar
from skysift.cli.console import err
from skysift.cli.shares import read_shares
from skysift.cli.training_sets import exclusions_table


def build(
    catalog: Annotated[Path, typer.Option(help="CSV or Parquet with votes, a row a galaxy.")],
    images: Annotated[Path, typer.Option(help="Folder of images: ID.png, .jpg or .fits.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder to write to.")],
    layout: Annotated[
        str | None,
        typer.Option(help="Layout of the catalog: a name or a TOML file; that which fits if none."),
    ] = None,
    tree: Annotated[
        str | None, typer.Option(help="Questions, instead of the layout's: a name or a TOML file.")
    ] = None,
    id_column: Annotated[
        str | None, typer.Option("--id", help="Column of the ids, instead of the layout's.")
    ] = None,
    image_column: Annotated[
        str | None, typer.Option(help="Column that says where an image lies in the folder.")
    ] = None,
    truth: Annotated[
        Path | None, typer.Option(help="truth.parquet of skysift simulate galaxies.")
    ] = None,
    size: Annotated[int, typer.Option(help="Side of the stored images (px).")] = 128,
    min_votes: Annotated[
        int,
        typer.Option(help="Least number who answered the first question; 0: unseen ones too."),
    ] = 1,
    image_format: Annotated[
        str | None, typer.Option("--format", help="picture or fits, where a folder has both.")
    ] = None,
    shard_size: Annotated[int, typer.Option(help="Galaxies in a shard.")] = 4096,
    shares: Annotated[
        str | None,
        typer.Option(
            metavar="PART=SHARE,…", help="Of the galaxies; train=0.7,validation=0.1,test=0.2"
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of split and order.")] = 2,
) -> None:
    """Build a set of galaxies with votes: galaxies.parquet, shards/, index.sqlite, manifest.json.

    Known by their columns are Galaxy Zoo 2 (Hart et al. 2016), Galaxy Zoo DECaLS and what
    `skysift simulate galaxies` writes. What was interrupted goes on where it was.

    Example: skysift data build zoobot --catalog votes.csv --images images/ --output set/
    """
    from skysift.datasets.galaxies import BuildOptions, build_galaxy_set, choose_layout
    from skysift.datasets.galaxies.build import SHARES

    chosen = choose_layout(layout, tree, id_column, image_column)
    split = read_shares(shares, "--shares", "train=0.8,test=0.2") if shares else SHARES
    options = BuildOptions(size, split, seed, min_votes, shard_size, image_format)
    with set_bar("images") as bar:
        manifest = build_galaxy_set(
            catalog, images, output, options, layout=chosen, truth=truth, progress=bar.update
        )
    for part, count in manifest["galaxies"].items():
        err.print(f"{part}: {count:,} galaxies")
    if manifest["exclusions"]:
        err.print(exclusions_table(manifest["exclusions"]))
    err.print(f"{sum(manifest['galaxies'].values()):,} galaxies with votes → {output}")


def check(
    folder: Annotated[Path, typer.Argument(help="Folder of skysift data build zoobot.")],
) -> None:
    """Verify every byte of a set of galaxies: checksums, sizes, ids and votes.

    Example: skysift data check zoobot set/
    """
    from skysift.datasets.galaxies import check_galaxy_set

    facts = check_galaxy_set(folder)
    err.print(f"{facts['galaxies']:,} galaxies in {facts['shards']} shards are as they were built")


def fetch(
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder to write to.")],
    ids: Annotated[
        Path | None, typer.Option(help="Text file with an id a line: fetch their images too.")
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Fetch the images of the first so many galaxies.")
    ] = None,
    catalog: Annotated[
        Path | None,
        typer.Option(help="CSV with ids, ra and dec (deg), instead of the table of Galaxy Zoo 2."),
    ] = None,
    id_column: Annotated[str, typer.Option("--id", help="Column of the ids.")] = "dr7objid",
    service: Annotated[
        str, typer.Option(help="Whose images: sdss, legacy, or legacy-fits (bands g, r, z).")
    ] = "sdss",
    side: Annotated[int, typer.Option(min=16, max=2048, help="Of the images (px).")] = 424,
    scale: Annotated[
        float | None, typer.Option(help="Of their pixels (arcsec); the survey's own if none.")
    ] = None,
    per_second: Annotated[
        float, typer.Option(min=0.01, max=20, help="Requests that begin in a second, at most.")
    ] = 5.0,
    url: Annotated[
        str | None, typer.Option(help="Mirror: of the table, or of the service with {ra}, {dec}.")
    ] = None,
) -> None:
    """Fetch the table of Galaxy Zoo 2 and, by --ids or --limit, images into images/.

    What was interrupted goes on where it was; what is there already is not fetched again. Galaxies
    without image are listed in images/failed.csv.

    Example: skysift data fetch zoobot --output gz2/

    Images of some: skysift data fetch zoobot --output gz2/ --ids mine.txt --scale 0.2
    """
    from dataclasses import replace

    from skysift.datasets.galaxies.cutouts import SERVICES, fetch_images, read_targets
    from skysift.datasets.galaxies.published import URL, fetch_table

    wants_images = ids is not None or limit is not None or catalog is not None
    if service not in SERVICES:
        told = f"--service must be one of {', '.join(SERVICES)}; got {service!r}"
        raise ValueError(told)
    if catalog is None:
        with fetch_bar() as bar:
            table_url = url if url and "{ra" not in url else URL
            catalog = fetch_table(output, url=table_url, progress=bar.update)
        err.print(f"the table of Galaxy Zoo 2 → {catalog}")
    if not wants_images:
        return
    chosen = SERVICES[service]
    if url and "{ra" in url:
        chosen = replace(chosen, url=url)
    targets = read_targets(catalog, id_column, ids, limit)
    with set_bar("galaxies") as images_bar:
        report = fetch_images(
            targets, output / "images", chosen, side=side, scale=scale, per_second=per_second,
            progress=lambda done, total: images_bar.update(done, total),
        )  # fmt: skip
    err.print(
        f"{report.fetched:,} images fetched, {report.there:,} were there, "
        f"{len(report.failed):,} could not be had → {output / 'images'}"
    )
