"""A stamp as a panel of a picture: stretched, with a scale in arcsec and a crosshair."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke

ARCSEC_PER_PIXEL = {"ztf": 1.01, "lsst": 0.2}
BAR_ARCSEC = {"ztf": 15, "lsst": 2}

BLANK = 1e30
"""Pixels beyond it have no value: some templates hold -3.4e38 outside their edge."""

MARK, NO_DATA = "#00b4d8", "#5b6b7a"
"""Colours of crosshair and scale, and of pixels without a value."""


def draw_stamp(axes: Axes, name: str, image: np.ndarray | None, survey: str) -> None:
    """Draw one stamp with its scale, and a crosshair at the source.

    Parameters
    ----------
    axes : Axes
        Where to.
    name : str
        What stands above it; all but ``science`` and ``template`` are differences.
    image : ndarray (rows, columns) or None
        Pixels without a value, NaN or beyond `BLANK`, are shown in a colour of their own.
    survey : str
        ``ztf`` or ``lsst``, by which the scale is known.
    """
    axes.set_title(name, fontsize=10, pad=4)
    axes.set_xticks([])
    axes.set_yticks([])
    pixels = None if image is None else np.where(np.abs(image) < BLANK, image, np.nan)
    if pixels is None or np.isnan(pixels).all():
        axes.set_facecolor("#f0f0f0")
        axes.set_box_aspect(1)
        axes.text(0.5, 0.5, "no stamp", ha="center", va="center", color="#777777")
        return
    stretch = _asinh if name in ("science", "template") else _linear
    shown, low, high = stretch(pixels)
    axes.set_facecolor(NO_DATA)
    axes.imshow(shown, cmap="gray", vmin=low, vmax=high, origin="lower", interpolation="nearest")
    _draw_scale(axes, pixels.shape, survey)
    if pixels.shape[0] == pixels.shape[1]:  # one cut by the detector's edge is not centred
        _draw_crosshair(axes, pixels.shape)


def _asinh(pixels: np.ndarray) -> tuple[np.ndarray, float, float]:
    """Stretch by asinh: linear within the noise of the sky, logarithmic far above it."""
    sky, noise = _sky(pixels)
    shown = np.arcsinh((pixels - sky) / (2 * noise))
    return shown, float(np.arcsinh(-1.0)), max(float(np.nanmax(shown)), 2.0)


def _linear(pixels: np.ndarray) -> tuple[np.ndarray, float, float]:
    """Show a difference as it is, zero in the middle, scaled to what lies near the source.

    The residual of a bright star further out may saturate; the source must not vanish beside it.
    """
    rows, columns = (side // 3 for side in pixels.shape)
    middle = pixels[rows : pixels.shape[0] - rows, columns : pixels.shape[1] - columns]
    brightest = float(np.nanmax(np.abs(middle))) if np.isfinite(middle).any() else 0.0
    reach = max(5 * _sky(pixels)[1], 0.7 * brightest)
    return pixels, -reach, reach


def _sky(pixels: np.ndarray) -> tuple[float, float]:
    """Median of the pixels, and their deviation as 1.4826 × the median absolute deviation."""
    sky = float(np.nanmedian(pixels))
    noise = 1.4826 * float(np.nanmedian(np.abs(pixels - sky)))
    return sky, noise if noise > 0 else 1.0


def _draw_scale(axes: Axes, shape: tuple[int, ...], survey: str) -> None:
    rows, columns = shape
    length = BAR_ARCSEC[survey] / ARCSEC_PER_PIXEL[survey]
    x, y = 0.05 * columns, 0.06 * rows
    edge = [withStroke(linewidth=1.5, foreground="black")]
    axes.plot([x, x + length], [y, y], color=MARK, linewidth=2.5, solid_capstyle="butt")
    axes.text(
        x, y + 0.03 * rows, f"{BAR_ARCSEC[survey]}″", color="white", fontsize=10, path_effects=edge
    )


def _draw_crosshair(axes: Axes, shape: tuple[int, ...]) -> None:
    """Point at the source from two sides, leaving it free."""
    y, x = ((side - 1) / 2 for side in shape)
    near, far = 0.07 * shape[0], 0.17 * shape[0]
    axes.plot([x + near, x + far], [y, y], color=MARK, linewidth=1.5)
    axes.plot([x, x], [y + near, y + far], color=MARK, linewidth=1.5)
