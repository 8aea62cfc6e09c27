"""Write frames as ZTF's archive has them, with the cards that its pipeline writes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from astropy.io import fits
from astropy.time import Time

from skysift import __version__
from skysift.alerts.frame_name import FrameName
from skysift.simulate.frames.camera import EXPOSURE, PIXEL_SCALE, SATURATION
from skysift.simulate.frames.fpack import pack
from skysift.simulate.frames.frame import Frame
from skysift.simulate.observing import BANDS, GAIN, READ_NOISE
from skysift.whole import whole

MJD = 2400000.5
"""Julian date at which the modified one is 0."""


def write_frame(frame: Frame, folder: Path) -> None:
    """Write a frame's three images and then its truth, each whole or not at all.

    Parameters
    ----------
    frame : Frame
    folder : Path
        See the package for what lies where in it. A reference that is there already is kept.
    """
    name = frame.name
    if not (folder / name.reference).is_file():
        reference = fits.PrimaryHDU(frame.reference, reference_header(frame))
        _write(folder / name.reference, reference.writeto)
    science = fits.PrimaryHDU(frame.science, science_header(frame))
    _write(folder / name.science, science.writeto)
    packed = pack(frame.difference, difference_header(frame))
    _write(folder / name.difference, lambda path: path.write_bytes(packed))
    part = json.dumps({"frame": frame.row, "truth": frame.truth}, indent=0)
    _write(part_path(folder, name), lambda path: path.write_text(part + "\n", encoding="utf-8"))


def part_path(folder: Path, name: FrameName) -> Path:
    """File with what is known of a frame; where it is, the frame is whole."""
    return folder / "truth" / f"{name.id}.json"


def science_header(frame: Frame) -> fits.Header:
    """Cards of a science frame."""
    return _header(frame, frame.exposure.header, "science image")


def difference_header(frame: Frame) -> fits.Header:
    """Cards of a difference frame: those of its science frame, and the noise of empty sky."""
    header = _header(frame, frame.exposure.header, "science minus reference, ZOGY")
    header["DIFFSIG"] = (frame.difference_noise, "[DN] noise per pixel of empty sky")
    header["REFIMG"] = frame.name.reference.name
    return header


def reference_header(frame: Frame) -> fits.Header:
    """Cards of a reference."""
    reference, name = frame.pointing.reference, frame.name
    header = _common(name, reference.header, "reference image")
    header["NFRAMES"] = (frame.pointing.stacked, "images in the average")
    header["MAGZP"] = (reference.zeropoint, "[mag] of one DN")
    header["GAIN"] = (GAIN * frame.pointing.stacked, "[e-/DN]")
    return header


def _header(frame: Frame, wcs: fits.Header, what: str) -> fits.Header:
    name, exposure, row = frame.name, frame.exposure, frame.row
    header = _common(name, wcs, what)
    header["OBSJD"] = (name.jd, "[d] Julian date of shutter open, UTC")
    header["OBSMJD"] = name.jd - MJD
    header["SHUTOPEN"] = (_date(name), "UTC")
    header["EXPTIME"] = (EXPOSURE, "[s]")
    header["MAGZP"] = (exposure.zeropoint, "[mag] of one DN")
    header["MAGLIM"] = (row["maglim"], "[mag] 5 sigma, PSF fit on empty sky")
    header["SEEING"] = (row["seeing"] / PIXEL_SCALE, "[pix] full width at half maximum")
    header["GAIN"] = (GAIN, "[e-/DN]")
    header["READNOI"] = (READ_NOISE * GAIN, "[e-] all noise but the sky's")
    header["INFOBITS"] = 0
    return header


def _common(name: FrameName, wcs: fits.Header, what: str) -> fits.Header:
    """Cards that all three have."""
    header = wcs.copy()
    cards: dict[str, Any] = {
        "ORIGIN": (f"skysift {__version__} (simulated)", "no telescope took this"),
        "IMGTYPE": what,
        "FIELD": name.field,
        "FIELDID": name.field,
        "CCDID": name.ccd,
        "QID": name.quadrant,
        "RCID": (name.ccd - 1) * 4 + name.quadrant - 1,
        "FILTER": f"ZTF_{BANDS[name.fid - 1]}",
        "FILTERID": name.fid,
        "PIXSCALE": (PIXEL_SCALE, "[arcsec/pix]"),
        "SATURATE": (SATURATION, "[DN]"),
        "BUNIT": "DN",
    }
    header.update(cards)
    return header


def _date(name: FrameName) -> str:
    return str(Time(name.jd, format="jd", scale="utc").isot)


def _write(path: Path, writer: Callable[[Path], Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole(path) as part:
        writer(part)


def read_part(path: Path) -> dict[str, Any]:
    """Read what `write_frame` wrote last: ``frame`` and ``truth``."""
    return json.loads(path.read_text(encoding="utf-8"))
