"""A detection as a picture: science, reference and difference side by side, north up."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import numpy as np

SIDE = 160
"""Pixels of the cutout that are shown, about its middle: 160 arcsec or so."""

BAR = 30
"""Length of the scale [arcsec]."""

NAMES = ("science", "reference", "difference")

WIDTH, HEIGHT, DPI = 1200, 454, 125
"""Of the picture [px], and what the sizes of text are of."""

IMAGE, GAP, BOTTOM = 394, 9, 28
"""Side of an image, room between two of them, and below them [px]."""

PAPER, INK, SOFT, MARK, NO_DATA = "#0b0f16", "#e7ecf3", "#9aa7b7", "#ff9f1c", "#26344a"
"""Colours: around the images, of text, of what is said softly, of reticle and scale, of no data."""

CONTRAST = 0.2
"""Of the z-scale: less than usual, so that the faint light of a coma is not cut off."""


def draw_panel(cutout: np.ndarray, row: Mapping[str, Any], *, scale: float, tilt: float) -> bytes:
    """Draw a detection.

    Parameters
    ----------
    cutout : ndarray (256, 256, 3)
        As `cutouts.cut` lays it.
    row : mapping
        Of `table.DETECTIONS`.
    scale : float
        Side of a pixel [arcsec].
    tilt : float
        Angle by which north is left of up [deg].

    Returns
    -------
    bytes
        A PNG file of `WIDTH` × `HEIGHT` pixels.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH / DPI, HEIGHT / DPI), facecolor=PAPER)
    FigureCanvasAgg(figure)
    edge = (cutout.shape[0] - SIDE) // 2
    middle = slice(edge, edge + SIDE)
    for number, name in enumerate(NAMES):
        left = number * (IMAGE + GAP)
        box = (left / WIDTH, BOTTOM / HEIGHT, IMAGE / WIDTH, IMAGE / HEIGHT)
        axes = figure.add_axes(box)
        _draw_image(axes, cutout[middle, middle, number])
        _write_in(axes, 0.03 * SIDE, 0.93 * SIDE, name)
        _draw_reticle(axes)
        if number == 0:
            _draw_scale(axes, scale)
        if number == len(NAMES) - 1:
            _draw_compass(axes, tilt)
    top, bottom = 1 - (HEIGHT - BOTTOM - IMAGE) / 2 / HEIGHT, BOTTOM / 2 / HEIGHT
    figure.text(0.006, top, row["candid"], color=INK, fontsize=10, weight="bold", va="center")
    score = f"score {row['p']:.3f}"
    figure.text(0.994, top, score, color=MARK, fontsize=10, weight="bold", va="center", ha="right")
    figure.text(0.006, bottom, caption(row), color=SOFT, fontsize=8.5, va="center")
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=DPI, facecolor=PAPER, metadata={"Software": None})
    return file.getvalue()


def caption(row: Mapping[str, Any]) -> str:
    """Say where, when and how bright; the network's magnitude where none was measured.

    Examples
    --------
    >>> row = {"radecstr": "10h00m24.00s -12d30m00.0s", "datestr": "2024 05 03.20017"}
    >>> row |= {"filter": "r", "magcoma": None, "mag": 18.11, "size": None}
    >>> caption(row)
    '10h00m24.00s -12d30m00.0s  ·  2024 05 03.20017 UT  ·  r  ·  mag 18.1 by the network'
    """
    parts = [row["radecstr"], f"{row['datestr']} UT", row["filter"]]
    if row["magcoma"] is not None:
        error, radius = row["sigmagcoma"], row["coma_radius"]
        parts.append(f"mag {row['magcoma']:.2f} ± {error:.2f} within {radius:.1f}″")
    elif row["mag"] is not None:
        parts.append(f"mag {row['mag']:.1f} by the network")
    if row["size"] is not None:
        parts.append(f"half of the light within {row['size']:.1f}″")
    return "  ·  ".join(parts)


def _draw_image(axes: Any, image: np.ndarray) -> None:
    from astropy.visualization import ZScaleInterval

    axes.set_facecolor(NO_DATA)
    axes.set_xticks([])
    axes.set_yticks([])
    for side in axes.spines.values():
        side.set_visible(False)
    known = image[np.isfinite(image)]
    if not known.size:
        axes.text(0.5, 0.62, "no data", color=SOFT, ha="center", transform=axes.transAxes)
        axes.set(xlim=(-0.5, SIDE - 0.5), ylim=(-0.5, SIDE - 0.5))
        axes.set_aspect("equal")
        return
    low, high = ZScaleInterval(contrast=CONTRAST).get_limits(known)
    axes.imshow(
        image, cmap="gray", vmin=low, vmax=max(high, low + 1e-6), origin="lower",
        interpolation="nearest",
    )  # fmt: skip


def _draw_reticle(axes: Any) -> None:
    """Point at the detection from below and from the right, and leave it free."""
    middle, near, far = SIDE // 2, 0.05 * SIDE, 0.13 * SIDE
    axes.plot([middle + near, middle + far], [middle, middle], color=MARK, linewidth=1.6)
    axes.plot([middle, middle], [middle - near, middle - far], color=MARK, linewidth=1.6)


def _draw_scale(axes: Any, scale: float) -> None:
    length, x, y = BAR / scale, 0.05 * SIDE, 0.06 * SIDE
    axes.plot([x, x + length], [y, y], color=MARK, linewidth=2.4, solid_capstyle="butt")
    _write_in(axes, x, y + 0.025 * SIDE, f"{BAR}″")


def _draw_compass(axes: Any, tilt: float) -> None:
    """Arrows to the north and to the east."""
    start = np.array([0.93 * SIDE, 0.07 * SIDE])
    for name, angle in (("N", 90.0 + tilt), ("E", 180.0 + tilt)):
        way = np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))])
        tip, word = start + 0.1 * SIDE * way, start + 0.14 * SIDE * way
        arrow = {"arrowstyle": "-|>", "color": MARK, "linewidth": 1.4, "shrinkA": 0, "shrinkB": 0}
        axes.annotate("", xy=tip, xytext=start, arrowprops=arrow)
        _write_in(axes, word[0], word[1], name, ha="center", va="center")


def _write_in(axes: Any, x: float, y: float, text: str, **place: str) -> None:
    """Write on an image, readable on light and dark."""
    from matplotlib.patheffects import withStroke

    edge = [withStroke(linewidth=1.8, foreground="black")]
    axes.text(x, y, text, color=INK, fontsize=8.5, path_effects=edge, **place)
