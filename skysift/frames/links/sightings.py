"""Detections as what a search for moving objects needs of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

ARCSEC = 3600 * 180 / np.pi

USUAL_ERROR = 1.0
"""Of a place whose error the network does not tell [arcsec]."""

LEAST_ERROR = 0.3
"""Nuclei are not points, and frames are not put on the sky better than to 0.1″ [arcsec]."""


@dataclass(frozen=True, eq=False)
class Sightings:
    """Detections with a time and a place, in order of time; arrays (n,) but for the places.

    Attributes
    ----------
    rows : ndarray of int
        Of the table.
    candid : ndarray of object
    times : ndarray, float64
        Since JD `start` [min].
    start : float
    places : ndarray (n, 3), float64
        Unit vectors, ICRS.
    errors : ndarray, float64
        One sigma, each coordinate [arcsec].
    mags : ndarray, float64
        NaN where it has none.
    crowd : ndarray, float64
        Detections on the same frame.
    """

    rows: np.ndarray
    candid: np.ndarray
    times: np.ndarray
    start: float
    places: np.ndarray
    errors: np.ndarray
    mags: np.ndarray
    crowd: np.ndarray

    def __len__(self) -> int:
        return len(self.rows)


def sightings(table: pa.Table) -> Sightings:
    """Take from a table what is needed; rows without time or place are left out."""
    jd, ra, dec, error, magap, mag = (
        table[name].cast(pa.float64()).to_numpy()
        for name in ("jd", "ra", "dec", "radec_err", "magap", "mag")
    )
    candid = np.array(table["candid"].to_pylist(), dtype=object)
    frame = np.array(table["id"].to_pylist(), dtype=object)
    rows = np.flatnonzero(np.isfinite(jd) & np.isfinite(ra) & np.isfinite(dec))
    rows = rows[np.lexsort((candid[rows].astype(str), jd[rows]))]
    _, place, count = np.unique(frame[rows].astype(str), return_inverse=True, return_counts=True)
    start = float(jd[rows[0]]) if len(rows) else 0.0
    a, d = np.radians(ra[rows]), np.radians(dec[rows])
    return Sightings(
        rows,
        candid[rows],
        (jd[rows] - start) * 1440,
        start,
        np.stack([np.cos(d) * np.cos(a), np.cos(d) * np.sin(a), np.sin(d)], axis=1),
        np.fmax(np.where(np.isfinite(error[rows]), error[rows], USUAL_ERROR), LEAST_ERROR),
        np.where(np.isfinite(magap[rows]), magap[rows], mag[rows]),
        count[place].astype(np.float64),
    )
