"""How the report's figures look."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from skysift.models.ganomaly.evaluation.figure import STYLE as SHARED

STYLE: dict[Any, Any] = {**SHARED, "axes.titlesize": 10, "axes.titleweight": "normal"}

REFERENCE = "#222222"

PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
"""Of candidates, of Okabe & Ito (2008); more than six begin anew."""

WAYS = {"as_given": "as given", "observed": "observed"}
"""How a candidate's images are rated, in words."""

LINES = {"as_given": "-", "observed": "--"}

WIDTH = 9.6
"""Of a figure [inch]."""


def colours(names: Sequence[str]) -> dict[str, str]:
    """Return a colour for each candidate."""
    return {name: PALETTE[place % len(PALETTE)] for place, name in enumerate(names)}


def new_figure(height: float) -> Figure:
    """Return an empty figure of the report's width."""
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure
