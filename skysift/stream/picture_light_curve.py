"""A light curve as a panel of a picture, magnitudes upside down, the alert marked."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes

from skysift.alerts.photometry import BANDS

BAND_COLOURS = ("#7b3fa0", "#2a9134", "#d1232a", "#ef8a17", "#8a5a2b", "#222222")
"""Of u, g, r, i, z, y."""

LEAST_MAG_RANGE = 1.0
"""Of the axis, so that noise does not look like a variation [mag]."""


def draw_light_curve(axes: Axes, points: Mapping[str, np.ndarray]) -> None:
    """Draw a light curve: detections with errors, negative ones hollow, limits as triangles.

    Parameters
    ----------
    axes : Axes
        Where to.
    points : mapping of str to ndarray (n,)
        The fields of `LightCurve`, as ``LightCurve.one`` gives them; the alert is the last point.
    """
    for number in np.intersect1d(points["fid"], np.arange(len(BANDS))).astype(int):
        _draw_band(axes, points, number)
    _explain(axes, points)
    _mark_alert(axes, points["magpsf"][-1])
    _dress(axes, points)


def _draw_band(axes: Axes, points: Mapping[str, np.ndarray], number: int) -> None:
    mag, limit = points["magpsf"], points["diffmaglim"]
    days, sigma = _days(points), np.nan_to_num(points["sigmapsf"])
    colour, own = BAND_COLOURS[number], points["fid"] == number
    detected, negative = own & np.isfinite(mag), points["isdiffpos"] == 0
    for chosen, fill in ((detected & ~negative, colour), (detected & negative, "white")):
        axes.errorbar(
            days[chosen], mag[chosen], sigma[chosen], fmt="o", color=colour,
            markerfacecolor=fill, markersize=5, elinewidth=1, zorder=3,
        )  # fmt: skip
    above = own & np.isnan(mag)
    axes.plot(days[above], limit[above], "v", color=colour, alpha=0.35, markersize=5, zorder=2)
    axes.plot([], [], "o", color=colour, label=BANDS[number], markersize=5)


def _explain(axes: Axes, points: Mapping[str, np.ndarray]) -> None:
    """Put hollow points and triangles into the legend where there are any."""
    detected = np.isfinite(points["magpsf"])
    if (points["isdiffpos"][detected] == 0).any():
        axes.plot([], [], "o", color="gray", markerfacecolor="white", label="negative")
    if np.isfinite(points["diffmaglim"][~detected]).any():
        axes.plot([], [], "v", color="gray", alpha=0.6, label="5σ limit", markersize=5)


def _mark_alert(axes: Axes, mag: float) -> None:
    axes.axvline(0, color="#bbbbbb", linewidth=1, linestyle=":", zorder=1)
    axes.plot([0], [mag], "o", markersize=13, markerfacecolor="none", color="black", zorder=4)


def _dress(axes: Axes, points: Mapping[str, np.ndarray]) -> None:
    """Set ranges, labels and legend."""
    _set_ranges(axes, points)
    axes.tick_params(labelsize=9)
    axes.grid(alpha=0.2)
    axes.set_xlabel(f"days from JD {points['jd'][-1]:.3f}", fontsize=9)
    axes.set_ylabel("difference magnitude (AB)", fontsize=9)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(
            fontsize=9, ncols=6, frameon=False, loc="lower right", bbox_to_anchor=(1.0, 0.98),
            handletextpad=0.1, columnspacing=0.8, borderaxespad=0.0,
        )  # fmt: skip


def _set_ranges(axes: Axes, points: Mapping[str, np.ndarray]) -> None:
    days = _days(points)
    margin = max(0.05 * float(np.ptp(days)), 0.25)
    axes.set_xlim(days.min() - margin, days.max() + margin)
    if not np.isfinite(np.append(points["magpsf"], points["diffmaglim"])).any():
        axes.set_yticks([])
        axes.text(0.5, 0.5, "no magnitude", ha="center", color="#777777", transform=axes.transAxes)
    bright, faint = axes.get_ylim()
    spread = max(0.0, LEAST_MAG_RANGE - (faint - bright)) / 2
    axes.set_ylim(faint + spread, bright - spread)


def _days(points: Mapping[str, np.ndarray]) -> np.ndarray:
    return points["jd"] - points["jd"][-1]
