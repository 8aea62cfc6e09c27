"""The figure: what people look at to judge a network that ranks images by strangeness."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from skysift.models._metrics import Ranking

FIGURE = "evaluation"

COLOURS = {
    "combined": "#0072B2", "raw": "#D55E00", "L1": "#009E73", "feature": "#CC79A7",
    "distance": "#E69F00",
}  # fmt: skip
"""Of the scores, of the palette of Okabe & Ito (2008)."""

NORMAL, ABNORMAL, QUIET = "#0072B2", "#D55E00", "#767c86"

STYLE: dict[Any, Any] = {
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#e6e6e6",
    "legend.frameon": False,
    "legend.fontsize": 8,
    "pdf.fonttype": 42,
}

BINS = 40


def write_figure(
    report: Mapping[str, Any], scored: pd.DataFrame, abnormal: np.ndarray, folder: Path
) -> list[Path]:
    """Write the figure as PNG and PDF; return where.

    Parameters
    ----------
    report : mapping
        What ``report.json`` holds.
    scored : DataFrame
        The images with a score.
    abnormal : ndarray (n,), bool
    folder : Path
        That is there.
    """
    files = [folder / f"{FIGURE}.{kind}" for kind in ("png", "pdf")]
    with rc_context(STYLE):
        figure = Figure(figsize=(11, 7.6), layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.subplots(2, 2)
        _curves(axes[0, 0], axes[0, 1], report, scored, abnormal)
        _histogram(axes[1, 0], scored, abnormal)
        _classes(axes[1, 1], report["classes"])
        for file in files:
            figure.savefig(file, dpi=150)
    return files


def _curves(
    roc: Axes,
    precision: Axes,
    report: Mapping[str, Any],
    scored: pd.DataFrame,
    abnormal: np.ndarray,
) -> None:
    """ROC, and precision against recall, of each score."""
    roc.plot([0, 1], [0, 1], color=QUIET, lw=1)
    for name, colour in COLOURS.items():
        ranking, figures = Ranking(abnormal, scored[name].to_numpy(float)), report["scores"][name]
        width = 2 if name == "combined" else 1
        label = f"{name}, {figures['auc']['value']:.3f}"
        roc.plot(*ranking.roc(), color=colour, lw=width, label=label)
        label = f"{name}, {figures['average_precision']['value']:.3f}"
        precision.plot(*ranking.precision_recall(), color=colour, lw=width, label=label)
    share = float(abnormal.mean())
    precision.axhline(share, color=QUIET, lw=1)
    for axes, title, x, y in (
        (roc, "ROC, and the area under it", "share of normal images above", "of abnormal ones"),
        (precision, "Precision and recall, and the area", "recall", "precision"),
    ):
        axes.set(xlim=(0, 1), ylim=(0, 1.02), xlabel=x, ylabel=y, title=title)
        axes.legend(loc="lower right" if axes is roc else "lower left")


def _histogram(axes: Axes, scored: pd.DataFrame, abnormal: np.ndarray) -> None:
    """How the score that counts is spread."""
    value = scored["combined"].to_numpy(float)
    lowest, highest = np.quantile(value, [0, 0.995])
    bins = np.linspace(float(lowest), float(highest), BINS).tolist()
    for some, colour, label in ((~abnormal, NORMAL, "normal"), (abnormal, ABNORMAL, "abnormal")):
        axes.hist(np.minimum(value[some], bins[-1]), bins, density=True, color=colour, alpha=0.55,
                  label=f"{label}, {some.sum():,}")  # fmt: skip
    axes.set(xlabel="combined score", ylabel="density", title="Scores")
    axes.legend()


def _classes(axes: Axes, classes: Mapping[str, Any]) -> None:
    """Area under the ROC curve of each class."""
    names = list(classes)
    areas = [classes[name]["auc"] for name in names]
    value = np.array([one["value"] for one in areas])
    lengths = np.abs([[one["low"] for one in areas], [one["high"] for one in areas]] - value)
    axes.errorbar(value, range(len(names)), xerr=lengths, fmt="o", color=ABNORMAL, ms=4, lw=1)
    axes.axvline(0.5, color=QUIET, lw=1)
    axes.set(yticks=range(len(names)), yticklabels=names, xlabel="area under the ROC curve",
             title="Each class against the normal one", ylim=(-0.5, len(names) - 0.5))  # fmt: skip
