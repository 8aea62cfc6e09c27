"""Stamps of an alert as one image of two planes, template and difference; training and serving.

One image and not one a stamp: what a difference may show depends on the template under it. A bright
star leaves a residual and a blank field leaves none; and only of both together can be told that
they lie in each other's place. The science stamp is left out: but for seeing and noise it is the
sum of the two, and would be coded twice.
"""

from __future__ import annotations

import numpy as np

from skysift.models.ganomaly.inputs import ImageError

PLANES = ("template", "difference")
"""Channels of an image, in this order."""

SIDE = 64
"""Of the images [px], where nothing else is said; ZTF's stamps have 63."""

MASKED = np.float32(1e15)
"""No flux is as large. ZTF's reference images hold −3.4e38, the lowest float32, where a pixel is
masked, and the square of a float32 must be one."""


def image_of(template: np.ndarray, difference: np.ndarray, side: int = SIDE) -> np.ndarray:
    """Put two stamps together; nothing is scaled or filled in.

    A stamp keeps its pixels: what is larger than `side` loses its rim, what is smaller gets one
    that mirrors it. To make pixels larger or smaller would smooth the noise, here more than there.

    Parameters
    ----------
    template, difference : ndarray (h, w)
        Fluxes of any unit.
    side : int
        Of what comes out [px].

    Returns
    -------
    ndarray (side, side, 2), float32
        `PLANES`; NaN where there are no data.

    Raises
    ------
    ImageError
        ``size`` if the two differ in size, or have a side less than half of what is wanted;
        ``blank`` if one of them has the same number in all its pixels, or none in any.
    """
    if template.shape != difference.shape or template.ndim != 2:
        raise ImageError(
            "size",
            f"the stamps must be alike in size. Got: {template.shape} and {difference.shape}",
        )
    if 2 * min(template.shape) < side:
        raise ImageError("size", f"a side of {min(template.shape)} px is less than half of {side}")
    planes = [_known(stamp) for stamp in (template, difference)]
    if not all(shows_something(plane) for plane in planes):
        raise ImageError("blank", "a stamp has the same number in all its pixels, or none")
    return _framed(np.stack(planes, axis=-1), side)


def shows_something(stamp: np.ndarray) -> bool:
    """Tell whether a stamp (h, w) has pixels with numbers that are not all the same."""
    known = stamp[np.abs(stamp) < MASKED]
    return bool(known.size) and bool(known.min() < known.max())


def _known(stamp: np.ndarray) -> np.ndarray:
    """Return a stamp with NaN where it has no data."""
    return np.where(np.abs(stamp) < MASKED, stamp, np.nan).astype(np.float32)


def _framed(image: np.ndarray, side: int) -> np.ndarray:
    """Cut off a rim, or mirror one, so that (h, w, c) becomes (side, side, c)."""
    short = [max(0, side - length) for length in image.shape[:2]]
    image = np.pad(image, [*((by // 2, by - by // 2) for by in short), (0, 0)], mode="symmetric")
    top, left = ((length - side) // 2 for length in image.shape[:2])
    return image[top : top + side, left : left + side]
