"""GANomaly on large sets: parts of them handed to Spark's workers, which load the network once."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from skysift.models import ganomaly
from skysift.models.ganomaly.predictions import score_source, table_of
from skysift.models.ganomaly.rating.sets import score_images
from skysift.models.ganomaly.sources import Images
from skysift.predictions.job import run
from skysift.science_modules._worker import settle
from skysift.stream.session import build_session

AT_ONCE = 256
"""Images that are one piece of work."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class _Look:
    """What a worker does with a part.

    Attributes
    ----------
    weights : str
        Absolute path.
    codes : bool
        Return codes beside the table.
    """

    weights: str
    codes: bool

    def __call__(self, images: Images) -> tuple[pd.DataFrame, np.ndarray | None]:
        scorer = ganomaly.load(self.weights)
        try:
            if self.codes:
                return score_images(images, scorer)
            return table_of([some.table for some in score_source(images, scorer)]), None
        finally:
            settle()


def score_by_spark(
    images: Images, weights: str | os.PathLike[str], progress: Progress | None = None
) -> pd.DataFrame:
    """Score images, on all cores or on Spark's cluster.

    Parameters
    ----------
    images : Images
        On a file system that workers see under the same path.
    weights : path-like
    progress : callable, optional
        Called with how many parts are done, about, and how many there are.

    Returns
    -------
    DataFrame
        See `models.ganomaly.predictions.table_of`; in the order of the images.

    Raises
    ------
    ValueError
        If there is no image.
    """
    return pd.concat([table for table, _ in _looked(images, weights, False, progress)],
                     ignore_index=True)  # fmt: skip


def rate_by_spark(
    images: Images, weights: str | os.PathLike[str], progress: Progress | None = None
) -> tuple[pd.DataFrame, np.ndarray]:
    """Score images and code them, as `models.ganomaly.rating.sets.score_images` does.

    Parameters
    ----------
    images, weights, progress
        See `score_by_spark`.
    """
    looked = _looked(images, weights, True, progress)
    tables = [table for table, _ in looked]
    return pd.concat(tables, ignore_index=True), np.concatenate([codes for _, codes in looked])


def _looked(
    images: Images, weights: str | os.PathLike[str], codes: bool, progress: Progress | None
) -> list:
    parts = images.pieces(AT_ONCE)
    if not parts:
        raise ValueError("there is no image: the files are empty")
    spark = build_session()
    look = _Look(os.path.abspath(weights), codes)
    answers: list = []

    def action() -> None:
        answers.extend(spark.sparkContext.parallelize(parts, len(parts)).map(look).collect())

    run(spark, action, len(parts), progress)
    return answers
