"""Panels of the figure that show sources and policies."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import wrap
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import SubFigure
from matplotlib.ticker import PercentFormatter
from matplotlib.transforms import Bbox

from skysift.models.btsbot.evaluation._look import (
    POLICY_COLOURS,
    POLICY_MARKERS,
    QUIET,
    Shown,
    error_bars,
    number,
    signed_days,
)

LEAST_SHARE = 0.75
"""Where the axis of completeness and purity starts, if everything lies above."""

DAYS, DAY_BINS = 15.0, 50
"""Of the histograms of delays, as published [days]."""


def summary(cell: SubFigure, shown: Shown) -> None:
    """Write down what was judged on what, and the numbers that people quote."""
    axes = cell.subplots()
    axes.axis("off")
    told = "\n".join(_about(shown))
    axes.text(0, 1.0, told, va="top", fontsize=8.2, linespacing=1.45, transform=axes.transAxes)
    rows = [
        [name, number(policy["completeness"], percent=True), number(policy["purity"], percent=True)]
        for name, policy in shown.report["sources"]["policies"].items()
    ]
    height = min(0.09 * (len(rows) + 1), 0.5)
    table = axes.table(
        rows, colLabels=["policy", "completeness", "purity"], colWidths=[0.18, 0.41, 0.41],
        cellLoc="left", colLoc="left", edges="horizontal", bbox=Bbox.from_bounds(0, 0, 1, height),
    )  # fmt: skip
    table.auto_set_font_size(False)
    table.set_fontsize(8)
    for cell_of_table in table.get_celld().values():
        cell_of_table.set(edgecolor="#cccccc", linewidth=0.6)


def _about(shown: Shown) -> list[str]:
    report = shown.report
    alerts, sources, metrics = report["alerts"], report["sources"], report["alerts"]["metrics"]
    weights = report.get("weights", {})
    left_out = sum(sources["left_out"].values())
    return [
        f"{weights.get('version', 'unknown weights')}",
        *_wrapped(f"trained on {weights.get('trained_on', 'unknown data')}"),
        f"{alerts['alerts']:,} alerts, {alerts['positive']:,} positive; "
        f"{alerts['unscored']:,} without a score",
        f"{sources['sources']:,} sources, {sources['positive']:,} positive; {left_out:,} left out",
        f"AUC {number(metrics['auc'])}",
        f"balanced accuracy {number(metrics['balanced_accuracy'])}",
        f"F1 {number(metrics['f1'])}",
        f"ECE {number(metrics['ece'])}",
    ]


def _wrapped(text: str) -> list[str]:
    return wrap(text, 58, max_lines=2, placeholder=" …")


def completeness(cell: SubFigure, shown: Shown) -> None:
    """Draw the share of bright transients that each policy finds, by peak magnitude."""
    _by_peak(cell, shown, "completeness", ("tp", "fn"), "bright transients")


def purity(cell: SubFigure, shown: Shown) -> None:
    """Draw the share of what each policy takes that is a bright transient, by peak magnitude."""
    _by_peak(cell, shown, "purity", ("tp", "fp"), "sources taken")


def _by_peak(
    cell: SubFigure, shown: Shown, metric: str, counted: tuple[str, str], counted_name: str
) -> None:
    axes = cell.subplots()
    policies = shown.report["sources"]["policies"]
    lowest = 1.0
    for k, (name, policy) in enumerate(policies.items()):
        rows = _rows(policy, metric)
        shift = 0.035 * (k - (len(policies) - 1) / 2)
        middle = (rows["from"] + rows["to"]) / 2 + shift
        look: dict[str, Any] = {
            "color": POLICY_COLOURS[k % len(POLICY_COLOURS)],
            "marker": POLICY_MARKERS[k % len(POLICY_MARKERS)],
        }
        label = f"{name}  {number(policy[metric], percent=True)}"
        axes.errorbar(middle, rows["value"], error_bars(rows), ms=5, lw=1, elinewidth=1,
                      label=label, **look)  # fmt: skip
        lowest = min(lowest, rows["low"].min())
    _write_counts(axes, policies, counted, counted_name)
    low, high = rows["from"].iloc[0], rows["to"].iloc[-1]
    bottom = min(LEAST_SHARE, np.floor(10 * lowest) / 10) if np.isfinite(lowest) else 0.0
    room = 0.075 * (len(policies) + 0.5) * (1.03 - bottom)
    axes.set(xlim=(low, high), ylim=(bottom - room, 1.03), xlabel="peak magpsf", ylabel=metric)
    axes.set_xticks(np.append(rows["from"], high))
    axes.set_yticks(np.arange(np.ceil(20 * bottom), 21, 2 if bottom < 0.5 else 1) / 20)
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.legend(loc="lower left", handlelength=1.2, labelspacing=0.25, borderaxespad=0.2)


def _write_counts(
    axes: Any, policies: dict[str, Any], counted: tuple[str, str], counted_name: str
) -> None:
    """Write the number of sources of each bin above it, of the first policy."""
    first, policy = next(iter(policies.items()))
    for row in policy["by_peak_magnitude"]:
        middle = (row["low"] + row["high"]) / 2
        axes.annotate(f"{sum(row[name] for name in counted)}", (middle, 1.0), (0, 3),
                      xycoords=("data", "axes fraction"), textcoords="offset points",
                      ha="center", fontsize=7.5, color=QUIET, annotation_clip=False)  # fmt: skip
    told = counted_name + ("" if "fn" in counted else f" by {first}")
    axes.set_title(told, fontsize=7.5, color=QUIET, loc="right", pad=14)


def _rows(policy: dict[str, Any], metric: str) -> pd.DataFrame:
    rows = [
        {"from": row["low"], "to": row["high"], **row[metric]}
        for row in policy["by_peak_magnitude"]
    ]
    return pd.DataFrame(rows).astype(float)


def delays(reference: str) -> Callable[[SubFigure, Shown], None]:
    """Make the panel of the days from people's save or trigger to a policy's."""

    def panel(cell: SubFigure, shown: Shown) -> None:
        axes = cell.subplots()
        edges = np.linspace(-DAYS, DAYS, DAY_BINS + 1).tolist()
        sources = shown.sources[(shown.sources["left_out"] == "") & shown.sources["label"]]
        for k, (name, policy) in enumerate(shown.report["sources"]["policies"].items()):
            found = sources[sources[f"{name}.fired"].astype(bool)]
            median = policy[f"{reference}_delay_days"]["median"]
            label = name if median is None else f"{name}  {signed_days(median)}"
            axes.hist(found[f"{name}.{reference}_dt"], edges,
                      histtype="step", color=POLICY_COLOURS[k % len(POLICY_COLOURS)], lw=1.4,
                      label=label)  # fmt: skip
        axes.axvline(0, color="#444444", lw=0.8, ls=":")
        axes.set(xlim=(-DAYS, DAYS), xlabel=f"policy − {reference} [days]", ylabel="sources")
        axes.legend(title="median", alignment="left")

    return panel
