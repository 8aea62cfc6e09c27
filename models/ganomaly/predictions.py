"""Scores of all images of a folder: a table, a row an image, whatever state the image is in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from skysift.models.ganomaly.artefacts import artefact
from skysift.models.ganomaly.inputs import ImageError
from skysift.models.ganomaly.scores import COLUMNS
from skysift.models.ganomaly.sources import Found, Images

if TYPE_CHECKING:
    from skysift.models.ganomaly.scorer import Scorer

AT_ONCE = 256
"""Images in memory at a time."""

FILE_COLUMNS = (
    "filename", "label", "status", "artefact", "raw", "percentile", "L1", "feature", "distance",
    "combined", "published", "version",
)  # fmt: skip
"""Of the table; see `table_of`."""

_AS_WRITTEN = {"latent": "raw", "image": "L1"}


@dataclass(frozen=True)
class Scored:
    """Some images, scored.

    Attributes
    ----------
    table : DataFrame
        See `table_of`.
    images : ndarray (n, side, side, channels), float32
        As the network saw them; -1 where the status is not ``ok``.
    """

    table: pd.DataFrame
    images: np.ndarray


def score_source(
    source: Images, scorer: Scorer, *, progress: Callable[[int], None] | None = None
) -> Iterator[Scored]:
    """Score the images of a source, some at a time.

    Parameters
    ----------
    source : Images
        E.g. a `Source`.
    scorer : Scorer
    progress : callable, optional
        Called with the number of images that are done.
    """
    found, done = source.images(scorer.inputs.channels), 0
    while some := list(islice(found, AT_ONCE)):
        yield _score(some, scorer)
        done += len(some)
        if progress:
            progress(done)


def table_of(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """Join the tables of `score_source`.

    Returns
    -------
    DataFrame
        `FILE_COLUMNS`. ``label`` is the image's class, empty without one; ``status`` says why there
        is no score, see `Scorer.score`; ``artefact`` is ``blank`` or ``striped`` where there is one
        that is no observation, see `artefacts`; ``raw`` is the published score and ``L1`` the mean
        absolute difference of the pixels, see `scores.scores_of` for these and the others.
    """
    return pd.concat(parts, ignore_index=True)


def _score(some: list[Found], scorer: Scorer) -> Scored:
    sound = [one.image for one in some if not isinstance(one.image, ImageError)]
    side, channels = scorer.inputs.side, scorer.inputs.channels
    images = np.full((len(some), side, side, channels), -1, np.float32)
    status = np.array(
        [one.image.reason if isinstance(one.image, ImageError) else "ok" for one in some], object
    )
    read = status == "ok"
    images[read], status[read] = scorer.prepare(sound)
    good = status == "ok"
    scores: Mapping[str, np.ndarray] = scorer.score_prepared(images, good)
    table = pd.DataFrame(
        {
            "filename": [one.name for one in some],
            "label": [one.label for one in some],
            "status": status,
            "artefact": np.where(good, [artefact(image) for image in images], ""),
            **{_AS_WRITTEN.get(name, name): scores[name] for name in COLUMNS},
            "version": scorer.version,
        }
    )  # fmt: skip
    return Scored(table[list(FILE_COLUMNS)], images)
