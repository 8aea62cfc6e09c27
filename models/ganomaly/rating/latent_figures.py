"""Figures of the space of codes, and of probes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from skysift.models.ganomaly.rating.latent import Axes
from skysift.models.ganomaly.rating.probes import BEYOND
from skysift.models.ganomaly.rating.sets import RatedSet
from skysift.models.ganomaly.rating.style import PALETTE, REFERENCE, colours, new_figure

MOST_POINTS = 1500
"""Of a set, in the scatter."""

LEAST_SHARE = 1e-7
"""Of the variance, that is drawn."""

AXES = {
    "scale": "times as large", "psf": "width of the blur [px]", "grain": "noise added",
    "jpeg": "quality",
}  # fmt: skip


def latent_figure(
    sets: Sequence[RatedSet], axes: Axes, explained: Mapping[str, Mapping[str, Any] | None]
) -> Figure:
    """Draw each set's own explained variance, and where sets lie along the reference's axes.

    Parameters
    ----------
    sets : sequence of RatedSet
        The reference first.
    axes : Axes
        Of the reference.
    explained : mapping
        Of each set, `latent.explained`.
    """
    figure = new_figure(4.0)
    curve, scatter = figure.subplots(1, 2)
    tint = {sets[0].name: REFERENCE, **colours([one.name for one in sets[1:]])}
    for one in sets:
        told = explained[one.name]
        if told is not None:
            shares = np.array(told["shares"])
            shares = np.where(shares > LEAST_SHARE, shares, np.nan)
            curve.plot(np.arange(1, len(shares) + 1), shares, color=tint[one.name],
                       label=f"{one.name}, {told['dimensions']:.1f} dimensions")  # fmt: skip
        codes = one.sample.codes
        some = np.linspace(0, len(codes) - 1, min(len(codes), MOST_POINTS)).astype(int)
        x, y = axes.along(codes[some]).T
        scatter.plot(x, y, ".", color=tint[one.name], ms=4, alpha=0.5, mew=0, label=one.name)
    curve.set(yscale="log", xlabel="component", ylabel="share of the variance",
              title="Each set by its own components")  # fmt: skip
    x_share, y_share = axes.shares[:2]
    scatter.set(xlabel=f"component 1, {x_share:.1%}", ylabel=f"component 2, {y_share:.1%}",
                title=f"All sets along those of {sets[0].name}")  # fmt: skip
    curve.legend()
    scatter.legend()
    return figure


def probes_figure(told: Sequence[Mapping[str, Any]]) -> Figure:
    """Draw the percentiles of spoilt images: of each kind, and by how much they are spoilt.

    Parameters
    ----------
    told : sequence of mapping
        From `probes.ask`.
    """
    figure = new_figure(3.4)
    kinds, *graded = figure.subplots(1, 1 + len(AXES), width_ratios=[1.6, *[1] * len(AXES)])
    whole = [one for one in told if one["level"] is None]
    kinds.barh([one["name"] for one in whole], [one["percentile"] for one in whole],
               color=PALETTE[0])  # fmt: skip
    kinds.plot([one["least"] for one in whole], range(len(whole)), "|", color=REFERENCE, ms=10)
    kinds.invert_yaxis()
    kinds.set(xlim=(0, 101), xlabel="percentile, median; | least")
    untouched = whole[0]["percentile"]
    for axes, (name, label) in zip(graded, AXES.items(), strict=True):
        levels = [one for one in told if one["name"] == name]
        axes.plot([one["level"] for one in levels], [one["percentile"] for one in levels], "o-",
                  color=PALETTE[1])  # fmt: skip
        axes.axhline(untouched, color="#767c86", lw=1)
        axes.axhline(BEYOND, color="#767c86", lw=1, ls=":")
        axes.set(ylim=(0, 102), title=name)
        axes.set_xlabel(label, fontsize=7)
        axes.tick_params(labelleft=axes is graded[0])
    graded[-1].invert_xaxis()
    return figure
