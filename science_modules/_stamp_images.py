"""Images of alerts for GANomaly, the same for training and for serving."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from skysift.alerts.stamps import Stamps, Triple
from skysift.models.ganomaly.inputs import ImageError
from skysift.models.ganomaly.stamps import image_of, shows_something

OK, BAD_STAMP = "ok", "bad_stamp"


def pictures(stamps: Stamps, side: int) -> tuple[list[np.ndarray], np.ndarray]:
    """Make images of stamps that can be used.

    Parameters
    ----------
    stamps
        Of n alerts.
    side : int
        Of the images [px].

    Returns
    -------
    images : list of ndarray (side, side, 2), float32
        See `image_of`; of those alone whose status is ``ok``.
    status : ndarray (n,), object
        ``ok``, ``missing_stamp`` or ``bad_stamp``.
    """
    status = stamps.status.copy()
    images = list(_sound(stamps.images, status, side))
    return images, status


def _sound(triples: list[Triple], status: np.ndarray, side: int) -> Iterator[np.ndarray]:
    """Yield images of those whose status is ``ok``; what is not sound gets its status, in place."""
    for row in np.flatnonzero(status == OK):
        science, template, difference = triples[row]
        try:
            if science is None or template is None or difference is None:
                raise ImageError("unreadable", "a stamp is not there")
            if science.shape != template.shape or not shows_something(science):
                raise ImageError("blank", "there is no science stamp to them")
            yield image_of(template, difference, side)
        except ImageError:
            status[row] = BAD_STAMP
