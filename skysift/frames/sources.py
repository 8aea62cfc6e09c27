"""Which frames are asked for: what a folder holds, what a list names, of a night or a window."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from pathlib import Path

from skysift.alerts.frame_name import SHAPE, FrameName
from skysift.frames.ids import FrameFiles, frames_in, quadrants
from skysift.frames.twilight import in_twilight

JULIAN_1970 = 2440587.5
SETTLE_SECONDS = 5.0
"""A frame in a watched folder is looked at once its files have lain unchanged for so long."""

_NIGHT = re.compile(r"\d{8}")
_EXPOSURE = re.compile(r"ztf_\d{14}_\d{6}_z[gri]")


class NoFramesError(ValueError):
    """There is no frame of what was asked for."""


@dataclass(frozen=True)
class Window:
    """Which frames are wanted, by the time at which they were taken.

    Attributes
    ----------
    start, end : float
        Julian dates between which the shutter must have opened, UTC.
    twilight : bool
        Only frames taken in twilight.
    """

    start: float = -math.inf
    end: float = math.inf
    twilight: bool = False

    def of(self, frames: Iterable[str]) -> list[str]:
        """Choose frames by their ids."""
        return [frame for frame in frames if self._has(FrameName.parse(frame).jd)]

    def _has(self, jd: float) -> bool:
        return self.start <= jd < self.end and (not self.twilight or in_twilight(jd))


def night(text: str) -> Window:
    """Make the window of a night, YYYYMMDD: its date, UTC; no night of Palomar has two.

    Raises
    ------
    ValueError
        If it is no date.
    """
    start = julian_date(text)
    return Window(start, start + 1.0)


@dataclass(frozen=True)
class Asked:
    """What a user asked for.

    Attributes
    ----------
    frames : list of str
        Ids.
    here : mapping of str to FrameFiles
        Those that lie in a folder; empty where frames were named, to be fetched.
    """

    frames: list[str]
    here: Mapping[str, FrameFiles]


def asked(target: str | None, ids: Path | None, data: Path, *, twilight: bool = False) -> Asked:
    """Find out which frames are meant.

    Parameters
    ----------
    target : str or None
        A folder, a night (YYYYMMDD), or the id of a frame or an exposure.
    ids : Path or None
        List of frames, see `in_list`; all of it, or what it has of a night.
    data : Path
        Folder that has the frames of a night without a list.
    twilight : bool
        Only frames taken in twilight.

    Raises
    ------
    ValueError
        If nothing is meant, or no frame is there.
    """
    window = Window(twilight=twilight)
    if target is None:
        if ids is None:
            raise ValueError("say what to search: a frame's id, a folder, a night, or --ids FILE")
        return _some(window, in_list(ids), {}, str(ids))
    folder = Path(target)
    if not folder.is_dir() and _NIGHT.fullmatch(target):
        window = replace(night(target), twilight=twilight)
        if ids is not None:
            return _some(window, in_list(ids), {}, str(ids))
        here = in_folder(data)
        return _some(window, here, here, f"{data} of {target}")
    if ids is not None:
        raise ValueError(f"--ids goes with a night, or alone; not with {target}")
    if folder.is_dir():
        here = in_folder(folder)
        return _some(window, here, here, target)
    try:
        return _some(window, _frames(target), {}, target)
    except NoFramesError:
        raise
    except ValueError:
        raise ValueError(
            f"{target!r} is no folder, no night YYYYMMDD, and no frame: an id reads {SHAPE}"
        ) from None


def _some(
    window: Window, frames: Iterable[str], here: Mapping[str, FrameFiles], where: str
) -> Asked:
    wanted = window.of(frames)
    if not wanted:
        kind = "frame taken in twilight" if window.twilight else "frame"
        raise NoFramesError(f"no {kind} in {where}")
    return Asked(wanted, here)


def julian_date(text: str) -> float:
    """Read a time: ``YYYYMMDD``, or ISO 8601 such as ``2024-05-03T04:30``, in UTC.

    Raises
    ------
    ValueError
        If it is none.

    Examples
    --------
    >>> julian_date("20240503"), julian_date("2024-05-03T12:00")
    (2460433.5, 2460434.0)
    """
    iso = f"{text[:4]}-{text[4:6]}-{text[6:]}" if re.fullmatch(r"\d{8}", text) else text
    try:
        moment = datetime.fromisoformat(iso)
    except ValueError:
        raise ValueError(
            f"{text!r} is no time: write YYYYMMDD, or e.g. 2024-05-03T04:30 (UTC)"
        ) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    return moment.timestamp() / 86400 + JULIAN_1970


def in_folder(folder: Path, *, settle: float = 0.0) -> dict[str, FrameFiles]:
    """Find the frames in a folder, by their ids and in the order of these.

    Parameters
    ----------
    folder : Path
        See `ids.frames_in`.
    settle : float
        Leave out those that a file was written of within so many seconds.

    Raises
    ------
    NotADirectoryError
        If there is no such folder.
    """
    latest = time.time() - settle if settle else math.inf
    return {files.id: files for files in frames_in(folder) if _written(files) <= latest}


def in_list(path: Path) -> list[str]:
    """List the frames that a file names: an id a line, or an exposure for all of its quadrants.

    What follows a # is a comment.

    Raises
    ------
    ValueError
        Naming the line that is neither.
    """
    found: list[str] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        text = line.partition("#")[0].strip()
        if not text:
            continue
        try:
            found += list(_frames(text))
        except ValueError as error:
            raise ValueError(f"{path}, line {number}: {error}") from None
    return list(dict.fromkeys(found))


def _frames(text: str) -> Iterator[str]:
    if _EXPOSURE.fullmatch(text):
        for name in quadrants(FrameName.parse(f"{text}_c01_o_q1")):
            yield name.id
    else:
        yield FrameName.parse(text).id


def _written(files: FrameFiles) -> float:
    """When the last of a frame's files was written."""
    return max(path.stat().st_mtime for path in files.paths if path.exists())
