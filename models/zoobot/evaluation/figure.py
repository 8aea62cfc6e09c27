"""The figure: what people look at to judge how votes are told, on one page."""

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

from skysift.models.zoobot.evaluation.look import Looked

FIGURE = "evaluation"

BLUE, ORANGE, GREEN, QUIET = "#0072B2", "#D55E00", "#009E73", "#767c86"
"""Of the palette of Okabe & Ito (2008)."""

COLOURS = {"mc": BLUE, "single": ORANGE, "narrow": GREEN}
WORDS = {"mc": "all passes", "single": "one pass", "narrow": "all, before widening"}

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


def write_figure(
    report: Mapping[str, Any], coverage: pd.DataFrame, looked: Looked, folder: Path
) -> list[Path]:
    """Write the figure as PNG and PDF; return where.

    Parameters
    ----------
    report : mapping
        What ``report.json`` holds.
    coverage : DataFrame
        From `held.tables`.
    looked : Looked
    folder : Path
        That is there.
    """
    files = [folder / f"{FIGURE}.{kind}" for kind in ("png", "pdf")]
    column = report["headline"]["column"]
    mine = coverage[coverage["column"] == column]
    with rc_context(STYLE):
        figure = Figure(figsize=(16, 7.6), layout="constrained")
        FigureCanvasAgg(figure)
        axes = iter(figure.subplots(2, 4).flat)
        _fractions(next(axes), looked, report["least_votes"], column)
        _reliability(next(axes), pd.DataFrame(report["reliability"]).dropna())
        _errors(next(axes), report["questions"])
        _confusion(next(axes), report, looked)
        _held(next(axes), mine, "fraction", "allowed error of the vote fraction", column)
        _held(next(axes), mine, "votes", "allowed error, votes", column)
        _levels(next(axes), mine[mine["measure"] == "level"], column)
        _scatter(next(axes), looked, column)
        for file in files:
            figure.savefig(file, dpi=150)
    return files


def _fractions(axes: Axes, looked: Looked, least: int, column: str) -> None:
    """What people said of the first answer against what is told."""
    enough = looked.totals[:, 0] >= least
    said = looked.votes[enough, 0] / looked.totals[enough, 0]
    axes.plot([0, 1], [0, 1], color=QUIET, lw=1)
    axes.scatter(looked.told.mean[enough, 0], said, s=6, color=BLUE, lw=0, alpha=0.5)
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), xlabel="fraction told",
             ylabel="fraction of the votes", title=column)  # fmt: skip


def _reliability(axes: Axes, bins: pd.DataFrame) -> None:
    axes.plot([0, 1], [0, 1], color=QUIET, lw=1)
    axes.plot(bins["told"].astype(float), bins["said"].astype(float), "o-", color=BLUE, ms=4)
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), xlabel="fraction told",
             ylabel="fraction of the votes", title="Reliability, all answers")  # fmt: skip


def _errors(axes: Axes, questions: Mapping[str, Any]) -> None:
    """Error of the fractions, question by question."""
    known = {name: numbers for name, numbers in questions.items() if "mc" in numbers}
    for shift, kind in ((-0.15, "single"), (0.15, "mc")):
        table = pd.DataFrame([numbers[kind]["rmse"] for numbers in known.values()])
        if table.empty:
            continue
        lengths = np.maximum([table["value"] - table["low"], table["high"] - table["value"]], 0.0)
        axes.errorbar(
            table["value"], np.arange(len(table)) + shift, xerr=lengths, fmt="o", ms=4, lw=1,
            color=COLOURS[kind], label=WORDS[kind],
        )  # fmt: skip
    axes.set_yticks(np.arange(len(known)), list(known))
    axes.set_ylim(len(known) - 0.4, -0.6)
    axes.set(xlabel="RMSE of the vote fraction", title="Errors")
    axes.set_xlim(left=0)
    axes.legend(fontsize=8)


def _confusion(axes: Axes, report: Mapping[str, Any], looked: Looked) -> None:
    question = looked.told.tree.questions[0]
    counts = np.array(report["agreement"][question.name]["confusion"])
    axes.imshow(counts, cmap="Blues", vmin=0)
    for (row, place), count in np.ndenumerate(counts):
        dark = count > 0.6 * max(counts.max(), 1)
        axes.text(place, row, f"{count:,}", ha="center", va="center",
                  color="white" if dark else "black")  # fmt: skip
    axes.set_xticks(range(len(counts)), question.answers, rotation=20)
    axes.set_yticks(range(len(counts)), question.answers)
    axes.set(xlabel="told", ylabel="said by most", title=question.name)
    axes.grid(visible=False)


def _held(axes: Axes, rows: pd.DataFrame, measure: str, label: str, column: str) -> None:
    """Galaxies within an allowed error: what was expected, and what was."""
    for kind, table in rows[rows["measure"] == measure].groupby("kind"):
        axes.plot(table["allowed"], table["expected"], color=COLOURS[str(kind)],
                  label=f"expected, {WORDS[str(kind)]}")  # fmt: skip
        if kind == "mc":
            axes.plot(table["allowed"], table["observed"], color="black", ls="--", label="was so")
    axes.set(xlabel=label, ylabel="share of the galaxies", ylim=(0, 1.02), title=column)
    axes.legend(fontsize=8)


def _levels(axes: Axes, rows: pd.DataFrame, column: str) -> None:
    """Highest-density sets: what they hold by the network's word, and did."""
    axes.plot([0, 1], [0, 1], color=QUIET, lw=1)
    for kind, table in rows.groupby("kind"):
        axes.plot(table["expected"], table["observed"], "o-", ms=3, color=COLOURS[str(kind)],
                  label=WORDS[str(kind)])  # fmt: skip
    axes.set(xlim=(0, 1.02), ylim=(0, 1.02), xlabel="chance of the likeliest votes, told",
             ylabel="share of the galaxies within", title=column)  # fmt: skip
    axes.legend(fontsize=8)


def _scatter(axes: Axes, looked: Looked, column: str) -> None:
    """Between passes, from what the network does not know, against the fraction."""
    scatter = looked.told.scatter
    kinds = {"dropout": ("between passes", BLUE), "view": ("between views", ORANGE)}
    for name, (words, colour) in kinds.items():
        if name == "dropout" or looked.told.views > 1:
            axes.scatter(looked.told.mean[:, 0], scatter[name][:, 0], s=6, lw=0, alpha=0.5,
                         color=colour, label=words)  # fmt: skip
    axes.set(xlim=(-0.02, 1.02), xlabel="fraction told", ylabel="scatter of the fraction",
             title=column)  # fmt: skip
    axes.set_ylim(bottom=0)
    axes.legend(fontsize=8)
