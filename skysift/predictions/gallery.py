"""Examples of each answer: the galaxies that show it most, a picture a question."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from skysift.datasets.galaxies.images import ImageError, read_image
from skysift.galaxy_zoo import Question, Tree

EXAMPLES = 8
"""Of each answer."""

SIDE = 128
"""Of an example [px]."""

ASKED = 0.5
"""Examples of an answer are galaxies of which so many people, or more, get to its question."""


def write_gallery(
    told: pd.DataFrame, tree: Tree, root: Path, folder: Path, examples: int = EXAMPLES
) -> list[Path]:
    """Write a picture a question, ``<question>.png``: a row an answer, the clearest first.

    Parameters
    ----------
    told : DataFrame
        Rows of `table.schema_of`.
    tree : Tree
    root : Path
        Folder below which the images lie.
    folder : Path
        Made if need be.
    examples : int
        Of each answer, at most.

    Returns
    -------
    list of Path
        The pictures. A question that most people would be asked of no galaxy has none.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for question in tree.questions:
        chosen = [examples_of(told, question, column, examples) for column in question.columns]
        if any(len(rows) for rows in chosen):
            path = folder / f"{question.name}.png"
            _write(path, question, chosen, root, examples)
            written.append(path)
    return written


def examples_of(told: pd.DataFrame, question: Question, column: str, count: int) -> pd.DataFrame:
    """Choose the galaxies of which most people, of those who are asked, would give an answer."""
    likeliest = told[list(question.columns)].max(axis=1)
    shows = (told[f"{question.name}_asked"] >= ASKED) & (told[column] == likeliest)
    return told[shows].nlargest(count, column, keep="first")


def _write(
    path: Path, question: Question, chosen: Sequence[pd.DataFrame], root: Path, examples: int
) -> None:
    rows = len(question.answers)
    figure = Figure(figsize=(1.35 * examples + 1.3, 1.55 * rows + 0.5), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(rows, examples, squeeze=False)
    for panel in axes.flat:
        panel.set_xticks([])
        panel.set_yticks([])
        panel.set_frame_on(False)
    for row, answer, column, found in zip(
        axes, question.answers, question.columns, chosen, strict=True
    ):
        row[0].set_ylabel(answer, fontsize=9)
        for panel, (_, galaxy) in zip(row, found.iterrows(), strict=False):
            panel.imshow(_image(root / galaxy["file"]), interpolation="nearest")
            panel.set_title(f"{galaxy[column]:.2f}  {_short(galaxy['galaxy'])}", fontsize=7)
        if found.empty:
            row[0].text(0.5, 0.5, "none", ha="center", va="center", color="#767c86")
    figure.suptitle(question.text or question.name, fontsize=10)
    figure.savefig(path, dpi=110)


def _image(path: Path) -> np.ndarray:
    try:
        return read_image(path, SIDE)
    except ImageError:  # it was there a minute ago
        return np.zeros((SIDE, SIDE, 3), np.uint8)


def _short(name: str) -> str:
    return name if len(name) <= 16 else f"…{name[-15:]}"
