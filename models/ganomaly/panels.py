"""Original, reconstruction and residual of images, side by side."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from skysift.models.ganomaly.pictures import visible

BRIGHTEST = 0.5
"""Residual that is shown brightest, of images in [-1, 1]: the same for all, so that panels can be
compared."""


def strangest(table: pd.DataFrame, count: int) -> list[dict[str, Any]]:
    """Return the rows that score highest, the strangest first.

    Parameters
    ----------
    table : DataFrame
        From `predictions.table_of`.
    count : int
        At most.
    """
    scored = table[table["status"] == "ok"].drop_duplicates("filename")
    return scored.nlargest(count, "combined").to_dict("records")


def write_panel(
    path: Path, row: Mapping[str, Any], image: np.ndarray, reconstruction: np.ndarray
) -> None:
    """Write a panel as a picture.

    Parameters
    ----------
    path : Path
    row : mapping
        Of the table of predictions; its name and scores are the title.
    image, reconstruction : ndarray (side, side, channels)
        In [-1, 1].
    """
    figure = Figure(figsize=(7.2, 2.9), layout="constrained")
    FigureCanvasAgg(figure)
    residual = np.abs(image - reconstruction).mean(axis=-1)
    axes = figure.subplots(1, 3)
    pair = visible(np.stack([image, reconstruction]))
    for panel, shown, title in zip(
        axes, (*pair, residual), ("original", "reconstruction", "residual"), strict=True
    ):
        more: dict[str, Any] = {} if shown.ndim == 3 else {
            "cmap": "magma", "vmin": 0, "vmax": BRIGHTEST
        }  # fmt: skip
        panel.imshow(shown, origin="upper", interpolation="nearest", **more)
        panel.set_title(title, fontsize=9)
        panel.set_axis_off()
    figure.suptitle(
        f"{row['filename']}   percentile {row['percentile']:.1f}   raw {row['raw']:.4g}   "
        f"L1 {row['L1']:.3f}{'   ' + row['artefact'] if row['artefact'] else ''}",
        fontsize=9,
    )
    figure.savefig(path, dpi=110)


def panel_name(place: int, filename: str) -> str:
    """Name the picture of a panel: its place, and what of the image's name a file may have.

    Examples
    --------
    >>> panel_name(3, "test/1.abnormal/a b.png")
    '003-test-1.abnormal-a-b.png'
    """
    plain = "".join(one if one.isalnum() or one in "._" else "-" for one in filename)
    stem = plain.rsplit(".", 1)[0] if "." in plain else plain
    return f"{place:03d}-{stem[-80:]}.png"
