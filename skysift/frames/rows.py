"""From what a network found in a frame to rows of the table of detections."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from astropy.io import fits
from astropy.wcs import WCS

from skysift.alerts.frame_file import FrameError, number_of
from skysift.alerts.frame_images import FrameImages
from skysift.alerts.frame_name import DAY_ZERO, FrameName
from skysift.alerts.photometry import SECONDS_PER_DAY
from skysift.frames.ids import urls
from skysift.frames.photometry import Camera, measure
from skysift.frames.positions import pixel_sides, sky_errors, sky_places
from skysift.frames.table import DETECTIONS

DIFFERENCE = 2
"""Place of the difference among the images."""


@dataclass(frozen=True)
class Epoch:
    """When a frame was exposed.

    Attributes
    ----------
    start : float
        Julian date at which the shutter opened (UTC).
    seconds : float
        For how long.
    """

    start: float
    seconds: float

    @property
    def middle(self) -> float:
        """Julian date of the middle."""
        return self.start + self.seconds / 2 / SECONDS_PER_DAY


def epoch_of(header: fits.Header, path: Path) -> Epoch:
    """Read when a frame was exposed, from ``OBSJD`` and ``EXPTIME``.

    Raises
    ------
    FrameError
        If it does not say.
    """
    start, seconds = number_of(header, "OBSJD"), number_of(header, "EXPTIME")
    for card, value in (("OBSJD", start), ("EXPTIME", seconds)):
        if not value > 0:
            raise FrameError(f"{path} does not say when it was taken: it has no {card}")
    return Epoch(start, seconds)


def detection_rows(
    name: FrameName,
    frame: FrameImages,
    epoch: Epoch,
    comets: Mapping[str, np.ndarray],
    scales: np.ndarray,
    version: str,
) -> pa.Table:
    """Put together all that is known of the comets of a frame before others are asked.

    Parameters
    ----------
    name : FrameName
    frame : FrameImages
        Without a difference there is no photometry.
    epoch : Epoch
    comets : mapping of str to ndarray (k,)
        From `Scorer.detect`, the best first.
    scales : ndarray (k,)
        Side of the pixels there [arcsec].
    version : str
        Of the network.

    Returns
    -------
    pyarrow.Table
        Of `DETECTIONS`.
    """
    count = len(scales)
    columns = {
        **_identity(name, count, version),
        **_circumstances(name, frame, epoch, count),
        **_positions(frame.world, comets, scales),
        **_light(frame, comets, scales),
        "p": comets["score"],
        "mag": comets["mag"],
    }
    return _table(columns, count)


def _identity(name: FrameName, count: int, version: str) -> dict[str, Any]:
    numbers = range(count)
    there = urls(name)
    candids = [f"{name.id}_{ni}" for ni in numbers]
    return {
        "id": [name.id] * count,
        "ni": list(numbers),
        "candid": candids,
        "tails_v": [version] * count,
        "sci_ipac_url": [there.science] * count,
        "dif_ipac_url": [there.difference] * count,
        "cutouts": [f"{candid}.npy" for candid in candids],
        "panel": [f"{candid}.png" for candid in candids],
        "known_status": ["not_asked"] * count,
    }


def _positions(world: WCS, comets: Mapping[str, np.ndarray], scales: np.ndarray) -> dict[str, Any]:
    places = sky_places(world, comets["x"], comets["y"])
    return {
        "x": comets["x"],
        "y": comets["y"],
        "x_err": comets["sigma"],
        "y_err": comets["sigma"],
        "ra": places.ra.deg,
        "dec": places.dec.deg,
        "radecstr": [place.to_string("hmsdms", precision=2) for place in places],
        "radec_err": sky_errors(comets["sigma"], scales),
        "size": comets["size"] * scales,
    }


def _light(
    frame: FrameImages, comets: Mapping[str, np.ndarray], scales: np.ndarray
) -> dict[str, Any]:
    """Photometry on the difference; none without it."""
    if frame.images.shape[2] <= DIFFERENCE:
        return {}
    gain = number_of(frame.header, "GAIN")
    rows = []
    for x, y, scale in zip(comets["x"], comets["y"], scales, strict=True):
        light = measure(
            frame.images[..., DIFFERENCE], x, y, Camera(float(scale), frame.zeropoint, gain)
        )
        row = {"magcoma": light.magcoma, "sigmagcoma": light.sigmagcoma}
        for name, mag, sigma in zip(("ap", "ap10", "ap15"), light.mags, light.sigmas, strict=True):
            row |= {f"mag{name}": mag, f"sigmag{name}": sigma}
        row |= {"coma_radius": light.coma_radius, "limmagap": light.limit, "badfrac": light.bad}
        rows.append(row)
    return {name: [row[name] for row in rows] for name in rows[0]} if rows else {}


def _circumstances(name: FrameName, frame: FrameImages, epoch: Epoch, count: int) -> dict[str, Any]:
    """What all detections of a frame share."""
    height, width = frame.images.shape[:2]
    side = float(pixel_sides(frame.world, np.array([width / 2]), np.array([height / 2]))[0])
    values = {
        "jd": epoch.middle,
        "jd_start": epoch.start,
        "exptime": epoch.seconds,
        "datestr": datestr(epoch.middle),
        "filter": name.filter[1:],
        "field": name.field,
        "ccdid": name.ccd,
        "qid": name.quadrant,
        "magzp": frame.zeropoint,
        "maglim": number_of(frame.header, "MAGLIM"),
        "seeing": number_of(frame.header, "SEEING") * side,
        "simulated": "simulated" in str(frame.header.get("ORIGIN", "")).lower(),
    }
    return {name: [value] * count for name, value in values.items()}


def datestr(jd: float) -> str:
    """Write a time as observers of comets do: year, month, day and its parts.

    Examples
    --------
    >>> datestr(2458770.9961351)
    '2019 10 14.49614'
    """
    ordinal, part = divmod(round((jd - DAY_ZERO) * 1e5), 10**5)
    day = date.fromordinal(ordinal)
    return f"{day.year:04d} {day.month:02d} {day.day:02d}.{part:05d}"


def _table(columns: dict[str, Any], count: int) -> pa.Table:
    """Rows of `DETECTIONS`; what is NaN or was not measured is null."""
    arrays = []
    for field in DETECTIONS:
        values = columns.get(field.name)
        if values is None:
            arrays.append(pa.nulls(count, field.type))
        else:
            arrays.append(pa.array(np.asarray(values), from_pandas=True).cast(field.type))
    return pa.Table.from_arrays(arrays, schema=DETECTIONS)
