"""The whole rating: sets of images in, a report out."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from skysift.models._json import plain, write_json
from skysift.models.ganomaly.inputs import numbers
from skysift.models.ganomaly.rating import facts
from skysift.models.ganomaly.rating.catalogue import Catalogue, galaxies_of
from skysift.models.ganomaly.rating.facts import MASS, MATCHED, Candidate
from skysift.models.ganomaly.rating.mock import MockSettings, Observed, Sky
from skysift.models.ganomaly.rating.sets import RatedSet
from skysift.models.ganomaly.rating.show import show
from skysift.models.ganomaly.rating.views import by_galaxy
from skysift.models.ganomaly.sources import Images, Source

if TYPE_CHECKING:
    from skysift.models.ganomaly.scorer import Scorer

SCHEMA = 1
"""Of ``report.json``; goes up when a name in it changes its meaning or goes away."""

REPORT, SCORES, GALAXIES = "report.json", "scores.parquet", "galaxies.csv"

SKY_IMAGES = 500
"""Of the reference, on which its sky is measured, at most."""

LEAST = 10
"""Images with a score that the reference must have."""

Score = Callable[[str, Images], tuple[pd.DataFrame, np.ndarray]]
"""Scores the images of a set, given its name; returns what `sets.score_images` does."""


@dataclass(frozen=True)
class RateSettings:
    """How sets are rated.

    Attributes
    ----------
    catalogue : Catalogue or None
        What is known of the images.
    galaxy : str or None
        Regular expression that finds a galaxy's name in an image's; see `catalogue.galaxies_of`.
    match : tuple of str or None
        Columns to match galaxies in; None are those of `facts.MATCHED` that the catalogue has.
    mock : MockSettings or None
        How candidates are observed before they are rated again; None leaves that out.
    seed : int
    """

    catalogue: Catalogue | None = None
    galaxy: str | None = None
    match: tuple[str, ...] | None = None
    mock: MockSettings | None = None
    seed: int = 2

    @property
    def columns(self) -> list[str]:
        """Of the catalogue."""
        return self.catalogue.columns if self.catalogue else []

    @property
    def matched(self) -> list[str]:
        """Columns to match in.

        Raises
        ------
        ValueError
            If the catalogue lacks one that was asked for.
        """
        if self.match is None:
            return [name for name in MATCHED if name in self.columns]
        for name in self.match:
            if name not in self.columns:
                raise ValueError(
                    f"there is no column {name!r} with numbers to match in. Columns: "
                    f"{', '.join(self.columns) or 'none, since no table is given'}"
                )
        return list(self.match)


def rate(
    paths: Mapping[str, str | os.PathLike[str]],
    scorer: Scorer,
    output: str | os.PathLike[str],
    *,
    score: Score,
    settings: RateSettings,
) -> dict[str, Any]:
    """Rate candidates against a reference.

    Parameters
    ----------
    paths : mapping
        Of each set, its folder or file; the reference is the first. Of folders with the parts
        ``train`` and ``test``, the latter.
    scorer : Scorer
    output : path-like
        Folder; gets ``report.json``, ``index.html``, ``figures.pdf``, ``scores.parquet`` (a row an
        image, with its code) and ``galaxies.csv``.
    score : callable
        See `Score`.
    settings : RateSettings

    Returns
    -------
    dict
        What ``report.json`` holds; None where a number is not defined. ``sets``, see
        `facts.of_set`; ``candidates``, see `facts.of_candidate`; ``probes``, see `probes.ask`.

    Raises
    ------
    FileNotFoundError
        If there is nothing at a path, or no image in it.
    ValueError
        If a set has too few images with a score, or the catalogue does not fit.
    """
    matched = settings.matched
    _check_mock(settings.mock, scorer.inputs.scale)
    reference, *others = _read(paths, score, settings)
    sky = _sky(reference, scorer, settings)
    candidates = [Candidate(one, _observe(one, sky, scorer, score, settings)) for one in others]
    told = [reference, *others]
    report = plain(
        {
            "schema": SCHEMA,
            "model": "ganomaly",
            "weights": {
                "version": scorer.version, "trained_on": scorer.trained_on,
                "reference_images": scorer.reference.images,
            },
            "reference": reference.name,
            "mock": _about(settings.mock, sky),
            "sets": {
                one.name: facts.of_set(one, settings.columns, seed=settings.seed) for one in told
            },
            "candidates": {
                one.given.name: facts.of_candidate(
                    reference, one, matched, masses=MASS in settings.columns, seed=settings.seed
                )
                for one in candidates
            },
        }
    )  # fmt: skip
    output = Path(output)
    output.mkdir(parents=True, exist_ok=True)
    report |= show(report, reference, candidates, scorer, output, settings.columns, settings.seed)
    _write_tables(reference, candidates, output)
    write_json(output / REPORT, report)
    return report


def _check_mock(mock: MockSettings | None, scale: str) -> None:
    if mock is not None and mock.jpeg and scale == "sky":
        raise ValueError(
            "this network takes fluxes, which no JPEG holds: set jpeg = 0 in the file of --mock, "
            "or take --mock sky"
        )


def _read(
    paths: Mapping[str, str | os.PathLike[str]], score: Score, settings: RateSettings
) -> list[RatedSet]:
    """Score all sets, and join them with the catalogue."""
    sources = {name: Source(path, "test") for name, path in paths.items()}
    scored: dict[str, RatedSet] = {}
    for name, source in sources.items():
        least = 1 if scored else LEAST
        scored[name] = RatedSet(name, source, *score(name, source))
        _check(scored[name], least)
    tables = {
        name: one.table.assign(galaxy=galaxies_of(one.table["filename"], settings.galaxy))
        for name, one in scored.items()
    }
    if settings.catalogue:
        tables = settings.catalogue.join(tables)
    return [one.with_table(tables[name]) for name, one in scored.items()]


def _check(one: RatedSet, least: int) -> None:
    found = int(one.ok.sum())
    if found < least:
        reasons = one.table["status"][~one.ok].value_counts()
        why = ", ".join(f"{count} {reason}" for reason, count in reasons.items())
        raise ValueError(
            f"{one.name} has {found} images with a score, {least} or more are needed"
            f"{f'; left out: {why}' if why else ''}"
        )


def _sky(reference: RatedSet, scorer: Scorer, settings: RateSettings) -> Sky | None:
    """Measure the sky of the reference, if anything is to be observed under it."""
    if settings.mock is None:
        return None
    names = reference.scored["filename"].drop_duplicates()
    some = names.sample(min(len(names), SKY_IMAGES), random_state=settings.seed)
    channels, scale = scorer.inputs.channels, scorer.inputs.scale
    found = reference.images.again(set(some), channels)
    return Sky.of(numbers(one, channels=channels, scale=scale) for one in found.values())


def _observe(
    one: RatedSet, sky: Sky | None, scorer: Scorer, score: Score, settings: RateSettings
) -> RatedSet | None:
    """Observe a set as the survey would have, and score it again."""
    if settings.mock is None or sky is None:
        return None
    name = f"{one.name}, observed"
    images = Observed(one.images, settings.mock, sky, scorer.inputs.scale)
    table, codes = score(name, images)
    # the same images in the same order
    known = one.table[[column for column in one.table if column not in table]]
    seen = RatedSet(name, images, pd.concat([table, known], axis=1), codes)
    _check(seen, 1)
    return seen


def _about(mock: MockSettings | None, sky: Sky | None) -> dict[str, Any] | None:
    return None if mock is None or sky is None else {**asdict(mock), "reference_sky": sky.as_dict}


def _write_tables(reference: RatedSet, candidates: Sequence[Candidate], output: Path) -> None:
    """Write all images, and all galaxies, of all sets."""
    sets = [reference, *(one for candidate in candidates for one in candidate.ways.values())]
    images = [one.table.assign(code=list(one.codes)).pipe(_named, one.name) for one in sets]
    pd.concat(images, ignore_index=True).to_parquet(output / SCORES, index=False)
    galaxies = [by_galaxy(one.scored).pipe(_named, one.name) for one in sets]
    pd.concat(galaxies, ignore_index=True).to_csv(output / GALAXIES, index=False)


def _named(table: pd.DataFrame, name: str) -> pd.DataFrame:
    table.insert(0, "set", name)
    return table
