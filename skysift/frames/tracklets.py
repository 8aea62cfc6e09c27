"""Link detections of one night into tracklets: one moving object, seen twice or more."""

from __future__ import annotations

import base64
import hashlib

import numpy as np
import pyarrow as pa

from skysift.frames.links.pairs import find_pairs
from skysift.frames.links.settings import LinkSettings
from skysift.frames.links.sightings import sightings
from skysift.frames.links.tracks import Motion, find_tracks, motion
from skysift.frames.table import DETECTIONS

TRACKLETS = pa.schema(
    {
        "tracklet": pa.string(),  # id, eight letters and digits
        "detections": pa.int32(),
        "jd_first": pa.float64(),  # UTC, middle of the exposure
        "jd_last": pa.float64(),
        "jd": pa.float64(),  # of the place below
        "ra": pa.float64(),  # ICRS [deg]
        "dec": pa.float64(),
        "rate": pa.float32(),  # of motion along a great circle [arcsec/min]
        "rate_err": pa.float32(),  # one sigma
        "rate_pa": pa.float32(),  # from north through east [deg]
        "rms": pa.float32(),  # of the places around the path [arcsec]; null for two detections
        "mag": pa.float32(),  # median of the detections' magap, or else mag
        "p": pa.float32(),  # the best score
        "known_name": pa.string(),  # of the first detection that is matched with one
        "chance": pa.float32(),  # such links expected among unrelated detections
        "candids": pa.string(),  # of its detections, in order of time, with blanks between
    }
)
"""Columns of `summary`: a row a tracklet."""


def link(table: pa.Table, settings: LinkSettings | None = None) -> pa.Table:
    """Link detections; a detection is in one tracklet at most.

    Ids follow from the first detection, so that the same detections, in whatever order, have the
    same ids, and a tracklet keeps its id when a later detection joins it.

    Parameters
    ----------
    table : pyarrow.Table (n,)
        Detections of one night, of all fields: ``id``, ``candid``, ``jd``, ``ra``, ``dec``,
        ``radec_err``, ``magap`` and ``mag`` of `skysift.frames.table.DETECTIONS`.
    settings : LinkSettings, optional

    Returns
    -------
    pyarrow.Table (n,)
        With ``tracklet``, ``rate`` and ``rate_pa``, null for what is linked with nothing.
    """
    names: list[str | None] = [None] * table.num_rows
    rates: list[float | None] = [None] * table.num_rows
    angles: list[float | None] = [None] * table.num_rows
    for name, rows, _, path in _linked(table, settings or LinkSettings()):
        for row in rows:
            names[row], rates[row], angles[row] = name, path.rate, path.angle
    columns = {"tracklet": names, "rate": rates, "rate_pa": angles}
    for name, values in columns.items():
        kind = DETECTIONS.field(name)
        place = table.schema.get_field_index(name)
        column = pa.array(values, kind.type)
        table = (
            table.append_column(kind, column)
            if place < 0
            else table.set_column(place, kind, column)
        )
    return table


def summary(table: pa.Table, settings: LinkSettings | None = None) -> pa.Table:
    """Tell of each tracklet of a night, in order of time.

    Parameters
    ----------
    table, settings
        As `link` takes them; ``p`` and ``known_name`` too.

    Returns
    -------
    pyarrow.Table
        Columns `TRACKLETS`.
    """
    seen = sightings(table)
    told = {name: table[name].to_pylist() for name in ("jd", "candid", "p", "known_name")}
    mags = np.full(table.num_rows, np.nan)
    mags[seen.rows] = seen.mags
    rows = []
    for name, members, chance, path in _linked(table, settings or LinkSettings()):
        jd = [told["jd"][row] for row in members]
        mag = mags[members][np.isfinite(mags[members])]
        known = [told["known_name"][row] for row in members if told["known_name"][row]]
        scores = [told["p"][row] for row in members if told["p"][row] is not None]
        rows.append(
            {
                "tracklet": name,
                "detections": len(members),
                "jd_first": min(jd),
                "jd_last": max(jd),
                "jd": seen.start + path.time / 1440,
                "ra": path.ra,
                "dec": path.dec,
                "rate": path.rate,
                "rate_err": path.rate_error,
                "rate_pa": path.angle,
                "rms": _rms(path) if len(members) > 2 else None,
                "mag": float(np.median(mag)) if len(mag) else None,
                "p": max(scores, default=None),
                "known_name": known[0] if known else None,
                "chance": chance,
                "candids": " ".join(told["candid"][row] for row in members),
            }
        )
    return pa.Table.from_pylist(rows, TRACKLETS)


def _linked(table: pa.Table, settings: LinkSettings) -> list[tuple[str, list[int], float, Motion]]:
    """Id, rows of the table, chance and motion of each tracklet."""
    seen = sightings(table)
    tracks = find_tracks(seen, find_pairs(seen, settings), settings)
    names = _names([str(seen.candid[track.members[0]]) for track in tracks])
    return [
        (
            name,
            [int(seen.rows[each]) for each in track.members],
            track.chance,
            motion(seen, track.members),
        )
        for name, track in zip(names, tracks, strict=True)
    ]


def _names(firsts: list[str]) -> list[str]:
    """Ids that the Minor Planet Center takes: eight letters and digits, no two alike."""
    taken: dict[str, str] = {}
    for first in firsts:
        salt = 0
        while (name := _name(first, salt)) in taken:
            salt += 1
        taken[name] = first
    return list(taken)


def _name(first: str, salt: int) -> str:
    digest = hashlib.sha256(f"{first} {salt}".encode()).digest()
    return "T" + base64.b32encode(digest)[:7].decode()


def _rms(path: Motion) -> float:
    return float(np.sqrt(np.mean(np.square(path.residuals))))
