"""Write down what is in a frame."""

from __future__ import annotations

from typing import Any

import numpy as np

from skysift.simulate.comet_shape import CometShape
from skysift.simulate.frames import _pixels
from skysift.simulate.frames.camera import EXPOSURE, PIXEL_SCALE, world
from skysift.simulate.frames.exposing import Exposed, Placed
from skysift.simulate.frames.pointing import Pointing
from skysift.simulate.frames.surroundings import Field
from skysift.simulate.frames.truth import TRUTH_COLUMNS
from skysift.simulate.frames.visitors import POINT
from skysift.simulate.glow import Glow

LARGE_GALAXY = 17.5
"""Galaxies brighter than this are listed."""
CLEAR = 5.0
"""Variable stars and cosmic rays are listed from this S/N."""
LARGEST_STAMP = 220
"""Half of the side [px] on which the S/N of a source is summed at most."""

Row = dict[str, Any]


def truth_rows(
    pointing: Pointing, number: int, field: Field, exposed: Exposed, blocked: np.ndarray
) -> list[Row]:
    """Rows of ``truth.csv`` for one exposure, comets first.

    Parameters
    ----------
    pointing : Pointing
    number : int
        Which of its exposures.
    field : Field
    exposed : Exposed
    blocked : ndarray (height, width) of bool
        Pixels that the difference leaves out.
    """
    name, exposure = pointing.names[number], pointing.exposures[number]
    prefix = f"{name.field}{name.filter}{name.ccd:02d}{name.quadrant}"
    rows = [
        _visitor_row(one, pointing, exposed, blocked) | {"object": f"{prefix}-{place}"}
        for place, one in enumerate(exposed.placed)
    ]
    rows += _defect_rows(exposed, exposure.zeropoint)
    rows += _variable_rows(exposed, exposure.zeropoint)
    rows += _galaxy_rows(field, exposed)
    rows = [row for row in rows if _inside(row, pointing.shape)]
    places = [[row[axis] for row in rows] for axis in ("x", "y")]
    ra, dec = world(exposure.header).all_pix2world(*places, 0)
    empty = dict.fromkeys(TRUTH_COLUMNS.names, np.nan) | {"id": name.id, "object": ""}
    sky = ({"ra": float(a), "dec": float(d)} for a, d in zip(ra, dec, strict=True))
    return [empty | row | position for row, position in zip(rows, sky, strict=True)]


def frame_row(
    pointing: Pointing, number: int, exposed: Exposed, depth: float, truth: list[Row]
) -> Row:
    """Row of ``frames.csv`` for one exposure; `depth` is its limiting magnitude."""
    name, exposure = pointing.names[number], pointing.exposures[number]
    height, width = pointing.shape
    ra, dec = world(exposure.header).all_pix2world((width - 1) / 2, (height - 1) / 2, 0)
    return {
        "id": name.id,
        "jd": name.jd,
        "exptime": EXPOSURE,
        "fid": name.fid,
        "field": name.field,
        "ccd": name.ccd,
        "quadrant": name.quadrant,
        "ra": float(ra),
        "dec": float(dec),
        "latitude": pointing.position.latitude,
        "stars": exposed.stars,
        "seeing": exposed.image.psf.width * PIXEL_SCALE,
        "sky": exposure.sky,
        "zeropoint": exposure.zeropoint,
        "maglim": depth,
        "comets": sum(row["kind"] == "comet" for row in truth),
        "science": str(name.science),
        "difference": str(name.difference),
        "reference": str(name.reference),
    }


def _inside(row: Row, shape: tuple[int, int]) -> bool:
    return -0.5 <= row["x"] < shape[1] - 0.5 and -0.5 <= row["y"] < shape[0] - 0.5


def _visitor_row(one: Placed, pointing: Pointing, exposed: Exposed, blocked: np.ndarray) -> Row:
    visitor = one.visitor
    snr, extent, share = _seen(one, pointing, exposed, blocked)
    row = {
        "kind": visitor.kind,
        "x": one.x,
        "y": one.y,
        "mag": visitor.mag,
        "snr": snr,
        "extent_snr": extent,
        "blocked": share,
        "half_light": visitor.glow.half_light(),
        "rate": visitor.rate,
        "rate_angle": visitor.rate_angle,
    }
    return row | (_comet_columns(visitor.comet) if visitor.comet is not None else {})


def _comet_columns(comet: CometShape) -> Row:
    columns: Row = {"coma_radius": comet.radius, "nucleus": comet.nucleus}
    for name, tail in (("dust", comet.dust), ("ion", comet.ion)):
        columns[f"{name}_angle"], columns[f"{name}_length"] = tail.angle, tail.length
        columns[f"{name}_share"] = tail.share
    return columns


def _seen(
    one: Placed, pointing: Pointing, exposed: Exposed, blocked: np.ndarray
) -> tuple[float, float, float]:
    """S/N of a matched filter, that of what no point explains, and the share that is not seen.

    The noise is that of the exposure and of the reference, which is less by the square root of the
    images in it.
    """
    reach = int(min(4.0 * one.visitor.glow.half_light() / PIXEL_SCALE + 12.0, LARGEST_STAMP))
    reach = int(min(reach + one.trail / 2, LARGEST_STAMP))
    left, low = round(one.x) - reach, round(one.y) - reach
    rows, columns = (np.arange(start, start + 2 * reach + 1) for start in (low, left))
    row_there = (rows >= 0) & (rows < pointing.shape[0])
    column_there = (columns >= 0) & (columns < pointing.shape[1])
    if not (row_there.any() and column_there.any()):
        return 0.0, 0.0, 1.0
    seeing, glow = exposed.image.psf.width / 2.355, one.glow.moved(-left, -low)
    there, cut = np.ix_(row_there, column_there), np.ix_(rows[row_there], columns[column_there])
    whole = _drawn(glow, 2 * reach + 1, seeing)
    light, usable = whole[there], ~blocked[cut]
    noise = exposed.noise[cut] * (1.0 + pointing.reference.noise_factor**2) ** 0.5
    seen = np.where(usable, light / noise, 0.0)
    points = [np.where(usable, point[there] / noise, 0.0) for point in _points(glow, reach, seeing)]
    share = float(1.0 - light[usable].sum() / whole.sum())
    return float(np.sqrt(np.sum(seen**2))), _beyond(seen, points), share


def _drawn(glow: Glow, side: int, seeing: float) -> np.ndarray:
    """Light on a square of pixels, blurred by a round seeing."""
    stamp = np.zeros((side, side), np.float32)
    _pixels.draw_gaussians(stamp, glow.x, glow.y, glow.flux, glow.xx, glow.xy, glow.yy, seeing)
    return stamp


def _points(glow: Glow, reach: int, seeing: float) -> list[np.ndarray]:
    """A point where a source is brightest, and what moving it along rows and columns changes."""
    bright = _drawn(glow, 2 * reach + 1, seeing)
    row, column = np.unravel_index(np.argmax(bright), bright.shape)
    at = [
        _drawn(POINT.moved(float(column) + dx, float(row) + dy), 2 * reach + 1, seeing)
        for dx, dy in ((0.0, 0.0), (0.5, 0.0), (-0.5, 0.0), (0.0, 0.5), (0.0, -0.5))
    ]
    return [at[0], at[1] - at[2], at[3] - at[4]]


def _beyond(seen: np.ndarray, points: list[np.ndarray]) -> float:
    """S/N of what the best mixture of `points` leaves of a source, all in units of the noise."""
    basis = np.stack([point.ravel() for point in points], axis=1)
    mixture, *_ = np.linalg.lstsq(basis, seen.ravel(), rcond=None)
    return float(np.linalg.norm(seen.ravel() - basis @ mixture))


def _defect_rows(exposed: Exposed, zeropoint: float) -> list[Row]:
    rows = []
    for defect in exposed.defects:
        row: Row = {
            "kind": defect.kind,
            "x": defect.x,
            "y": defect.y,
            "mag": _magnitude(defect.flux, zeropoint),
            "half_light": defect.radius * PIXEL_SCALE,
        }
        if defect.kind == "cosmic_ray":
            row["snr"] = _point_snr(defect.x, defect.y, defect.flux, exposed)
            if row["snr"] < CLEAR:
                continue
        rows.append(row)
    return rows


def _variable_rows(exposed: Exposed, zeropoint: float) -> list[Row]:
    """Stars whose change is clear; `mag` is that of the change, whichever its sign."""
    rows = []
    columns = (exposed.star_x, exposed.star_y, exposed.star_change)
    for x, y, change in zip(*(column.tolist() for column in columns), strict=True):
        snr = _point_snr(x, y, abs(change), exposed)
        if snr > CLEAR:
            row = {"kind": "variable", "x": x, "y": y, "half_light": 0.0, "snr": snr}
            rows.append(row | {"mag": _magnitude(abs(change), zeropoint)})
    return rows


def _galaxy_rows(field: Field, exposed: Exposed) -> list[Row]:
    large = field.galaxy_mag < LARGE_GALAXY
    x, y = exposed.onto(field.galaxy_x[large], field.galaxy_y[large])
    values = zip(x, y, field.galaxy_mag[large], field.galaxy_radius[large], strict=True)
    return [
        {"kind": "galaxy", "x": float(a), "y": float(b), "mag": float(m), "half_light": float(r)}
        for a, b, m, r in values
    ]


def _point_snr(x: float, y: float, flux: float, exposed: Exposed) -> float:
    height, width = exposed.noise.shape
    row, column = min(max(round(y), 0), height - 1), min(max(round(x), 0), width - 1)
    return float(flux / (exposed.noise[row, column] * exposed.image.psf.noise_pixels**0.5))


def _magnitude(flux: float, zeropoint: float) -> float:
    return float(zeropoint - 2.5 * np.log10(flux))
