"""Panels of the figure that show alerts."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import SubFigure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from skysift.models._metrics import Ranking
from skysift.models.btsbot.evaluation._look import (
    NEGATIVE,
    POSITIVE,
    QUIET,
    VERDICT_COLOURS,
    Shown,
    error_bars,
    number,
    unit_square,
)

BINS = 28
MAGS = (16.0, 21.0)
"""Of the histogram of score and magnitude, as published."""


def training(cell: SubFigure, shown: Shown) -> None:
    """Draw loss and accuracy by epoch, of training and validation."""
    history = shown.history or {}
    names = [name for name in ("loss", "accuracy") if name in history]
    places = cell.subplots(len(names), 1, sharex=True, squeeze=False)[:, 0]
    for axes, name in zip(places, names, strict=True):
        for key, colour, label in (
            (name, QUIET, "training"), (f"val_{name}", POSITIVE, "validation"),
        ):  # fmt: skip
            values = history.get(key, [])
            axes.plot(np.arange(1, len(values) + 1), values, color=colour, label=label, lw=1.6)
        best = int(np.argmin(history.get("val_loss", history["loss"]))) + 1
        axes.axvline(best, color="#444444", lw=0.8, ls=":", label="kept")
        axes.set_ylabel(name)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel("epoch")
    axes.legend(loc="best")


def roc(cell: SubFigure, shown: Shown) -> None:
    """Draw true against false positives, with the threshold marked."""
    axes = cell.subplots()
    axes.plot([0, 1], [0, 1], color=QUIET, lw=0.8, ls="--")
    axes.plot(*_ranking(shown).roc(), color=POSITIVE, lw=2)
    metrics = shown.report["alerts"]["metrics"]
    axes.plot(1 - metrics["tnr"]["value"], metrics["tpr"]["value"], "o", color=NEGATIVE, ms=6,
              label="score 0.5", zorder=3)  # fmt: skip
    unit_square(axes, "false positive rate", "true positive rate")
    axes.legend(loc="lower right", title=f"AUC {number(metrics['auc'])}", alignment="left")
    _zoom(axes, shown)


def _zoom(axes: Axes, shown: Shown) -> None:
    """Show the corner where good networks live once more, enlarged."""
    inset = axes.inset_axes((0.36, 0.36, 0.58, 0.42))
    inset.plot(*_ranking(shown).roc(), color=POSITIVE, lw=1.6)
    inset.set(xlim=(0, 0.2), ylim=(0.8, 1.005))
    inset.tick_params(labelsize=7)
    inset.spines[["top", "right"]].set_visible(True)


def precision_recall(cell: SubFigure, shown: Shown) -> None:
    """Draw precision against recall, with the threshold marked."""
    axes = cell.subplots()
    metrics, alerts = shown.report["alerts"]["metrics"], shown.report["alerts"]
    axes.axhline(alerts["positive"] / alerts["alerts"], color=QUIET, lw=0.8, ls="--",
                 label="by chance")  # fmt: skip
    axes.plot(*_ranking(shown).precision_recall(), color=POSITIVE, lw=2)
    if metrics["precision"]["value"] is not None:
        axes.plot(metrics["tpr"]["value"], metrics["precision"]["value"], "o", color=NEGATIVE,
                  ms=6, label="score 0.5", zorder=3)  # fmt: skip
    unit_square(axes, "recall", "precision")
    average = f"average precision {number(metrics['average_precision'])}"
    axes.legend(loc="center left", title=average, alignment="left")


def reliability(cell: SubFigure, shown: Shown) -> None:
    """Draw the calibration curve above the number of alerts in each bin."""
    axes, counts = cell.subplots(2, 1, sharex=True, height_ratios=(3.2, 1))
    bins = pd.DataFrame(shown.report["alerts"]["calibration"]).dropna(subset="positive")
    axes.plot([0, 1], [0, 1], color=QUIET, lw=0.8, ls="--")
    bars = error_bars(bins, "positive", "positive_low", "positive_high")
    axes.errorbar(bins["score"], bins["positive"], bars, fmt="o-", color=POSITIVE,
                  ms=4, lw=1.2, elinewidth=1)  # fmt: skip
    metrics = shown.report["alerts"]["metrics"]
    text = f"ECE {number(metrics['ece'])}\nBrier {number(metrics['brier'])}"
    axes.text(0.03, 0.96, text, transform=axes.transAxes, va="top", fontsize=8)
    axes.set(xlim=(-0.01, 1.01), ylim=(-0.02, 1.02), ylabel="share of positives")
    counts.bar(bins["low"], bins["count"], bins["high"] - bins["low"], align="edge", color=QUIET,
               edgecolor="white", lw=0.5)  # fmt: skip
    counts.set(yscale="log", xlabel="score", ylabel="alerts")


def confusion(cell: SubFigure, shown: Shown) -> None:
    """Draw shares of each true class, with counts."""
    axes = cell.subplots()
    c = shown.report["alerts"]["confusion"]
    counts = np.array([[c["tp"], c["fn"]], [c["fp"], c["tn"]]])
    share = counts / counts.sum(axis=1, keepdims=True)
    axes.imshow(share, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for (row, column), part in np.ndenumerate(share):
        axes.text(column, row, f"{100 * part:.2f} %\n{counts[row, column]:,}", ha="center",
                  va="center", color="white" if part > 0.5 else "black", fontsize=12)  # fmt: skip
    axes.set_xticks([0, 1], ["bright transient", "other"])
    axes.set_yticks([0, 1], ["bright\ntransient", "other"])
    axes.set(xlabel="called", ylabel="truth")
    axes.grid(False)
    axes.tick_params(length=0)


def score_and_magnitude(cell: SubFigure, shown: Shown) -> None:
    """Draw the 2-D histogram of score and magnitude, with its margins by class."""
    (top, corner), (axes, side) = cell.subplots(
        2, 2, sharex="col", sharey="row", width_ratios=(3.5, 1), height_ratios=(1, 3.5)
    )
    corner.axis("off")
    scored = shown.scored[shown.scored["score"].notna()]
    edges = np.linspace(*MAGS, BINS + 1), np.linspace(0, 1, BINS + 1)
    counts, *_ = np.histogram2d(scored["magpsf"], scored["score"], edges)
    image = axes.pcolormesh(*edges, np.ma.masked_equal(counts.T, 0), cmap="viridis",
                            norm=LogNorm(1, max(counts.max(), 2)), rasterized=True)  # fmt: skip
    kinds = ((True, POSITIVE, "bright\ntransient", 0.58), (False, NEGATIVE, "other", 0.28))
    for label, colour, name, height in kinds:
        own = scored[scored["label"] == label]
        style = {"color": colour, "histtype": "step", "lw": 1.4, "log": True}
        top.hist(own["magpsf"], edges[0], **style)
        side.hist(own["score"], edges[1], orientation="horizontal", **style)
        corner.text(0.1, height, name, color=colour, fontsize=8, weight="bold",
                    linespacing=1.0, in_layout=False, transform=corner.transAxes)  # fmt: skip
    axes.set(xlabel="magpsf", ylabel="score", xlim=MAGS, ylim=(0, 1))
    for margin in (top, side):
        margin.tick_params(labelsize=7)
        margin.grid(False)
    cell.colorbar(image, ax=side, aspect=25, pad=0.05).set_label("alerts", fontsize=8)


def verdicts_by_magnitude(cell: SubFigure, shown: Shown) -> None:
    """Draw stacked counts of verdicts in bins of magnitude."""
    axes = cell.subplots()
    bins = pd.DataFrame(shown.report["alerts"]["by_magnitude"]).dropna(subset="low")
    bottom = np.zeros(len(bins))
    for name, colour in VERDICT_COLOURS.items():
        axes.bar(bins["low"], bins[name], bins["high"] - bins["low"], bottom, align="edge",
                 color=colour, edgecolor="white", lw=0.5, label=name.upper())  # fmt: skip
        bottom += bins[name]
    axes.set(xlabel="magpsf", ylabel="alerts", xlim=(bins["low"].min(), bins["high"].max()))
    axes.legend(loc="upper left")


def called_positive(cell: SubFigure, shown: Shown) -> None:
    """Draw the share of each class that is called positive."""
    axes = cell.subplots()
    rows = pd.DataFrame(shown.report["alerts"]["called_positive"]["class"])
    rows = rows.sort_values("value", ignore_index=True)
    place = np.arange(len(rows))
    axes.barh(place, rows["value"], color=POSITIVE, alpha=0.35, height=0.65)
    axes.errorbar(rows["value"], place, xerr=error_bars(rows), fmt="o", color=POSITIVE, ms=4)
    for y, row in rows.iterrows():
        right = max(row["value"], row["high"])
        inside = right > 0.6
        axes.text(0.02 if inside else right + 0.02, y, f"{100 * row['value']:.1f} %  of "
                  f"{row['alerts']:,}", va="center", fontsize=8)  # fmt: skip
    axes.set_yticks(place, rows["name"].str.replace("_", " "))
    axes.set(xlim=(0, 1.02), xlabel="share of its alerts with score ≥ 0.5")
    axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.grid(axis="y", visible=False)


def uncertainty(cell: SubFigure, shown: Shown) -> None:
    """Draw the error rate in quarters of rising uncertainty."""
    axes = cell.subplots()
    facts = shown.report["alerts"]["uncertainty"]
    rows = pd.DataFrame(facts["quarters"]).astype(float)
    place = np.arange(len(rows))
    axes.bar(place, rows["value"], color=NEGATIVE, alpha=0.35, width=0.65)
    axes.errorbar(place, rows["value"], error_bars(rows), fmt="o", color=NEGATIVE, ms=4)
    edges = zip(rows["from"], rows["to"], strict=True)
    axes.set_xticks(place, [f"{low:.2g}–\n{high:.2g}" for low, high in edges])
    axes.set(xlabel="uncertainty, by quarter of the alerts", ylabel="share of wrong verdicts")
    axes.yaxis.set_major_formatter(PercentFormatter(1))
    if facts["auc_of_errors"] is not None:
        told = f"AUC of uncertainty\nfor errors {facts['auc_of_errors']:.3f}"
        axes.text(0.03, 0.96, told, transform=axes.transAxes, va="top", fontsize=8)
    axes.grid(axis="x", visible=False)


def _ranking(shown: Shown) -> Ranking:
    scored = shown.scored[shown.scored["score"].notna()]
    return Ranking(scored["label"].to_numpy(bool), scored["score"].to_numpy(np.float64))
