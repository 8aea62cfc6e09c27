"""Figures of scores: how they are spread, how far sets lie apart, and what goes with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from skysift.models.ganomaly.rating.comparison import FIGURES
from skysift.models.ganomaly.rating.distances import HIGHEST
from skysift.models.ganomaly.rating.facts import Candidate
from skysift.models.ganomaly.rating.sets import RatedSet
from skysift.models.ganomaly.rating.style import LINES, REFERENCE, WAYS, colours, new_figure
from skysift.models.ganomaly.rating.views import ANGLES, by_galaxy, orientation_curves

MOST_BINS, LEAST_BINS = 33, 8
"""Of a histogram; between, the square root of the reference's images."""

MOST_GALAXIES = 80
"""Of a set, in the figure of views."""

MOST_COLUMNS = 12
"""Of a catalogue, in the figure of correlations."""

MOST_POINTS = 1500
"""Of a set, in a scatter."""

STEPS, IN_STEP = 8, 6
"""Bins of running medians, at most, and images in each, at least."""

TITLES = {
    "overlap": "overlap, as published", "ks": "Kolmogorov-Smirnov, combined",
    "wasserstein": "Wasserstein, combined", "ks_latent": "Kolmogorov-Smirnov, latent",
    "wasserstein_latent": "Wasserstein, latent [dex]", "mmd2": "MMD², codes",
}  # fmt: skip


def scores_figure(reference: RatedSet, candidates: Sequence[Candidate]) -> Figure:
    """Draw how scores are spread."""
    figure = new_figure(3.6)
    combined, published = figure.subplots(1, 2)
    sets = [reference, *(one for candidate in candidates for one in candidate.ways.values())]
    pooled = np.concatenate([one.sample.combined for one in sets])
    low, high = np.quantile(pooled, [0.002, 0.995]).tolist()
    count = int(np.clip(np.sqrt(len(reference.sample)), LEAST_BINS, MOST_BINS))
    for axes, field, ends, label in (
        (combined, "combined", (low, high + 1e-9), "combined score"),
        (published, "published", (0, HIGHEST), "latent score, published scale"),
    ):
        bins = np.linspace(ends[0], ends[1], count + 1).tolist()
        _spread(axes, getattr(reference.sample, field), bins, REFERENCE, "-", reference.name)
        for candidate in candidates:
            colour = colours([one.given.name for one in candidates])[candidate.given.name]
            for way, one in candidate.ways.items():
                told = f"{candidate.given.name}, {WAYS[way]}"
                _spread(axes, getattr(one.sample, field), bins, colour, LINES[way], told)
        axes.set(xlabel=label, ylabel="density", xlim=ends)
    published.legend(loc="upper right")
    return figure


def distances_figure(facts: Mapping[str, Mapping[str, Any]]) -> Figure:
    """Draw how far each candidate lies from the reference, with what is usual as a band.

    Parameters
    ----------
    facts : mapping
        Of each candidate, `facts.of_candidate`.
    """
    rows = [(name, way) for name in facts for way in WAYS if way in facts[name]]
    figure = new_figure(1.6 + 2 * (0.9 + 0.24 * len(rows)))
    tint = colours(list(facts))
    for place, (axes, kind) in enumerate(zip(figure.subplots(2, 3).flat, FIGURES, strict=True)):
        for row, (name, way) in enumerate(rows):
            usual = facts[name]["usual"][kind]
            if np.isfinite(usual["low"]):
                axes.barh(row, usual["high"] - usual["low"], 0.8, usual["low"], color="#e8e8e8")
            one = facts[name][way][kind]
            if np.isfinite(one["value"]):
                axes.plot([one["low"], one["high"]], [row, row], LINES[way], color=tint[name])
                axes.plot(one["value"], row, "o", color=tint[name], ms=5,
                          mfc=tint[name] if way == "as_given" else "white")  # fmt: skip
        labels = [f"{name}, {WAYS[way]}" for name, way in rows] if place % 3 == 0 else []
        axes.set(title=TITLES[kind], ylim=(len(rows) - 0.4, -0.6), yticks=range(len(rows)))
        axes.set_yticklabels(labels or [""] * len(rows))
        axes.grid(False, axis="y")
        axes.locator_params(axis="x", nbins=4)
        if kind == "overlap":
            axes.set_xlim(-0.02, 1.02)
    return figure


def views_figure(sets: Sequence[RatedSet]) -> Figure | None:
    """Draw mean and spread over each galaxy's views; None where no galaxy has several."""
    tables = {one.name: by_galaxy(one.scored) for one in sets}
    tables = {name: table[table["views"] > 1] for name, table in tables.items()}
    tables = {name: table for name, table in tables.items() if len(table)}
    if not tables:
        return None
    figure = new_figure(1.0 + 1.9 * len(tables))
    for axes, (name, table) in zip(
        figure.subplots(len(tables), 1, squeeze=False).flat, tables.items(), strict=True
    ):
        ranked = table.sort_values("combined_mean").reset_index(drop=True)
        kept = np.unique(np.linspace(0, len(ranked) - 1, MOST_GALAXIES).round().astype(int))
        some = ranked.iloc[kept]
        axes.errorbar(range(len(some)), some["combined_mean"], some["combined_std"], fmt="o", ms=3,
                      lw=1, color=REFERENCE)  # fmt: skip
        axes.set(title=f"{name}: {len(ranked):,} galaxies with several views", ylabel="combined")
        few = len(some) <= 30
        axes.set_xticks(range(len(some)) if few else [])
        if few:
            axes.set_xticklabels(some["galaxy"], rotation=90, fontsize=6)
    return figure


def orientation_figure(sets: Sequence[RatedSet], columns: Sequence[str]) -> Figure | None:
    """Draw scores by the side that galaxies are seen from; None where nothing is known of it."""
    found = {
        angle: {
            one.name: curves
            for one in sets
            if not (curves := orientation_curves(one.scored, angle)).empty
        }
        for angle in ANGLES
        if angle in columns
    }
    found = {angle: curves for angle, curves in found.items() if curves}
    if not found:
        return None
    tint = {sets[0].name: REFERENCE, **colours([one.name for one in sets[1:]])}
    figure = new_figure(3.4)
    for axes, (angle, of_sets) in zip(
        figure.subplots(1, len(found), squeeze=False).flat, found.items(), strict=True
    ):
        for name, curves in of_sets.items():
            for curve in curves.to_numpy(np.float64)[:MOST_GALAXIES]:
                axes.plot(curves.columns, curve, color=tint[name], lw=0.5, alpha=0.25)
            mean = np.nanmean(curves.to_numpy(np.float64), axis=0)
            axes.plot(curves.columns, mean, "o-", color=tint[name], lw=2, ms=4,
                      label=f"{name}, {len(curves)} galaxies")  # fmt: skip
        axes.set(xlabel=f"{angle} [deg]", ylabel="combined, less the galaxy's mean")
        axes.legend()
    return figure


def correlations_figure(sets: Sequence[RatedSet], columns: Sequence[str]) -> Figure | None:
    """Draw the combined score against each column, with running medians and 16 to 84 %."""
    shown = [name for name in columns if any(_changes(one.scored[name]) for one in sets)]
    shown = shown[:MOST_COLUMNS]
    if not shown:
        return None
    wide = min(3, len(shown))
    high = -(-len(shown) // wide)
    figure = new_figure(0.6 + 2.7 * high)
    tint = {sets[0].name: REFERENCE, **colours([one.name for one in sets[1:]])}
    panels = list(figure.subplots(high, wide, squeeze=False).flat)
    for axes, name in zip(panels, shown, strict=False):
        for one in sets:
            table = one.scored
            _running(axes, table[name].to_numpy(np.float64), table["combined"].to_numpy(np.float64),
                     tint[one.name], one.name)  # fmt: skip
        axes.set(xlabel=name, ylabel="combined")
    for axes in panels[len(shown) :]:
        axes.set_axis_off()
    figure.axes[0].legend(markerscale=3)
    return figure


def _spread(
    axes: Axes, values: np.ndarray, bins: list[float], colour: str, line: str, label: str
) -> None:
    inside = values[(values >= bins[0]) & (values <= bins[-1])]
    if len(inside):
        axes.hist(inside, bins, density=True, histtype="step", color=colour, ls=line, lw=1.6,
                  label=label)  # fmt: skip


def _running(axes: Axes, x: np.ndarray, y: np.ndarray, colour: str, label: str) -> None:
    known = np.isfinite(x) & np.isfinite(y)
    x, y = x[known], y[known]
    if not len(x):
        return
    some = np.linspace(0, len(x) - 1, min(len(x), MOST_POINTS)).astype(int)
    axes.plot(x[some], y[some], ".", color=colour, ms=3, alpha=0.35, mew=0, label=label)
    steps = min(STEPS, len(x) // IN_STEP)
    edges = np.unique(np.quantile(x, np.linspace(0, 1, steps + 1)))
    if len(edges) < 3:
        return
    place = np.clip(np.searchsorted(edges, x, side="right") - 1, 0, len(edges) - 2)
    binned = pd.DataFrame({"place": place, "x": x, "y": y}).groupby("place")
    middle, at = binned["y"].median(), binned["x"].median()
    axes.plot(at, middle, color=colour, lw=2)
    axes.fill_between(at, binned["y"].quantile(0.16), binned["y"].quantile(0.84), color=colour,
                      alpha=0.15, lw=0)  # fmt: skip


def _changes(values: pd.Series) -> bool:
    return values.notna().sum() > 1 and values.nunique() > 1
