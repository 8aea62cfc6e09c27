"""A stamp as a PNG: shades of grey, and a hatch where a pixel has no value."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
from PIL import Image

from skysift.marshal.zscale import zscale_limits

BLANK = 1e30
"""Pixels beyond it have no value: some templates hold -3.4e38 outside their edge."""

LIGHTEST = 253
"""Places 0 to this one of the palette are greys, from black to white."""

HATCH = (LIGHTEST + 1, LIGHTEST + 2)
HATCH_COLOURS = ((59, 79, 122), (126, 149, 196))
"""Of what has no value: blues, since every shade of grey is a brightness."""
HATCH_PERIOD = 8
"""Of the stripes, half of it in each colour [px of the picture]."""

LOG_SCALE = 1000.0
"""How steep the logarithm is: SAOImage DS9's default, log(1000 x + 1) / log(1001)."""

LEAST_REACH = 20.0
"""How far above the sky white is at least, so that noise alone does not look bright [noise]."""

Stretch = Callable[[np.ndarray], np.ndarray]


def stamp_png(stamp: np.ndarray, *, stretch: str = "zscale", side: int = 189) -> bytes:
    """Draw a stamp, its first row at the bottom, as FITS images are shown.

    Parameters
    ----------
    stamp : ndarray (rows, columns), float32
        Pixels that are not finite, or beyond `BLANK`, are hatched.
    stretch : str
        One of `STRETCHES`. ``zscale``: linear between the limits of IRAF's algorithm; ``linear``:
        from the smallest value to the largest; ``log``: from just below the sky to the largest;
        ``asinh``: linear within the noise of the sky, logarithmic far above it.
    side : int
        Of the picture's longer side [px]. Pixels are repeated or averaged, never interpolated.

    Returns
    -------
    bytes
        A PNG file of a palette of greys.

    Raises
    ------
    ValueError
        If it is no image, the stretch is unknown, or the side is not positive.
    """
    if stretch not in _STRETCHES:
        raise ValueError(f"stretch must be one of: {', '.join(STRETCHES)}. Got: {stretch!r}")
    if np.ndim(stamp) != 2 or 0 in np.shape(stamp):
        raise ValueError(f"a stamp must have rows and columns. Got: shape {np.shape(stamp)}")
    if side < 1:
        raise ValueError(f"side must be 1 px or more. Got: {side}")
    pixels = _sized(_known(stamp), side)
    return _png(_resized(_shades(pixels, _STRETCHES[stretch]), side))


def _known(stamp: np.ndarray) -> np.ndarray:
    """Give every pixel without a value one way of saying so, NaN; turn the first row down."""
    pixels = np.asarray(stamp, dtype=np.float32)[::-1]
    with np.errstate(invalid="ignore"):
        return np.where(np.abs(pixels) < BLANK, pixels, np.float32(np.nan))


def _sized(pixels: np.ndarray, side: int) -> np.ndarray:
    """Average the pixels of an image that is larger than its picture."""
    if max(pixels.shape) <= side:
        return pixels
    image = Image.fromarray(np.ascontiguousarray(pixels))
    return np.asarray(image.resize(_size(pixels, side), Image.Resampling.BOX))


def _resized(shades: np.ndarray, side: int) -> np.ndarray:
    """Repeat the pixels of an image that is smaller than its picture."""
    columns, rows = _size(shades, side)
    across = np.arange(columns) * shades.shape[1] // columns
    down = np.arange(rows) * shades.shape[0] // rows
    large = shades[np.ix_(down, across)]
    stripes = (np.add.outer(np.arange(rows), np.arange(columns)) // (HATCH_PERIOD // 2)) % 2
    return np.where(large == HATCH[0], HATCH[0] + stripes, large).astype(np.uint8)


def _size(image: np.ndarray, side: int) -> tuple[int, int]:
    """Columns and rows of the picture, in the proportion of the image's."""
    rows, columns = (max(1, round(side * length / max(image.shape))) for length in image.shape)
    return columns, rows


def _shades(pixels: np.ndarray, stretch: Stretch) -> np.ndarray:
    """Give each pixel its place in the palette."""
    known = np.isfinite(pixels)
    shades = np.full(pixels.shape, HATCH[0], dtype=np.uint8)
    if known.any():
        values = pixels[known].astype(np.float64)  # the difference of two float32 may overflow
        shades[known] = np.rint(stretch(values) * LIGHTEST)
    return shades


def _png(shades: np.ndarray) -> bytes:
    image = Image.fromarray(shades)
    image.putpalette(_PALETTE)
    file = io.BytesIO()
    image.save(
        file, "PNG", compress_level=1
    )  # a tenth larger than the best, in a third of its time
    return file.getvalue()


def _palette() -> bytes:
    greys = np.rint(np.arange(LIGHTEST + 1) * 255 / LIGHTEST).astype(np.uint8)
    return np.repeat(greys, 3).tobytes() + bytes(sum(HATCH_COLOURS, ()))


# Each takes the values of the pixels that have one, float64 (n,), n > 0, to brightness 0 to 1.


def _between(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """Brightness from 0 at `low` to 1 at `high`; a half where these are the same."""
    if not high > low:
        return np.full(values.shape, 0.5)
    return np.clip((values - low) / (high - low), 0.0, 1.0)


def _zscale(values: np.ndarray) -> np.ndarray:
    return _between(values, *zscale_limits(values))


def _linear(values: np.ndarray) -> np.ndarray:
    return _between(values, values.min(), values.max())


def _log(values: np.ndarray) -> np.ndarray:
    sky, noise = _sky(values)
    fraction = _between(values, sky - noise, max(values.max(), sky + LEAST_REACH * noise))
    return np.log1p(LOG_SCALE * fraction) / np.log1p(LOG_SCALE)


def _asinh(values: np.ndarray) -> np.ndarray:
    sky, noise = _sky(values)
    stretched = np.arcsinh((values - sky) / (2 * noise))
    return _between(stretched, np.arcsinh(-1.0), max(stretched.max(), 2.0))


def _sky(values: np.ndarray) -> tuple[float, float]:
    """Median of the values, and their deviation as 1.4826 × the median absolute deviation."""
    sky = float(np.median(values))
    return sky, 1.4826 * float(np.median(np.abs(values - sky))) or 1.0


_STRETCHES: dict[str, Stretch] = {
    "zscale": _zscale,
    "asinh": _asinh,
    "log": _log,
    "linear": _linear,
}
STRETCHES = tuple(_STRETCHES)
"""What a person may choose from; the first is the default."""

_PALETTE = _palette()
