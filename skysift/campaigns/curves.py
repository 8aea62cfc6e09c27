"""Learning curves: mean and standard deviation over the seeds, for each learner and query."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from skysift.active_learning.replay import summarise

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00")
"""Okabe & Ito's, which the colour-blind can tell apart."""

FLOOR = 0.75
"""Where the axis begins, unless something lies lower."""


def draw_curves(
    replayed: pd.DataFrame, metrics: Mapping[str, str] | Sequence[str], levels: Mapping[str, float]
) -> Figure:
    """Draw a panel for each metric.

    Parameters
    ----------
    replayed : DataFrame
        As `replay` returns it.
    metrics : mapping of str to str, or sequence
        Columns, and their titles.
    levels : mapping of str to float
        Of a metric, the order by real-bogus score alone: a dashed line.
    """
    summary = summarise(replayed)
    titles = metrics if isinstance(metrics, Mapping) else {name: name for name in metrics}
    figure = Figure(figsize=(11, 3.8), dpi=120, layout="constrained")
    FigureCanvasAgg(figure)
    panels = figure.subplots(1, len(titles), squeeze=False)[0]
    for panel, (metric, title) in zip(panels, titles.items(), strict=True):
        of_metric = summary[summary["metric"] == metric]
        lowest = FLOOR
        for number, (name, curve) in enumerate(of_metric.groupby("query", sort=False)):
            colour = COLOURS[number % len(COLOURS)]
            sd = curve["sd"].fillna(0.0)
            low, high = curve["mean"] - sd, curve["mean"] + sd
            panel.fill_between(curve["labels"], low, high, color=colour, alpha=0.15, lw=0)
            panel.plot(curve["labels"], curve["mean"], "o-", ms=4, color=colour, label=name)
            lowest = min(lowest, float(curve["mean"].min()) - 0.02)
        if metric in levels:
            panel.axhline(levels[metric], ls="--", lw=1, color="#666666", label="score order")
        panel.set(title=title, xlabel="labels", ylim=(lowest, 1.0))
    panels[-1].legend(frameon=False, fontsize=8, loc="lower right")
    return figure
