"""How the figure looks: colours that colour-blind people can tell apart, and small habits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

POSITIVE, NEGATIVE = "#0072B2", "#D55E00"
"""Bright transients, and all else."""

VERDICT_COLOURS = {"tn": "#56B4E9", "tp": POSITIVE, "fp": NEGATIVE, "fn": "#E69F00"}
"""Of the palette of Okabe & Ito (2008): right is blue, wrong is orange."""

POLICY_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
POLICY_MARKERS = "osD^vPX"

QUIET = "#767c86"

STYLE: dict[Any, Any] = {
    "font.size": 9,
    "axes.titlesize": 9,
    "axes.labelsize": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#444444",
    "axes.linewidth": 0.8,
    "axes.axisbelow": True,
    "axes.grid": True,
    "grid.color": "#e6e6e6",
    "grid.linewidth": 0.7,
    "legend.fontsize": 8,
    "legend.frameon": False,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "pdf.fonttype": 42,
}


@dataclass(frozen=True)
class Shown:
    """What the figure shows.

    Attributes
    ----------
    report : mapping
        From `report.make_report`.
    scored, sources : DataFrame
        What the report was made of.
    history : mapping of str to sequence of float, or None
        Of the training.
    """

    report: Mapping[str, Any]
    scored: pd.DataFrame
    sources: pd.DataFrame
    history: Mapping[str, Sequence[float]] | None

    def has_delays(self, reference: str) -> bool:
        """Tell whether any policy can be compared with people's times."""
        policies = self.report["sources"]["policies"].values()
        return any(policy[f"{reference}_delay_days"]["sources"] for policy in policies)


def number(estimate: Mapping[str, Any], *, percent: bool = False) -> str:
    """Write a number with its interval; a dash where there is none."""
    if estimate["value"] is None:
        return "–"
    scale, digits = (100, 1) if percent else (1, 4)
    value, low, high = (
        "–" if part is None else f"{scale * part:.{digits}f}"
        for part in (estimate["value"], estimate["low"], estimate["high"])
    )
    return f"{value}{' %' if percent else ''} [{low}, {high}]"


def error_bars(
    rows: pd.DataFrame, value: str = "value", low: str = "low", high: str = "high"
) -> np.ndarray:
    """Turn a value and its interval into lengths for ``errorbar``, (2, n), never negative."""
    below, above = rows[value] - rows[low], rows[high] - rows[value]
    return np.maximum([below.to_numpy(float), above.to_numpy(float)], 0.0)


def signed_days(days: float) -> str:
    """Write a delay with its sign."""
    return f"{days:+.2f} d".replace("-", "−")


def unit_square(axes: Axes, x: str, y: str) -> None:
    """Set up axes of two shares."""
    axes.set(xlim=(-0.01, 1.01), ylim=(-0.01, 1.01), xlabel=x, ylabel=y)
