"""Match detections with known bodies."""

from __future__ import annotations

import logging

import numpy as np
import pyarrow as pa

from skysift.frames.known.catalogue import Catalogue
from skysift.frames.known.columns import with_column
from skysift.frames.known.places import ARCSEC, angles, unit

RADIUS = 120.0
"""How far a body may be from its predicted place [arcsec]."""

MATCHES = pa.schema(
    {
        "candid": pa.string(),
        "name": pa.string(),  # as the file of orbits has it
        "source": pa.string(),  # name of that file
        "offset": pa.float32(),  # of the detection from the predicted place [arcsec]
        "mag": pa.float32(),  # predicted; null: the file has no magnitude
        "ra": pa.float64(),  # predicted, ICRS [deg]
        "dec": pa.float64(),
        "rate": pa.float32(),  # predicted motion [arcsec/min]
        "rate_pa": pa.float32(),  # its direction, from north through east [deg]
    }
)
"""Columns of `matches`."""

log = logging.getLogger(__name__)


def match_table(
    table: pa.Table, catalogue: Catalogue | None, *, radius: float = RADIUS
) -> pa.Table:
    """Fill in which known body is nearest to each detection.

    To be called on the driver with the detections of many frames, not within a UDF: the catalogue
    is large. A frame is what has the same `id`.

    Parameters
    ----------
    table : pyarrow.Table (n,)
        With ``id``, ``candid``, ``jd`` (middle of the exposure, UTC), ``ra`` and ``dec`` of
        `skysift.frames.table.DETECTIONS`.
    catalogue : Catalogue or None
        None: nobody is asked.
    radius : float
        [arcsec].

    Returns
    -------
    pyarrow.Table (n,)
        With ``known_status`` and, where it is ``matched``, ``known_name``, ``known_offset``,
        ``known_mag`` and ``known_source``. The status is ``none`` where no body is within the
        radius, ``failed`` where it could not be computed (no place or time, or a time that the
        ephemeris does not have), ``not_asked`` without a catalogue.
    """
    nearest, failed = dict[str, dict](), set[str]()
    if catalogue is not None:
        found, failed = _search(table, catalogue, radius)
        for match in reversed(found):
            nearest[match["candid"]] = match
    rows = [
        _row(candid, nearest.get(candid), catalogue is not None, candid in failed)
        for candid in table["candid"].to_pylist()
    ]
    for name, kind in (
        ("known_status", pa.string()),
        ("known_name", pa.string()),
        ("known_offset", pa.float32()),
        ("known_mag", pa.float32()),
        ("known_source", pa.string()),
    ):
        table = with_column(table, name, pa.array([row[name] for row in rows], kind))
    return table


def matches(table: pa.Table, catalogue: Catalogue, *, radius: float = RADIUS) -> pa.Table:
    """All known bodies near each detection, with their motion.

    Parameters
    ----------
    table, catalogue, radius
        As `match_table` takes them.

    Returns
    -------
    pyarrow.Table (m,)
        Columns `MATCHES`; detections in their order, the nearest body first.
    """
    return pa.Table.from_pylist(_search(table, catalogue, radius)[0], MATCHES)


def _row(candid: str, match: dict | None, asked: bool, failed: bool) -> dict:
    status = "not_asked" if not asked else "failed" if failed else "matched" if match else "none"
    match = match or {}
    return {
        "known_status": status,
        "known_name": match.get("name"),
        "known_offset": match.get("offset"),
        "known_mag": match.get("mag"),
        "known_source": match.get("source"),
    }


def _search(table: pa.Table, catalogue: Catalogue, radius: float) -> tuple[list[dict], set[str]]:
    """All matches, and the detections for which there is no answer."""
    columns = {name: table[name].to_numpy() for name in ("jd", "ra", "dec")}
    placed = np.all([np.isfinite(values.astype(np.float64)) for values in columns.values()], axis=0)
    names = np.array(table["candid"].to_pylist(), dtype=object)
    failed = set(names[~placed])
    found: list[dict] = []
    _, codes = np.unique(
        np.array(table["id"].to_pylist(), dtype=object)[placed], return_inverse=True
    )
    frames = [np.flatnonzero(placed)[codes == code] for code in range(codes.max(initial=-1) + 1)]
    # In the order of time, that is night by night: the catalogue remembers one.
    for rows in sorted(frames, key=lambda rows: columns["jd"][rows[0]]):
        try:
            found += _of_a_frame(
                names[rows],
                float(columns["jd"][rows[0]]),
                unit(columns["ra"][rows], columns["dec"][rows]),
                catalogue,
                radius,
            )
        except (ArithmeticError, ValueError) as error:
            log.warning("%s: known objects: %s", table["id"][int(rows[0])], error)
            failed |= set(names[rows])
    place = {candid: number for number, candid in enumerate(names)}
    return sorted(found, key=lambda match: (place[match["candid"]], match["offset"])), failed


def _of_a_frame(
    names: np.ndarray, utc: float, seen: np.ndarray, catalogue: Catalogue, radius: float
) -> list[dict]:
    """Matches of the detections of one instant, near each other on the sky."""
    middle = seen.mean(axis=0)
    middle /= np.linalg.norm(middle)
    widest = np.degrees(np.arccos(np.clip(seen @ middle, -1, 1).min())) + radius / 3600
    near = catalogue.within(utc, middle, widest)
    if not len(near.orbits):
        return []
    directions = near.places.directions
    apart = seen[:, None] - directions
    offsets = 2 * np.arcsin(np.linalg.norm(apart, axis=-1) / 2) * ARCSEC
    ra, dec = angles(directions)
    rate, angle = near.places.rate(), near.places.position_angle()
    bright = near.places.magnitudes
    return [
        {
            "candid": names[row],
            "name": near.orbits.name[body].decode("utf-8", "replace"),
            "source": near.orbits.source[body].decode("utf-8", "replace"),
            "offset": offsets[row, body],
            "mag": bright[body] if np.isfinite(bright[body]) else None,
            "ra": ra[body],
            "dec": dec[body],
            "rate": rate[body],
            "rate_pa": angle[body],
        }
        for row, body in zip(*np.nonzero(offsets <= radius), strict=True)
    ]
