"""Sets of images with their scores, codes, and what is known of their galaxies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from skysift.models.ganomaly.predictions import score_source, table_of
from skysift.models.ganomaly.rating.sample import Sample
from skysift.models.ganomaly.sources import Images

if TYPE_CHECKING:
    from skysift.models.ganomaly.scorer import Scorer


@dataclass(frozen=True)
class RatedSet:
    """A set of images, rated.

    Attributes
    ----------
    name : str
    images : Images
        Where they came from.
    table : DataFrame
        A row an image: `predictions.FILE_COLUMNS`; later ``galaxy``, and columns of a catalogue.
    codes : ndarray (n, k), float32
        NaN where the status is not ``ok``.
    """

    name: str
    images: Images
    table: pd.DataFrame
    codes: np.ndarray

    @property
    def ok(self) -> np.ndarray:
        """Tell which images have a score, (n,) of bool."""
        return (self.table["status"] == "ok").to_numpy()

    @property
    def scored(self) -> pd.DataFrame:
        """The table of the images with a score, numbered anew."""
        return self.table[self.ok].reset_index(drop=True)

    @property
    def sample(self) -> Sample:
        """What is compared, in the order of `scored`."""
        table = self.scored
        return Sample(
            galaxy=table["galaxy"].to_numpy(str),
            combined=table["combined"].to_numpy(np.float64),
            raw=table["raw"].to_numpy(np.float64),
            published=table["published"].to_numpy(np.float64),
            codes=self.codes[self.ok],
        )

    def known(self, columns: list[str]) -> np.ndarray:
        """Return columns of the catalogue for the images with a score, (n, d), float64."""
        return self.scored[columns].to_numpy(np.float64)

    def with_table(self, table: pd.DataFrame) -> RatedSet:
        """Return the set with another table."""
        return replace(self, table=table)


def score_images(
    images: Images, scorer: Scorer, progress: Callable[[int], None] | None = None
) -> tuple[pd.DataFrame, np.ndarray]:
    """Score images and code them, in this process.

    Parameters
    ----------
    images : Images
    scorer : Scorer
    progress : callable, optional
        Called with the number of images that are done.

    Returns
    -------
    table : DataFrame
        See `predictions.table_of`.
    codes : ndarray (n, k), float32
        NaN for images without a score.

    Raises
    ------
    ValueError
        If there is no image.
    """
    tables, codes = [], []
    for scored in score_source(images, scorer, progress=progress):
        ok = (scored.table["status"] == "ok").to_numpy()
        made = scorer.encode(scored.images)
        made[~ok] = np.nan
        tables.append(scored.table)
        codes.append(made)
    if not tables:
        raise ValueError("there is no image: the files are empty")
    return table_of(tables), np.concatenate(codes)
