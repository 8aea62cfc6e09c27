"""What ``skysift predict zoobot`` does."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from skysift.cli.bars import stage_bars
from skysift.cli.console import err

if TYPE_CHECKING:
    from skysift.predictions import Wanted

EXAMPLES = 3
"""Names that are told for each reason."""


def predict(
    images: Annotated[
        Path, typer.Argument(help="Folder of images, or a catalog (CSV, Parquet) of galaxies.")
    ],
    weights: Annotated[
        list[Path], typer.Option(help="Weights: NAME.keras or its folder; several as an ensemble.")
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Parquet, CSV or HDF5 file to write.")
    ],
    folder: Annotated[
        Path | None, typer.Option("--images", help="Of a catalog: folder with its images.")
    ] = None,
    id_column: Annotated[
        str, typer.Option("--id", help="Of a catalog: column of the ids.")
    ] = "id_str",
    image_column: Annotated[
        str | None, typer.Option(help="Of a catalog: column that says where an image lies.")
    ] = None,
    image_format: Annotated[
        str | None, typer.Option("--format", help="picture or fits, where a folder has both.")
    ] = None,
    passes: Annotated[int, typer.Option(min=1, help="With dropout, of each network.")] = 15,
    views: Annotated[
        int, typer.Option(min=1, max=8, help="Orientations in which each galaxy is seen.")
    ] = 1,
    keep_passes: Annotated[
        bool, typer.Option("--keep-passes", help="Write what each pass said too; HDF5 always.")
    ] = False,
    gallery: Annotated[
        Path | None, typer.Option(help="Folder for pictures with examples of each answer.")
    ] = None,
) -> None:
    """Tell how people would vote on each galaxy of a folder or catalog; a row for each, by Spark.

    Columns: galaxy, file, status, reason, version; by question …_asked, …_entropy, …_information;
    by answer its fraction, …_low and …_high (5 % and 95 %). Images that cannot be read have a row
    that says why.

    Example: skysift predict zoobot images/ --weights weights/ -o votes.parquet --gallery examples/

    Of a catalog: skysift predict zoobot mine.csv --images images/ --id name --weights weights/
    -o votes.csv
    """
    from skysift.predictions import look_with, predict, read_predictions, write_gallery
    from skysift.predictions.table import HDF5, check_output

    check_output(output)
    wanted = _wanted(images, folder, id_column, image_column, image_format)
    keep = keep_passes or output.suffix.lower() in HDF5
    looker = look_with(weights, wanted.root, passes=passes, views=views, keep=keep)
    with stage_bars() as tell:
        table = predict(
            wanted, looker, output, progress=lambda done, of: tell("galaxies", done, of)
        )
    told = read_predictions(table)
    _tell_hidden(wanted.hidden)
    lost = told[told["status"] != "ok"]
    for status, some in lost.groupby("status"):
        _tell("left out", str(status), some["file"].where(some["file"] != "", some["galaxy"]))
    err.print(f"{len(told) - len(lost):,} of {len(told):,} galaxies looked at → {output}")
    if gallery is not None:
        pictures = write_gallery(told, looker.tree, wanted.root, gallery)
        err.print(f"examples of the answers to {len(pictures)} questions → {gallery}")


def _wanted(
    images: Path,
    folder: Path | None,
    id_column: str,
    image_column: str | None,
    image_format: str | None,
) -> Wanted:
    from skysift.predictions import in_folder, of_catalog

    if not images.exists():
        raise FileNotFoundError(f"there is no {images}: a folder of images or a catalog is needed")
    if images.is_dir():
        if folder is not None or image_column is not None:
            raise ValueError("--images and --image-column are for a catalog; a folder was given")
        return in_folder(images, image_format)
    if folder is None:
        raise ValueError(
            f"{images} is taken for a catalog: give --images, the folder of its images"
        )
    return of_catalog(
        images, folder, id_column=id_column, image_column=image_column, kind=image_format
    )


def _tell_hidden(names: Iterable[str]) -> None:
    hidden = list(names)
    if hidden:
        _tell("passed over", "names that begin with _ or a dot", hidden)


def _tell(what: str, why: str, names: Iterable[str]) -> None:
    """Say how many there are, with the first few names."""
    every = list(names)
    more = ", …" if len(every) > EXAMPLES else ""
    err.print(f"[yellow]{what}, {why}:[/] {len(every):,}, {', '.join(every[:EXAMPLES])}{more}")
