"""Frames on disk that are broken, each in a way of its own, beside some that are not."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
from astropy.io import fits

from skysift.alerts.frame_name import FrameName
from skysift.frames.ids import FrameFiles, files_in, frames_in


def break_copies(folder: Path) -> dict[str, str]:
    """Copy a frame of a folder under names of its own, and break each copy.

    Returns
    -------
    dict
        Ids of broken frames, and a word that their reasons must have.
    """
    sound = frames_in(folder)
    other = next(one for one in sound if one.name.fid != sound[0].name.fid)
    broken = {}
    for number, (breaks, reason) in enumerate(BREAKS.items()):
        copy = _copied(sound[0], folder, number)
        breaks(copy, other)
        broken[copy.id] = reason
    return broken


def _copied(files: FrameFiles, folder: Path, number: int) -> FrameFiles:
    """Copy a frame to another moment, and to a field without a reference of its own."""
    name = files.name
    field = 900 + number
    copy = files_in(folder, FrameName(name.jd, field, name.fid, name.ccd, name.quadrant))
    for source, target in zip(files.paths, copy.paths, strict=True):
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)
    return copy


def _empty(files: FrameFiles, other: FrameFiles) -> None:
    files.science.write_bytes(b"")


def _garbage(files: FrameFiles, other: FrameFiles) -> None:
    files.science.write_bytes(b"no FITS at all" * 1000)


def _nowhere(files: FrameFiles, other: FrameFiles) -> None:
    with fits.open(files.science, mode="update") as units:
        for card in ("CTYPE1", "CTYPE2"):
            del units[0].header[card]


def _dark(files: FrameFiles, other: FrameFiles) -> None:
    with fits.open(files.science, mode="update") as units:
        units[0].data = np.full_like(units[0].data, np.nan)


def _another_filter(files: FrameFiles, other: FrameFiles) -> None:
    shutil.copy(other.reference, files.reference)


def _cut_off(files: FrameFiles, other: FrameFiles) -> None:
    whole = files.difference.read_bytes()
    files.difference.write_bytes(whole[: len(whole) // 2])


BREAKS = {
    _empty: "is empty",
    _garbage: "not readable as FITS",
    _nowhere: "a WCS that makes no sense",
    _dark: "no pixel with a number",
    _another_filter: "another filter",
    _cut_off: "cut off",
}
