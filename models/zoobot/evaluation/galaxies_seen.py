"""Galaxies beside what is told of them: each pass, all together, and what people said."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from skysift.models.zoobot.evaluation.figure import BLUE, ORANGE, STYLE
from skysift.models.zoobot.evaluation.look import Looked
from skysift.models.zoobot.uncertainty.votes import chances, place

FIGURE = "galaxies"

ROWS, ACROSS = 4, 3
"""Of galaxies; each row is drawn from a quarter of the fractions told."""


def write_galaxies(looked: Looked, column: str, least: int, folder: Path) -> list[Path]:
    """Write the figure as PNG and PDF; return where.

    Parameters
    ----------
    looked : Looked
    column : str
        The answer that is shown.
    least : int
        Votes on its question that a galaxy must have.
    folder : Path
        That is there.
    """
    files = [folder / f"{FIGURE}.{kind}" for kind in ("png", "pdf")]
    question, answer = place(looked.told, column)
    number = list(looked.told.tree.slices).index(question)
    whole = looked.told.tree.columns.index(column)
    totals = looked.totals[:, number].astype(int)
    shown = _some(np.flatnonzero(totals >= least), looked.told.mean[:, whole])
    with rc_context(STYLE):
        figure = Figure(figsize=(4 * ACROSS, 1.9 * ROWS), layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.subplots(ROWS, 2 * ACROSS, width_ratios=[1, 1.6] * ACROSS).reshape(-1, 2)
        figure.suptitle(f"votes for {column}: each pass, all together, and as people voted")
        for image, curve in axes:
            image.axis("off")
            curve.axis("off")
        for (image, curve), row in zip(axes, shown, strict=False):
            _image(image, looked.galaxies.images(np.array([row]))[0])
            p = chances(
                looked.told.of(question)[[row]], looked.told.concentrated, answer, totals[[row]]
            )[0]
            _curve(curve, p, int(looked.votes[row, whole]))
        for file in files:
            figure.savefig(file, dpi=150)
    return files


def _some(rows: np.ndarray, fraction: np.ndarray) -> np.ndarray:
    """Choose galaxies from small fractions to large, evenly in their order."""
    order = rows[np.argsort(fraction[rows], kind="stable")]
    wanted = min(ROWS * ACROSS, len(order))
    return order[np.linspace(0, len(order) - 1, wanted).astype(int)] if wanted else order


def _image(axes: Axes, image: np.ndarray) -> None:
    pixels = image[..., 0] if image.shape[-1] != 3 else image
    axes.imshow(pixels, cmap="gray", interpolation="nearest")


def _curve(axes: Axes, p: np.ndarray, votes: int) -> None:
    axes.axis("on")
    k = np.arange(p.shape[1])
    for one in p:
        axes.plot(k, one, color=BLUE, lw=0.5, alpha=0.4)
    axes.plot(k, p.mean(axis=0), color=BLUE, lw=2)
    axes.axvline(votes, color=ORANGE, lw=1.5)
    axes.set_yticks([])
    axes.set_xlim(-0.5, p.shape[1] - 0.5)
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.set_ylim(bottom=0)
    axes.tick_params(labelsize=7)
