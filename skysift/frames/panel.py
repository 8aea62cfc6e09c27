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

SIZE_INCHES, DPI = (9.6, 3.56), 125

PAPER, INK, SOFT, MARK, NO_DATA = "#0b0f16", "#e7ecf3", "#9aa7b7", "#ff9f1c", "#26344a"
"""Colours: around the images, of text, of what is said softly, of reticle and scale, of no data."""

CONTRAST = 0.2
"""Of the z-scale: less than usual, so that the faint light of a coma is not cut off."""

TEXT_TOP, TEXT_BOTTOM = 0.955, 0.045
"""Heights of the lines above and below the images, of the figure's."""


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
        A PNG file, 1200 × 445 pixels.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=SIZE_INCHES, facecolor=PAPER)
    FigureCanvasAgg(figure)
    edge = (cutout.shape[0] - SIDE) // 2
    middle = slice(edge, edge + SIDE)
    for number, name in enumerate(NAMES):
        axes = figure.add_axes((0.006 + 0.3307 * number, 0.1, 0.3267, 0.88 * 0.91))
        _draw_image(axes, cutout[middle, middle, number])
        axes.set_title(name, color=SOFT, fontsize=8.5, pad=3, loc="left")
        _draw_reticle(axes)
        if number == 0:
            _draw_scale(axes, scale)
        if number == len(NAMES) - 1:
            _draw_compass(axes, tilt)
    above, below = headline(row), footline(row)
    figure.text(0.006, TEXT_TOP, above, color=INK, fontsize=10.5, weight="bold", va="center")
    figure.text(0.006, TEXT_BOTTOM, below, color=SOFT, fontsize=9, va="center")
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=DPI, facecolor=PAPER, metadata={"Software": None})
    return file.getvalue()


def headline(row: Mapping[str, Any]) -> str:
    """Which detection, and how likely.

    Examples
    --------
    >>> headline({"candid": "ztf_x_0", "p": 0.98251})
    'ztf_x_0     score 0.983'
    """
    return f"{row['candid']}     score {row['p']:.3f}"


def footline(row: Mapping[str, Any]) -> str:
    """What is known of it."""
    parts = [row["radecstr"], f"{row['datestr']} UT", f"{row['filter']} band"]
    if row["magcoma"] is not None:
        error = f" ± {row['sigmagcoma']:.2f}" if row["sigmagcoma"] is not None else ""
        parts.append(f"mag {row['magcoma']:.2f}{error} within {row['coma_radius']:.0f}″")
    elif row["mag"] is not None:
        parts.append(f"mag {row['mag']:.1f} by the network")
    if row["size"] is not None:
        parts.append(f"half-light radius {row['size']:.1f}″")
    return "     ".join(parts)


def _draw_image(axes: Any, image: np.ndarray) -> None:
    from astropy.visualization import ZScaleInterval

    axes.set_facecolor(NO_DATA)
    axes.set_xticks([])
    axes.set_yticks([])
    for side in axes.spines.values():
        side.set_visible(False)
    known = image[np.isfinite(image)]
    if not known.size:
        axes.text(0.5, 0.5, "no data", color=SOFT, ha="center", transform=axes.transAxes)
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
    axes.text(x, y + 0.025 * SIDE, f"{BAR}″", color=INK, fontsize=9, path_effects=_outline())


def _draw_compass(axes: Any, tilt: float) -> None:
    """Arrows to the north and to the east."""
    start = np.array([0.93 * SIDE, 0.07 * SIDE])
    for name, angle in (("N", 90.0 + tilt), ("E", 180.0 + tilt)):
        way = np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))])
        tip, word = start + 0.1 * SIDE * way, start + 0.14 * SIDE * way
        arrow = {"arrowstyle": "-|>", "color": MARK, "linewidth": 1.4, "shrinkA": 0, "shrinkB": 0}
        axes.annotate("", xy=tip, xytext=start, arrowprops=arrow)
        axes.text(
            *word, name, color=INK, fontsize=8.5, ha="center", va="center", path_effects=_outline()
        )


def _outline() -> list[Any]:
    from matplotlib.patheffects import withStroke

    return [withStroke(linewidth=1.8, foreground="black")]
