"""The figure: everything that people look at to judge a network, on one page."""

from __future__ import annotations

import string
from collections.abc import Callable
from pathlib import Path

from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure, SubFigure

from skysift.models.btsbot.evaluation import _panels_alerts as by_alert
from skysift.models.btsbot.evaluation import _panels_sources as by_source
from skysift.models.btsbot.evaluation._look import STYLE, Shown

__all__ = ["Shown", "draw", "write_figure"]

FIGURE = "evaluation"
PANEL_INCHES = (4.3, 3.75)
DPI = 150

Panel = tuple[str, Callable[[SubFigure, Shown], None]]


def write_figure(shown: Shown, folder: Path) -> list[Path]:
    """Write the figure as PNG and PDF; return where."""
    files = [folder / f"{FIGURE}.{kind}" for kind in ("png", "pdf")]
    with rc_context(STYLE):
        figure = draw(shown)
        for file in files:
            figure.savefig(file, dpi=DPI)
    return files


def draw(shown: Shown) -> Figure:
    """Draw all panels for which there is something to show."""
    panels = _panels(shown)
    columns = _columns(len(panels))
    rows = -(-len(panels) // columns)
    width, height = PANEL_INCHES
    figure = Figure(figsize=(columns * width, rows * height), layout="constrained")
    FigureCanvasAgg(figure)
    cells = figure.subfigures(rows, columns, squeeze=False, wspace=0.02, hspace=0.03).flat
    for letter, (title, panel), cell in zip(string.ascii_lowercase, panels, cells, strict=False):
        panel(cell, shown)
        cell.suptitle(f"{letter}  {title}", x=0.02, ha="left", fontsize=10.5, weight="bold")
    return figure


def _panels(shown: Shown) -> list[Panel]:
    report = shown.report
    panels: list[Panel] = [("Summary", by_source.summary)]
    if shown.history:
        panels.append(("Training", by_alert.training))
    panels += [
        ("ROC", by_alert.roc),
        ("Precision and recall", by_alert.precision_recall),
        ("Reliability", by_alert.reliability),
        ("Confusion", by_alert.confusion),
        ("Score and magnitude", by_alert.score_and_magnitude),
        ("Verdicts by magnitude", by_alert.verdicts_by_magnitude),
        ("Called positive, by class", by_alert.called_positive),
    ]
    if report["alerts"]["uncertainty"]:
        panels.append(("Do uncertain alerts err?", by_alert.uncertainty))
    panels += [("Completeness", by_source.completeness), ("Purity", by_source.purity)]
    panels += [
        (f"Policy against people's {name}", by_source.delays(name))
        for name in ("save", "trigger")
        if shown.has_delays(name)
    ]
    return panels


def _columns(panels: int) -> int:
    """Choose the number of columns that leaves the fewest cells empty, 5 × 2 before 3 × 4."""
    return min((4, 5, 3), key=lambda columns: -panels % columns)
