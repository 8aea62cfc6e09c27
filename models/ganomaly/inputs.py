"""From images to what networks take, for training and serving: size, channels, numbers in [-1, 1].

Each image is prepared by itself.
"""

from __future__ import annotations

import numpy as np
from PIL import Image

SCALES = ("range", "sky")

LEAST_PIXELS, MOST_PIXELS = 8, 16384
"""Shorter and longer side of an image, at least and at most [px]."""

MOST_MISSING = 0.2
"""Share of pixels without a number that is filled in; of more, nothing is known of the image."""

WHITE = 1000.0
"""In noises of the sky: what becomes 1 where ``scale`` is ``sky``."""

MAD = 1.4826
"""Standard deviation of a Gaussian over its median absolute deviation."""


class ImageError(ValueError):
    """An image cannot be used.

    Attributes
    ----------
    reason : str
        In a word, to count by: ``unreadable``, ``size``, ``channels``, ``numbers``, ``missing``,
        ``blank``, ``striped``.
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


def prepare(image: np.ndarray, *, side: int, channels: int, scale: str) -> np.ndarray:
    """Make an image what a network takes.

    The shorter side becomes `side` by linear interpolation, with averaging where pixels get larger
    (antialiasing), and the middle is cut out, as published.

    Parameters
    ----------
    image : ndarray (h, w) or (h, w, c)
        Of unsigned integers, or floats with NaN where there are no data.
    side, channels : int
        Of what comes out; one channel is repeated if three are wanted.
    scale : str
        ``range``: [-1, 1] are 0 and the largest integer of the type; floats must lie in [0, 1].
        ``sky``: numbers are fluxes; of each channel the median is taken off, its noise (by the
        median absolute deviation) is the unit u, and asinh(u) over asinh of `WHITE` comes out,
        cut off at -1 and 1.

    Returns
    -------
    ndarray (side, side, channels), float32
        Pixels without a number have their channel's median.

    Raises
    ------
    ImageError
        If the image has another shape or numbers, or is mostly without them.
    """
    pixels = resized(numbers(image, channels=channels, scale=scale), side)
    if scale == "sky":
        return _above_sky(pixels)
    return np.clip(2 * pixels - 1, -1, 1)


def numbers(image: np.ndarray, *, channels: int, scale: str) -> np.ndarray:
    """Read an image's numbers as they are meant, at its own size.

    Parameters
    ----------
    image, channels, scale
        See `prepare`.

    Returns
    -------
    ndarray (h, w, channels), float32
        Shares of the range, in [0, 1], or fluxes; pixels without a number have their channel's
        median.

    Raises
    ------
    ImageError
        If the image has another shape or numbers, or is mostly without them.
    """
    return _filled(_numbers(_shaped(image, channels), scale))


def check_size(height: int, width: int) -> None:
    """Refuse an image that is too small or too large, before memory is spent on it.

    Raises
    ------
    ImageError
    """
    if min(height, width) < LEAST_PIXELS or max(height, width) > MOST_PIXELS:
        raise ImageError(
            "size",
            f"its sides must be {LEAST_PIXELS} to {MOST_PIXELS:,} px. Got: {height:,} × {width:,}",
        )


def _shaped(image: np.ndarray, channels: int) -> np.ndarray:
    """Return the image as (h, w, channels)."""
    if image.ndim == 2:
        image = image[..., None]
    if image.ndim != 3:
        raise ImageError("size", f"its shape must be (h, w) or (h, w, c). Got: {image.shape}")
    check_size(*image.shape[:2])
    if image.shape[2] == 1 and channels == 3:
        return np.repeat(image, 3, axis=2)
    if image.shape[2] != channels:
        raise ImageError(
            "channels", f"it has {image.shape[2]} channels, the network takes {channels}"
        )
    return image


def _numbers(image: np.ndarray, scale: str) -> np.ndarray:
    """Return float32 numbers, in [0, 1] for ``range``; NaN where there are none."""
    if np.issubdtype(image.dtype, np.unsignedinteger):
        most = np.iinfo(image.dtype).max if scale == "range" else 1
        return image.astype(np.float32) / np.float32(most)
    if not np.issubdtype(image.dtype, np.floating):
        raise ImageError("numbers", f"unsigned integers or floats are needed, not {image.dtype}")
    pixels = np.where(np.isfinite(image), image, np.nan).astype(np.float32)
    known = pixels[np.isfinite(pixels)]
    if scale == "range" and known.size and (known.min() < 0 or known.max() > 1):
        raise ImageError(
            "numbers",
            f"floats must lie in [0, 1]. Got: {known.min():.4g} to {known.max():.4g}; with "
            'scale = "sky" in [inputs], fluxes of any unit are taken',
        )
    return pixels


def _filled(pixels: np.ndarray) -> np.ndarray:
    """Give pixels without a number their channel's median."""
    missing = np.isnan(pixels)
    if not missing.any():
        return pixels
    share = missing.mean(axis=(0, 1)).max()
    if share > MOST_MISSING:
        raise ImageError(
            "missing", f"{100 * share:.0f} % of its pixels have no number, of a channel at least"
        )
    return np.where(missing, np.nanmedian(pixels, axis=(0, 1)), pixels)


def resized(pixels: np.ndarray, side: int) -> np.ndarray:
    """Let the shorter side be `side` [px], antialiased, and cut out the middle.

    Parameters
    ----------
    pixels : ndarray (h, w, c), float32
    side : int
    """
    height, width, _ = pixels.shape
    if (height, width) == (side, side):
        return pixels
    short = min(height, width)
    size = (side * width // short, side * height // short)
    planes = [
        np.asarray(Image.fromarray(plane).resize(size, Image.Resampling.BILINEAR))
        for plane in np.ascontiguousarray(np.moveaxis(pixels, -1, 0))
    ]
    resized = np.stack(planes, axis=-1)
    top, left = (round((length - side) / 2) for length in resized.shape[:2])
    return resized[top : top + side, left : left + side]


def _above_sky(pixels: np.ndarray) -> np.ndarray:
    """Measure fluxes from the sky in its noise, and compress them."""
    above = pixels - np.median(pixels, axis=(0, 1))
    noise = MAD * np.median(np.abs(above), axis=(0, 1))
    # More than half of a simulation's pixels may be exactly 0: its sky has no noise.
    noise = np.where(noise > 0, noise, above.std(axis=(0, 1)))
    stretched = np.arcsinh(above / np.where(noise > 0, noise, 1)) / np.arcsinh(WHITE)
    return np.clip(stretched, -1, 1).astype(np.float32)
