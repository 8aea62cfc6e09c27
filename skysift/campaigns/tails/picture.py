"""A detection as a picture: science, reference and difference side by side, as the frame lies."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageDraw

from skysift.marshal.stamp_picture import stamp_png

SHOWN = 160
"""Pixels of the cutout that are shown, about its middle."""

SIDE, GAP, BELOW = 400, 8, 26
"""Of an image, between two of them, and below them [px of the picture]."""

NEAR, FAR = 20, 52
"""From the middle to where the lines of the reticle begin and end [px of the picture]."""

BAR = 30
"""Length of the scale [arcsec]."""

NAMES = ("science", "reference", "difference")
PAPER, INK, MARK = "#0b0f16", "#e7ecf3", "#ff9f1c"


def draw(cutout: np.ndarray, scale: float) -> Image.Image:
    """Draw a cutout, the first row at the bottom.

    Parameters
    ----------
    cutout : ndarray (h, w, 3), float32
        About the middle; NaN where there are no data.
    scale : float
        Side of a pixel [arcsec]; NaN: unknown, and no scale is drawn.
    """
    picture = Image.new("RGB", (3 * SIDE + 2 * GAP, SIDE + BELOW), PAPER)
    pen = ImageDraw.Draw(picture)
    edge = (cutout.shape[0] - SHOWN) // 2
    middle = slice(edge, edge + SHOWN)
    for number, name in enumerate(NAMES):
        left = number * (SIDE + GAP)
        png = stamp_png(np.ascontiguousarray(cutout[middle, middle, number]), side=SIDE)
        picture.paste(Image.open(io.BytesIO(png)).convert("RGB"), (left, 0))
        _reticle(pen, left + SIDE // 2, SIDE // 2)
        pen.text((left + 6, SIDE + 6), name, fill=INK)
    if np.isfinite(scale):
        length = BAR / scale * SIDE / SHOWN
        right, y = SIDE - 8, SIDE + BELOW // 2
        pen.line([(right - length, y), (right, y)], fill=MARK, width=3)
        pen.text((right - length - 28, SIDE + 6), f'{BAR}"', fill=MARK)
    return picture


def _reticle(pen: ImageDraw.ImageDraw, x: int, y: int) -> None:
    """Point at the middle from below and from the right, and leave it free."""
    pen.line([(x, y + NEAR), (x, y + FAR)], fill=MARK, width=2)
    pen.line([(x + NEAR, y), (x + FAR, y)], fill=MARK, width=2)
