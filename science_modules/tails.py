"""Tails: is there a comet in the alert's stamps, and where?

From science, template and difference stamps of any size, by the model `skysift.models.tails`, which
looks at whole frames too.
"""

from __future__ import annotations

from typing import Any, cast

import numpy as np

from skysift.alerts.stamp_sky import FRAME, alert_in_stamp, on_the_sky
from skysift.alerts.stamps import Stamps
from skysift.cores import on_cores, usable_cores
from skysift.models.tails import check_weights, load

OUTPUTS = {"score": "float", "x": "float", "y": "float", "ra": "double", "dec": "double"}
SURVEYS = ("ztf",)

SMALLEST, LARGEST = 21, 255
"""Side of a stamp [px] below which there is no sky beside a comet, and to which larger ones are cut
about their middle: a frame has a way of its own to be searched."""

MASKED = np.float32(1e30)
"""ZTF's reference images hold −3.4e38, the lowest float32, where a pixel is masked."""

MAX_LOST = 0.5
"""A stamp that lacks more of its pixels is not scored."""

AT_ONCE = 64
"""Alerts that one core scores at a time: 3 MB of stamps."""

OK, BAD_STAMP = "ok", "bad_stamp"


def score(
    stamps: Stamps,
    ra: np.ndarray,
    dec: np.ndarray,
    xpos: np.ndarray,
    ypos: np.ndarray,
    isdiffpos: np.ndarray,
    *,
    weights: str | None = None,
) -> dict[str, Any]:
    """Comet score of the stamps, and the comet's place in them and on the sky.

    Parameters
    ----------
    stamps
        The alert's science, template and difference stamps, all three of one size.
    ra, dec : ndarray (n,), float64
        Of the alert (deg). NaN is null, and then so is the comet's place on the sky.
    xpos, ypos : ndarray (n,), float64
        Of the alert in its frame [px], which tell where in the middle pixel of its stamps it lies.
    isdiffpos : ndarray (n,), float64
        0 where the packet holds template minus science, which is turned around.
    weights : str, optional
        A ``.keras`` file or a folder with one. By default the network that ships with skysift,
        which was trained on simulation.

    Returns
    -------
    dict
        ``score`` float32 (n,) in [0, 1], of the likeliest comet in the stamps; ``x``, ``y`` float32
        (n,), column and row of its nucleus [px], from 0 at the centre of the stamps' first pixel;
        ``ra``, ``dec`` float64 (n,), of the nucleus (deg), NaN where the alert's own place in the
        stamps is not known; ``status`` object (n,); ``version`` str. Outputs mean nothing where
        `status` is not ``ok``.
    """
    model = load(weights)
    status = stamps.status.copy()
    found = {name: np.full(len(stamps), np.nan, np.float32) for name in ("score", "x", "y")}
    beside_x, beside_y = np.full((2, len(stamps)), np.nan)

    def judge(rows: np.ndarray) -> None:
        images, size = _images(stamps, rows)
        images[isdiffpos[rows] == 0, ..., 2] *= -1
        answer = model.score(images)
        status[rows[np.isnan(answer["score"])]] = BAD_STAMP  # nothing that this network could see
        x, y = answer["x"] + _margin(size[1]), answer["y"] + _margin(size[0])
        found["score"][rows], found["x"][rows], found["y"][rows] = answer["score"], x, y
        beside_x[rows] = x - alert_in_stamp(xpos[rows], size[1], FRAME[1])
        beside_y[rows] = y - alert_in_stamp(ypos[rows], size[0], FRAME[0])

    on_cores(judge, _of_one_size(stamps, status), usable_cores())
    comet_ra, comet_dec = on_the_sky(beside_x, beside_y, ra, dec)
    return {
        **found,
        "ra": comet_ra,
        "dec": comet_dec,
        "status": status,
        "version": model.version,
    }


def prepare(*, weights: str | None) -> None:
    """Check that the weights are there and whole, without loading them.

    Raises
    ------
    WeightsError
        If they are not.
    """
    check_weights(weights)


def _of_one_size(stamps: Stamps, status: np.ndarray) -> list[np.ndarray]:
    """Share rows out into slices with stamps of one size each.

    An alert whose stamps differ in size, are too small or show nothing gets a status, in place.
    """
    triples = stamps.images
    sizes: dict[tuple[int, ...], list[int]] = {}
    for row in np.flatnonzero(status == OK).tolist():
        triple = [image for image in triples[row] if image is not None]
        size = triple[0].shape
        if all(image.shape == size and _shows_something(image) for image in triple):
            sizes.setdefault(size, []).append(row)
        else:
            status[row] = BAD_STAMP
    return [
        np.array(rows[start : start + AT_ONCE])
        for rows in sizes.values()
        for start in range(0, len(rows), AT_ONCE)
    ]


def _shows_something(image: np.ndarray) -> bool:
    """Tell whether a stamp is large enough and has pixels, not all of one value."""
    if min(image.shape) < SMALLEST:
        return False
    if -MASKED < image.min() < image.max() < MASKED:  # never true of NaN
        return True
    known = image[np.abs(image) < MASKED]
    return len(known) >= (1 - MAX_LOST) * image.size and bool(known.min() < known.max())


def _images(stamps: Stamps, rows: np.ndarray) -> tuple[np.ndarray, tuple[int, int]]:
    """Stamps of one size, float32 (k, h, w, 3), NaN where masked, less the margin; the size."""
    triples = cast("list[tuple[np.ndarray, ...]]", stamps.take(rows).images)
    height, width = size = triples[0][0].shape
    top, left = _margin(height), _margin(width)
    images = np.empty((len(rows), height - 2 * top, width - 2 * left, 3), np.float32)
    for target, triple in zip(images, triples, strict=True):
        for channel, image in enumerate(triple):
            target[..., channel] = image[top : height - top, left : width - left]
    images[np.abs(images) >= MASKED] = np.nan
    return images, size


def _margin(side: int) -> int:
    """Pixels left out at each end of an axis, so that at most `LARGEST` stay."""
    return max(0, -(-(side - LARGEST) // 2))
