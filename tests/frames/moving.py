"""Made-up nights of moving objects and of detections that are nothing, with their truth."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from astropy import units as u
from astropy.coordinates import SkyCoord

from skysift.frames.table import DETECTIONS

START = 2460433.7
"""Julian date of the first exposure, at its middle."""

FIELD = 0.85
"""Side of a quadrant [deg]."""


def seen(
    frame: str, number: int, minutes: float, ra: float, dec: float, **values: Any
) -> dict[str, Any]:
    """A row of detections."""
    row = {
        "id": frame, "ni": number, "candid": f"{frame}_{number}", "jd": START + minutes / 1440,
        "ra": ra % 360, "dec": dec, "radec_err": 0.3, "magap": 18.0, "p": 0.9,
    }  # fmt: skip
    return row | values


def night(
    fields: int,
    *,
    objects: int,
    false: float,
    visits: tuple[float, ...] = (0.0, 40.0, 85.0),
    recall: float = 0.95,
    rng: np.random.Generator,
) -> tuple[pa.Table, np.ndarray]:
    """Detections of a night.

    Parameters
    ----------
    fields : int
        Quadrants, each seen once a visit, apart on the sky.
    objects : int
        On each; their rates are about those of `skysift simulate frames`.
    false : float
        Mean of detections of nothing, a frame.
    visits : tuple of float
        Minutes.
    recall : float
        Share of the objects detected, a frame.
    rng : numpy.random.Generator

    Returns
    -------
    table : pyarrow.Table (n,)
        In no order.
    truth : ndarray of str (n,)
        Object of each row; empty for none.
    """
    rows, truth = [], []
    for field in range(fields):
        centre = SkyCoord(field * 3.0 % 360, -20 + 2.0 * (field // 120), unit="deg")
        spots = rng.uniform(-FIELD / 2, FIELD / 2, (objects, 2))
        rates = np.exp(rng.normal(np.log(0.8), 0.8, objects)).clip(0.07, 4.5)
        angles, mags = rng.uniform(0, 360, objects), rng.uniform(16, 20, objects)
        for visit, minutes in enumerate(visits):
            frame, at = f"f{field:04d}v{visit}", minutes + 0.01 * field
            places = centre.spherical_offsets_by(*(spots.T * u.deg)).directional_offset_by(
                angles * u.deg, rates * minutes * u.arcsec
            )
            found = [
                (place.ra.deg, place.dec.deg, mag, f"{field}-{number}")
                for number, (place, mag) in enumerate(zip(places, mags, strict=True))
                if rng.uniform() < recall
            ]
            lost = rng.uniform(-FIELD / 2, FIELD / 2, (rng.poisson(false), 2))
            found += [
                (spot.ra.deg, spot.dec.deg, rng.uniform(16, 21), "")
                for spot in centre.spherical_offsets_by(*(lost.T * u.deg))
            ]
            for number, (ra, dec, mag, name) in enumerate(found):
                error = rng.normal(0, 0.3 / 3600, 2)
                ra += error[0] / np.cos(np.radians(dec))
                magap = mag + rng.normal(0, 0.15)
                rows.append(seen(frame, number, at, ra, dec + error[1], magap=magap))
                truth.append(name)
    order = rng.permutation(len(rows))
    return (
        pa.Table.from_pylist([rows[place] for place in order], DETECTIONS),
        np.array([truth[place] for place in order], dtype=str),
    )


def crowd(number: int, *, visits: int, rng: np.random.Generator) -> pa.Table:
    """Detections of nothing, all on one quadrant."""
    rows = []
    for visit in range(visits):
        spots = rng.uniform(0, FIELD, (number // visits, 2))
        mags = rng.uniform(16, 21, len(spots))
        rows += [
            seen(f"v{visit}", place, 30.0 * visit, 10 + ra, dec, magap=mag)
            for place, ((ra, dec), mag) in enumerate(zip(spots, mags, strict=True))
        ]
    return pa.Table.from_pylist(rows, DETECTIONS)
