"""Learning curves: mean and standard deviation over the seeds, for each learner and query."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from skysift.active_learning.replay import summarise

COLOURS = ("#0072b2", "#56b4e9", "#d55e00", "#e69f00")
"""Okabe & Ito's, which the colour-blind can tell apart."""

TITLES = {"gal_auc": "Galactic: AUC", "real_auc": "real: AUC", "aurak": "rank: AuRaK"}


def draw_curves(
    replayed: pd.DataFrame, metrics: Sequence[str], levels: Mapping[str, float]
) -> Figure:
    """Draw a panel for each metric.

    Parameters
    ----------
    replayed : DataFrame
        As `replay` returns it.
    metrics : sequence of str
    levels : mapping of str to float
        Of a metric, the order by real-bogus score alone: a dashed line.
    """
    summary = summarise(replayed)
    figure = Figure(figsize=(11, 3.8), dpi=120, layout="constrained")
    FigureCanvasAgg(figure)
    panels = figure.subplots(1, len(metrics))
    for panel, metric in zip(panels, metrics, strict=True):
        of_metric = summary[summary["metric"] == metric]
        for colour, (name, curve) in zip(COLOURS, of_metric.groupby("query"), strict=False):
            low, high = curve["mean"] - curve["sd"], curve["mean"] + curve["sd"]
            panel.fill_between(curve["labels"], low, high, color=colour, alpha=0.15, lw=0)
            panel.plot(curve["labels"], curve["mean"], "o-", ms=4, color=colour, label=name)
        if metric in levels:
            panel.axhline(levels[metric], ls="--", lw=1, color="#666666", label="score order")
        panel.set(title=TITLES[metric], xlabel="labels", ylim=(0.75, 1.0))
    panels[-1].legend(frameon=False, fontsize=8, loc="lower right")
    return figure
