"""``skysift rate``: how like a survey's images are those of simulations?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from skysift.cli.bars import counted, stage_bars
from skysift.cli.choices import names
from skysift.cli.console import err, out

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from skysift.models.ganomaly.rating.rate import Score
    from skysift.models.ganomaly.scorer import Scorer
    from skysift.models.ganomaly.sources import Images

NO_MOCK = "none"


def rate(
    reference: Annotated[
        str, typer.Option(metavar="[NAME=]PATH", help="Folder or file of a survey's images.")
    ],
    candidates: Annotated[
        str,
        typer.Option(metavar="[NAME=]PATH,…", help="Folders or files of others, by comma."),
    ],
    weights: Annotated[Path, typer.Option(help="Weights: NAME.keras, or the folder with it.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder to write to.")],
    table: Annotated[
        Path | None,
        typer.Option(
            help="CSV or Parquet with what is known of the images, by filename or galaxy."
        ),
    ] = None,
    galaxy: Annotated[
        str | None,
        typer.Option(
            metavar="PATTERN",
            help="Regular expression; its first group in an image's name is the galaxy's.",
        ),
    ] = None,
    match: Annotated[
        str | None,
        typer.Option(help="Columns to match galaxies in, by comma. Default: mass and size."),
    ] = None,
    mock: Annotated[
        str,
        typer.Option(help="How candidates are observed, too: sky, sdss, a TOML file, or none."),
    ] = "sky",
    seed: Annotated[int, typer.Option(min=0, help="Of what is drawn.")] = 2,
    spark: Annotated[
        bool, typer.Option("--spark", help="Score by a Spark job: for large sets.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Rate simulated images by how far their scores lie from those of a survey's images.

    Writes index.html (one file, to send around), report.json, figures.pdf, scores.parquet and
    galaxies.csv. The reference's images should be ones that the network has not learned from.

    Example: skysift rate --reference sdss/test --candidates AGN=agn/,NoAGN=noagn/
    --weights weights/ --galaxy '_(.+)_[0-9]+' --table galaxies.csv --mock sdss -o report/
    """
    from skysift.models import ganomaly
    from skysift.models.ganomaly.rating.catalogue import Catalogue
    from skysift.models.ganomaly.rating.mock import read_mock
    from skysift.models.ganomaly.rating.rate import RateSettings
    from skysift.models.ganomaly.rating.rate import rate as rated

    ganomaly.check_weights(weights)
    paths = _paths(reference, candidates)
    settings = RateSettings(
        catalogue=Catalogue(table) if table else None,
        galaxy=galaxy,
        match=None if match is None else tuple(names(match) or ()),
        mock=None if mock == NO_MOCK else read_mock(mock),
        seed=seed,
    )
    scorer = ganomaly.load(weights)
    score: Score = _BySpark(weights) if spark else _Counting(scorer)
    report = rated(paths, scorer, output, score=score, settings=settings)
    if as_json:
        typer.echo(json.dumps(report, indent=2))
    else:
        _print(report)
    err.print(f"{sum(one['scored'] for one in report['sets'].values()):,} images rated → {output}")


class _Counting:
    """Scores images, with a count of those that are done."""

    def __init__(self, scorer: Scorer) -> None:
        self._scorer = scorer

    def __call__(self, name: str, images: Images) -> tuple[pd.DataFrame, np.ndarray]:
        from skysift.models.ganomaly.rating.sets import score_images

        with counted(f"scoring {name}") as done:
            return score_images(images, self._scorer, done)


class _BySpark:
    """Has Spark score images, with a bar."""

    def __init__(self, weights: Path) -> None:
        self._weights = weights

    def __call__(self, name: str, images: Images) -> tuple[pd.DataFrame, np.ndarray]:
        from skysift.predictions.scoring import rate_by_spark

        with stage_bars() as tell:
            return rate_by_spark(
                images, self._weights, lambda done, of: tell(f"scoring {name}", done, of)
            )


def _paths(reference: str, candidates: str) -> dict[str, Path]:
    """Name the sets, the reference first.

    Raises
    ------
    ValueError
        If two have the same name, or there is no candidate.
    """
    given = [reference, *(names(candidates) or [])]
    if len(given) < 2:
        raise ValueError("--candidates needs a folder or file of images, or several by comma")
    paths: dict[str, Path] = {}
    for text in given:
        name, equals, path = text.partition("=")
        name, path = (name, path) if equals else (Path(text).resolve().stem, text)
        if not name or not path:
            raise ValueError(f"a set is given as PATH or NAME=PATH. Got: {text!r}")
        if name in paths:
            raise ValueError(
                f"two sets are called {name!r}: give them names, e.g. {name}1={paths[name]},"
                f"{name}2={path}"
            )
        paths[name] = Path(path)
    return paths


def _print(report: dict[str, Any]) -> None:
    from skysift.models.ganomaly.rating.sections import of_candidates

    told = of_candidates(report["candidates"])
    table = Table(*told.head, box=None, pad_edge=False)
    for row in told.rows:
        table.add_row(*(text.replace("[", r"\[") for text in row))
    out.print(table)
