"""The figure: what people look at to judge a network that finds things, on one page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

FIGURE = "evaluation"

BLUE, ORANGE, GREEN, QUIET = "#0072B2", "#D55E00", "#009E73", "#767c86"
"""Of the palette of Okabe & Ito (2008)."""

STYLE: dict[Any, Any] = {
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#e6e6e6",
    "legend.frameon": False,
    "pdf.fonttype": 42,
}

LIMIT = 5.0
"""Largest error of a place that is shown [px]."""


def write_figure(
    report: Mapping[str, Any], curve: pd.DataFrame, pairs: pd.DataFrame, folder: Path
) -> list[Path]:
    """Write the figure as PNG and PDF; return where.

    Parameters
    ----------
    report : mapping
        What ``report.json`` holds.
    curve, pairs : DataFrame
        From `counts.curve` and `places.pairs`.
    folder : Path
        That is there.
    """
    files = [folder / f"{FIGURE}.{kind}" for kind in ("png", "pdf")]
    with rc_context(STYLE):
        figure = Figure(figsize=(13, 7.6), layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.subplots(2, 3).flat
        _errors(next(axes), report, curve)
        _trade(next(axes), report, curve)
        _bins(next(axes), report, "by_magnitude", "total magnitude")
        _bins(next(axes), report, "by_coma", "radius of the coma (px)")
        _places(next(axes), report, pairs)
        _reliability(next(axes), report["calibration"]["curve"])
        for file in files:
            figure.savefig(file, dpi=150)
    return files


def _errors(axes: Axes, report: Mapping[str, Any], curve: pd.DataFrame) -> None:
    """Missed comets and false positives against the threshold, and their mean."""
    bright = f"missed, of comets to {report['bright']} mag"
    axes.plot(curve["threshold"], curve["fnr"], color=BLUE, label=bright)
    axes.plot(curve["threshold"], curve["false_per_tile"], color=ORANGE,
              label="false positives a tile")  # fmt: skip
    mean = (curve["fnr"] + curve["false_per_tile"]) / 2
    axes.plot(curve["threshold"], mean, color=QUIET, lw=1, label="mean of both")
    axes.axvline(report["at_allowed"]["threshold"], color=GREEN, ls="--", lw=1,
                 label=f"{report['at_allowed']['allowed_per_tile']:g} a tile")  # fmt: skip
    axes.set(yscale="log", xlim=(0, 1), xlabel="threshold", ylabel="share",
             title="FNR and FPR")  # fmt: skip
    axes.set_ylim(max(0.3 / report["tiles"], 1e-6), 1.2)
    axes.legend(fontsize=7.5)


def _trade(axes: Axes, report: Mapping[str, Any], curve: pd.DataFrame) -> None:
    """Recall against false positives."""
    least = 0.3 / report["tiles"]
    false = np.maximum(curve["false_per_tile"], least)
    axes.plot(false, curve["recall_bright"], color=BLUE, label=f"to {report['bright']} mag")
    axes.plot(false, curve["recall"], color=ORANGE, label="all that count")
    axes.axvline(report["at_allowed"]["allowed_per_tile"], color=GREEN, ls="--", lw=1)
    axes.set(xscale="log", ylim=(0, 1.02), xlabel="false positives per tile of 256 px",
             ylabel="recall", title="Recall and false positives")  # fmt: skip
    axes.legend(fontsize=8)


def _bins(axes: Axes, report: Mapping[str, Any], name: str, label: str) -> None:
    """Recall in bins, at both thresholds."""
    for at, colour, words in (("at_half", ORANGE, "threshold 0.5"),
                              ("at_allowed", BLUE, "at the allowed false positives")):  # fmt: skip
        bins = pd.DataFrame(report[at][name])
        if bins.empty:
            continue
        middle, width = (bins["from"] + bins["to"]) / 2, (bins["to"] - bins["from"]) / 2
        axes.errorbar(middle, bins["value"], yerr=_lengths(bins), xerr=width, fmt="o", ms=3,
                      color=colour, label=words, lw=1)  # fmt: skip
    axes.set(ylim=(0, 1.03), xlabel=label, ylabel="recall", title=f"Recall by {label}")
    axes.legend(fontsize=8)


def _lengths(bins: pd.DataFrame) -> np.ndarray:
    """Turn values and intervals into lengths of error bars, (2, n)."""
    below, above = bins["value"] - bins["low"], bins["high"] - bins["value"]
    return np.nan_to_num(np.maximum([below, above], 0.0))


def _places(axes: Axes, report: Mapping[str, Any], pairs: pd.DataFrame) -> None:
    """Where comets were found about where they are."""
    axes.scatter(pairs["dx"], pairs["dy"], s=5, color=QUIET, label="all found", lw=0)
    bright = pairs[pairs["bright"]]
    axes.scatter(bright["dx"], bright["dy"], s=5, color=BLUE, lw=0,
                 label=f"to {report['bright']} mag")  # fmt: skip
    rmse = report["places"]["radial_rmse_bright"]["value"]
    if rmse is not None:
        angle = np.linspace(0, 2 * np.pi, 100)
        axes.plot(rmse * np.cos(angle), rmse * np.sin(angle), color=ORANGE,
                  label=f"radial RMSE {rmse:.2f} px")  # fmt: skip
    axes.set(xlim=(-LIMIT, LIMIT), ylim=(-LIMIT, LIMIT), aspect="equal", xlabel="Δx (px)",
             ylabel="Δy (px)", title="Places")  # fmt: skip
    axes.legend(fontsize=8)


def _reliability(axes: Axes, curve: Sequence[Mapping[str, Any]]) -> None:
    """Share of comets among detections of a score."""
    bins = pd.DataFrame(curve).dropna()
    axes.plot([0, 1], [0, 1], color=QUIET, lw=1)
    axes.plot(bins["score"].astype(float), bins["positive"].astype(float), "o-", color=BLUE, ms=4)
    axes.set(xlim=(-0.01, 1.01), ylim=(-0.01, 1.02), xlabel="score of detections",
             ylabel="share that are comets", title="Reliability")  # fmt: skip
