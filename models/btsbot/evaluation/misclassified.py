"""The mistakes: listed from the surest down, and shown."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from skysift.models.btsbot.evaluation.alerts import THRESHOLD
from skysift.models.btsbot.evaluation.report import with_verdicts
from skysift.models.btsbot.training_set import TrainingSet

LIST = "misclassified.csv"

SHEETS = {"fp": "false_positives.png", "fn": "false_negatives.png"}

ROWS, COLUMNS = 8, 4
"""Alerts on a sheet."""

BANDS = {1: "g", 2: "r", 3: "i"}

STAMPS = ("science", "template", "difference")


def write_misclassified(alerts: TrainingSet, scored: pd.DataFrame, folder: Path) -> None:
    """Write the list of all mistakes, and a sheet of the surest of each kind.

    Parameters
    ----------
    alerts : TrainingSet
        Where the triplets are.
    scored : DataFrame
        The same alerts in the same order, with their scores.
    folder : Path
        Gets `LIST` and those of `SHEETS` that have something to show.
    """
    wrong = find_misclassified(scored)
    wrong.to_csv(folder / LIST, index=False)
    for verdict, name in SHEETS.items():
        shown = wrong[wrong["verdict"] == verdict].head(ROWS * COLUMNS)
        if len(shown):
            draw_sheet(alerts.triplet(shown.index.to_numpy()), shown).savefig(folder / name)


def find_misclassified(scored: pd.DataFrame) -> pd.DataFrame:
    """Return the alerts on the wrong side of the threshold, the surest mistakes first.

    The index says which row of `scored` each is. A column ``verdict`` is added: fp or fn.
    """
    judged = with_verdicts(scored.reset_index(drop=True))
    wrong = judged[judged["verdict"].isin(SHEETS)]
    sure = (wrong["score"].astype(float) - THRESHOLD).abs()
    return wrong.loc[sure.sort_values(ascending=False, kind="stable").index]


def draw_sheet(triplets: np.ndarray, alerts: pd.DataFrame) -> Figure:
    """Draw the stamps of some alerts, each with what is known of it.

    Parameters
    ----------
    triplets : ndarray (n, side, side, 3)
    alerts : DataFrame of n rows
    """
    rows = -(-len(alerts) // COLUMNS)
    figure = Figure(figsize=(4.2 * COLUMNS, 1.85 * rows + 0.35), dpi=110)
    FigureCanvasAgg(figure)
    top = 1 - 0.7 / (1.85 * rows + 0.35)
    cells = figure.subplots(
        rows, COLUMNS, squeeze=False,
        gridspec_kw={"left": 0.01, "right": 0.99, "bottom": 0.01, "top": top, "hspace": 0.34,
                     "wspace": 0.04},
    ).flat  # fmt: skip
    for cell in cells[len(alerts) :]:
        cell.remove()
    for cell, triplet, (_, alert) in zip(cells, triplets, alerts.iterrows(), strict=False):
        draw_triplet(cell, triplet)
        cell.set_title(_caption(alert), loc="left", fontsize=8, linespacing=1.35, pad=4)
    figure.text(0.01, 0.995, "  |  ".join(STAMPS), va="top", fontsize=8.5, color="#767c86")
    return figure


def draw_triplet(axes: Axes, triplet: np.ndarray) -> None:
    """Draw an alert's three stamps in a row: science and template logarithmic, difference linear.

    Parameters
    ----------
    axes : Axes
    triplet : ndarray (side, side, 3)
        NaN is shown as grey.
    """
    gap = np.full((len(triplet), 2), np.nan)
    science, template, difference = np.moveaxis(np.asarray(triplet, dtype=np.float64), -1, 0)
    row = [_logarithmic(science), gap, _logarithmic(template), gap, _linear(difference)]
    axes.imshow(np.hstack(row), cmap="gray", vmin=0, vmax=1, origin="lower")
    axes.set_facecolor("#ffffff")
    axes.axis("off")


def _logarithmic(stamp: np.ndarray) -> np.ndarray:
    """Stretch to 0 … 1 by asinh: a logarithm that is linear within the noise of the sky."""
    sky = stamp - np.nanmedian(stamp)
    noise = 1.4826 * float(np.nanmedian(np.abs(sky)))
    shown = np.arcsinh(sky / (2 * noise if noise > 0 else 1.0))
    low, high = np.nanpercentile(shown, 1), np.nanmax(shown)
    return np.clip((shown - low) / max(float(high - low), 1e-12), 0, 1)


def _linear(stamp: np.ndarray) -> np.ndarray:
    """Put zero to 0.5, and what is brightest near the middle to 0 or 1."""
    third = len(stamp) // 3
    reach = max(float(np.nanmax(np.abs(stamp[third:-third, third:-third]))), 1e-12)
    return np.clip(0.5 + stamp / (2 * reach), 0, 1)


def _caption(alert: pd.Series) -> str:
    band = BANDS.get(int(alert["fid"]), "?") if np.isfinite(alert["fid"]) else "?"
    spread = alert["uncertainty"]
    score = f"{alert['score']:.3f}" + (f" ± {spread:.3f}" if np.isfinite(spread) else "")
    return (
        f"{alert['objectId']}  {alert['candid']}\n"
        f"{alert['class']}   {band} = {alert['magpsf']:.2f}   score {score}"
    )
