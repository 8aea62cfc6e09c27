"""Link detections of one night into tracklets: one moving object, seen twice or more."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

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


@dataclass(frozen=True)
class Tracklet:
    """Detections of one night that are one moving object.

    Attributes
    ----------
    name : str
        Id: eight letters and digits.
    rows : list of int
        Its detections in the table, in order of time.
    chance : float
        Such links expected among unrelated detections.
    path : Motion
    """

    name: str
    rows: list[int]
    chance: float
    path: Motion


def link(table: pa.Table, settings: LinkSettings | None = None) -> list[Tracklet]:
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
    list of Tracklet
        In order of time.
    """
    settings = settings or LinkSettings()
    seen = sightings(table)
    tracks = find_tracks(seen, find_pairs(seen, settings), settings)
    names = _names([str(seen.candid[track.members[0]]) for track in tracks])
    return [
        Tracklet(
            name,
            [int(seen.rows[each]) for each in track.members],
            track.chance,
            motion(seen, track.members),
        )
        for name, track in zip(names, tracks, strict=True)
    ]


def mark(table: pa.Table, tracklets: Iterable[Tracklet]) -> pa.Table:
    """Write beside each detection which tracklet it is in.

    Parameters
    ----------
    table : pyarrow.Table (n,)
        That was linked.
    tracklets : iterable of Tracklet

    Returns
    -------
    pyarrow.Table (n,)
        With ``tracklet``, ``rate`` and ``rate_pa``, null for what is linked with nothing.
    """
    names: list[str | None] = [None] * table.num_rows
    rates: list[float | None] = [None] * table.num_rows
    angles: list[float | None] = [None] * table.num_rows
    for one in tracklets:
        for row in one.rows:
            names[row], rates[row], angles[row] = one.name, one.path.rate, one.path.angle
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


def summary(table: pa.Table, tracklets: Iterable[Tracklet]) -> pa.Table:
    """Tell of each tracklet of a night.

    Parameters
    ----------
    table : pyarrow.Table (n,)
        That was linked; its ``p`` and ``known_name`` are told of too.
    tracklets : iterable of Tracklet

    Returns
    -------
    pyarrow.Table
        Columns `TRACKLETS`.
    """
    seen = sightings(table)
    mags = np.full(table.num_rows, np.nan)
    mags[seen.rows] = seen.mags
    told = {name: table[name].to_pylist() for name in ("jd", "candid", "p", "known_name")}
    rows = [
        _told(
            one,
            {name: [values[row] for row in one.rows] for name, values in told.items()},
            mags[one.rows],
            seen.start,
        )
        for one in tracklets
    ]
    return pa.Table.from_pylist(rows, TRACKLETS)


def _told(
    one: Tracklet, of: Mapping[str, list[Any]], mags: np.ndarray, start: float
) -> dict[str, Any]:
    """Row of a tracklet, given values `of` its detections, and the night's `start`."""
    mags = mags[np.isfinite(mags)]
    path = one.path
    return {
        "tracklet": one.name,
        "detections": len(one.rows),
        "jd_first": min(of["jd"]),
        "jd_last": max(of["jd"]),
        "jd": start + path.time / 1440,
        "ra": path.ra,
        "dec": path.dec,
        "rate": path.rate,
        "rate_err": path.rate_error,
        "rate_pa": path.angle,
        "rms": _rms(path) if len(one.rows) > 2 else None,
        "mag": float(np.median(mags)) if len(mags) else None,
        "p": max((p for p in of["p"] if p is not None), default=None),
        "known_name": next(filter(None, of["known_name"]), None),
        "chance": one.chance,
        "candids": " ".join(of["candid"]),
    }


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
