"""Report detections to the Minor Planet Center: an ADES file, pipe-separated, version 2022.

https://minorplanetcenter.net/iau/info/ADES.html. A file says what was seen, not that it shall be
sent: nothing here sends it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from astropy.time import Time

from skysift.frames.ades_names import designations
from skysift.frames.ades_settings import ReportSettings

VERSION = "2022"

NEAR = 20.0
"""A detection this near to the predicted place of a known object is told of under its name; one
farther off may be another's [arcsec]."""

LONGEST_NAME = 35
"""Of ``obsSubID``."""

DRIFT = 0.1
"""Least error of a place that is told: that of a frame's own place on the sky, which the network
knows nothing of, and of a nucleus in its coma [arcsec]."""

MADE_UP = "These frames are SIMULATED. Not for the Minor Planet Center."

Row = Mapping[str, Any]


def report(
    table: pa.Table,
    settings: ReportSettings,
    *,
    trusted: Callable[[Row], bool] | None = None,
) -> str:
    """Write a report of a night.

    A detection is told of if it is in a tracklet, or within `NEAR` of a known object that has a
    designation: the Minor Planet Center wants no single detections of unknown objects. Its own name
    (``obsSubID``) is its `candid` without what all of ZTF's have.

    Parameters
    ----------
    table : pyarrow.Table
        Detections with the columns of `skysift.frames.table.DETECTIONS`.
    settings : ReportSettings
        The head; see `read_report_settings`.
    trusted : callable, optional
        Of those, only rows for which it is true are told of.

    Returns
    -------
    str
        The file; without detections to tell of, an empty string, since a head alone is no report.
    """
    rows = [row for row in table.to_pylist() if _reportable(row) and (not trusted or trusted(row))]
    rows.sort(key=lambda row: (row["tracklet"] or "", row["known_name"] or "", row["jd"]))
    if not rows:
        return ""
    records = [_record(row, settings) for row in rows]
    columns = [name for name in records[0] if name == "permID" or any(row[name] for row in records)]
    lines = [_line({name: name for name in columns}, columns, records)]
    lines += [_line(record, columns, records) for record in records]
    simulated = any(row["simulated"] for row in rows)
    return "\n".join([*_head(settings, simulated), *lines]) + "\n"


def _reportable(row: Row) -> bool:
    placed = all(row[name] is not None for name in ("jd", "ra", "dec"))
    return placed and bool(row["tracklet"] or any(_designations(row)))


def _designations(row: Row) -> tuple[str, str]:
    """Of the known object at a row's place, permanent and provisional."""
    offset = row["known_offset"]
    there = row["known_status"] == "matched" and offset is not None and offset <= NEAR
    return designations(row["known_name"] if there else None)


def _head(settings: ReportSettings, simulated: bool) -> list[str]:
    """The header; what is not known is left out."""
    scope = settings.telescope
    blocks: dict[str, list[tuple[str, str]]] = {
        "observatory": [("mpcCode", settings.station)],
        "submitter": [("name", settings.submitter), ("institution", settings.institution)],
        "observers": [("name", name) for name in settings.observers],
        "measurers": [("name", name) for name in settings.measurers],
        "telescope": [
            ("name", scope.name),
            ("design", scope.design),
            ("aperture", f"{scope.aperture:g}"),
            ("detector", scope.detector),
            ("pixelScale", f"{scope.pixel_scale:g}"),
        ],
        "software": [("objectDetection", "skysift Tails")],
        "comment": [("line", settings.comment), ("line", MADE_UP if simulated else "")],
    }
    lines = [f"# version={VERSION}"]
    for name, told in blocks.items():
        known = [f"! {key} {value}" for key, value in told if value]
        lines += [f"# {name}", *known] if known else []
    if settings.funding:
        lines.append(f"# fundingSource {settings.funding}")
    return lines


def _record(row: Row, settings: ReportSettings) -> dict[str, str]:
    """A detection's columns, in the order of the schema; empty where nothing is known."""
    permanent, provisional = _designations(row)
    error = _error(row)
    return {
        "permID": permanent,
        "provID": provisional,
        "trkSub": row["tracklet"] or "",
        "obsSubID": _own_name(row["candid"]),
        "mode": "CCD",
        "stn": settings.station,
        "obsTime": _time(row["jd"]),
        **_place(row["ra"], row["dec"], error),
        "astCat": settings.astrometric_catalogue,
        **_brightness(row, settings),
        "seeing": _decimal(row["seeing"], 2),
        "exp": _decimal(row["exptime"], 1),
    }


def _own_name(candid: str) -> str:
    """A detection's name, in letters that a report has room for."""
    return candid.removeprefix("ztf_").replace("_o_", "_")[-LONGEST_NAME:]


def _error(row: Row) -> float | None:
    """One sigma of each coordinate, what the network cannot know added [arcsec]."""
    told = row["radec_err"]
    return math.hypot(told, DRIFT) if told is not None and math.isfinite(told) else None


def _time(utc: float) -> str:
    """Middle of the exposure, UTC, to a tenth of a second: ZTF's clock is no better known."""
    time = Time(utc, format="jd", scale="utc")
    time.precision = 1
    return f"{time.isot}Z"


def _place(ra: float, dec: float, error: float | None) -> dict[str, str]:
    """Place and error; with as many digits as the error is worth, one more for the place."""
    size = error if error is not None else 1.0
    digits = min(max(math.ceil(-math.log10(size / 3600)) + 1, 4), 7)
    turned = round(ra, digits) % 360
    rms = "" if error is None else f"{error:.2f}"
    return {
        "ra": f"{turned:.{digits}f}",
        "dec": f"{dec:+.{digits}f}",
        "rmsRA": rms,
        "rmsDec": rms,
    }


def _brightness(row: Row, settings: ReportSettings) -> dict[str, str]:
    """Magnitude within the coma, or else within the small aperture; nothing without a band."""
    none = dict.fromkeys(("mag", "rmsMag", "band", "photCat", "photAp"), "")
    for name, radius in (("magcoma", row["coma_radius"]), ("magap", 5.0)):
        mag, error = row[name], row[f"sig{name}"]
        if mag is None or not math.isfinite(mag) or row["filter"] is None:
            continue
        rms = max(error, 0.01) if error is not None and math.isfinite(error) else None
        digits = 1 if rms is not None and rms >= 0.1 else 2
        return none | {
            "mag": f"{mag:.{digits}f}",
            "rmsMag": _decimal(rms, 2),
            "band": f"P{row['filter']}",
            "photCat": settings.photometric_catalogue,
            "photAp": _decimal(radius, 1),
        }
    return none


def _decimal(value: float | None, digits: int) -> str:
    """A number of at most six characters; empty where there is none above 0."""
    if value is None or not np.isfinite(value) or round(value, digits) <= 0:
        return ""
    return f"{value:.{digits}f}".rstrip("0").rstrip(".") if digits else f"{value:.0f}"


def _line(record: Mapping[str, str], columns: list[str], records: list[dict[str, str]]) -> str:
    """Columns one below the other, for people."""
    widths = {name: max(len(name), *(len(each[name]) for each in records)) for name in columns}
    return "|".join(f"{record[name]:<{widths[name]}}" for name in columns).rstrip()
