"""What JPEG leaves of an image."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image


def compressed(pixels: np.ndarray, quality: int) -> np.ndarray:
    """Compress an image and open it again; channels other than three one by one.

    Parameters
    ----------
    pixels : ndarray (h, w, c), uint8
    quality : int
        1 to 95.

    Returns
    -------
    ndarray (h, w, c), uint8
    """
    if pixels.shape[-1] == 3:
        return _through(pixels, quality)
    planes = [_through(plane, quality) for plane in np.moveaxis(pixels, -1, 0)]
    return np.stack(planes, axis=-1)


def _through(pixels: np.ndarray, quality: int) -> np.ndarray:
    file = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(file, "JPEG", quality=quality)
    with Image.open(file) as image:
        return np.array(image)
