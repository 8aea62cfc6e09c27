"""Which images are shown, and how they are laid out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from skysift.models.ganomaly.pictures import visible
from skysift.models.ganomaly.rating.latent import Axes
from skysift.models.ganomaly.rating.sets import RatedSet
from skysift.models.ganomaly.rating.style import WIDTH, new_figure

if TYPE_CHECKING:
    from skysift.models.ganomaly.scorer import Scorer

ALONG = 12
"""Images of a set along a component."""

STRANGE = 8
"""Strangest images of a set."""


@dataclass(frozen=True)
class Chosen:
    """Images of a set that are shown.

    Attributes
    ----------
    along : tuple of ndarray (k,), int64
        Rows of the images with a score, at evenly spaced ranks along the first and the second
        component.
    strangest : ndarray (s,), int64
        The highest combined scores first.
    typical : int
        The row whose code is nearest to the median of all.
    """

    along: tuple[np.ndarray, ...]
    strangest: np.ndarray
    typical: int


def choose(one: RatedSet, axes: Axes) -> Chosen:
    """Choose images of a set.

    Parameters
    ----------
    one : RatedSet
    axes : Axes
        Of the reference.
    """
    sample = one.sample
    places = axes.along(sample.codes)
    ranks = np.linspace(0, len(sample) - 1, min(ALONG, len(sample))).round().astype(int)
    middle = np.median(sample.codes, axis=0)
    return Chosen(
        along=tuple(np.argsort(column, kind="stable")[ranks] for column in places.T),
        strangest=np.argsort(-sample.combined, kind="stable")[:STRANGE],
        typical=int(np.square(sample.codes - middle).sum(axis=1).argmin()),
    )


def fetch(one: RatedSet, rows: np.ndarray, scorer: Scorer) -> dict[int, np.ndarray]:
    """Read images of a set again, as the network sees them.

    Parameters
    ----------
    one : RatedSet
    rows : ndarray (k,), int64
        Of the images with a score.
    scorer : Scorer

    Returns
    -------
    dict of int to ndarray (side, side, c)
        By row; without those that are gone.
    """
    names = one.scored["filename"]
    found = one.images.again(set(names.iloc[rows]), scorer.inputs.channels)
    kept = [int(row) for row in dict.fromkeys(rows) if names.iloc[row] in found]
    ready, status = scorer.prepare([found[names.iloc[row]] for row in kept])
    return {row: ready[i] for i, row in enumerate(kept) if status[i] == "ok"}


def gallery(rows: Mapping[str, Sequence[np.ndarray]], titles: Sequence[str] = ()) -> Figure:
    """Lay images out: a row of them for each name.

    Parameters
    ----------
    rows : mapping of str to sequence of ndarray (side, side, c)
        In [-1, 1].
    titles : sequence of str
        Above the images of the first row.
    """
    wide = max(len(images) for images in rows.values())
    figure = new_figure(0.3 + len(rows) * (0.1 + (WIDTH - 1) / max(wide, 8)))
    panels = figure.subplots(len(rows), max(wide, 8), squeeze=False)
    for line, (name, images) in zip(panels, rows.items(), strict=True):
        for place, axes in enumerate(line):
            axes.set(xticks=[], yticks=[])
            axes.set_frame_on(False)
            if place < len(images):
                axes.imshow(visible(images[place][None])[0], interpolation="nearest")
                axes.grid(False)
        line[0].set_ylabel(name, fontsize=7)
    for axes, title in zip(panels[0], titles, strict=False):
        axes.set_title(title, fontsize=7)
    return figure
